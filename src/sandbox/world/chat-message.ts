import type { Instant } from '../../core/time.ts';

/** Between two people of a network, and for nobody else. */
export interface ChatMessage {
  id: string;
  from: string;
  to: string;
  text: string;
  at: Instant;
}
