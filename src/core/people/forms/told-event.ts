import type { Instant } from '../../time.ts';

/** What a shop tells of a person. */
export interface ToldEvent {
  /** The shop's own: told again it counts once. */
  id: string;
  person: { mail: string } | { id: string };
  /** `bought`, or a name of its own. */
  event: string;
  /** When it happened; absent: now. */
  at?: Instant;
  /** What it came with. */
  data?: Record<string, string>;
}
