import type { Instant } from '../core/time.ts';

export interface Clock {
  /** Wall clock, milliseconds since 1970 UTC. */
  now(): Instant;
  /** Milliseconds that never run backwards; the origin means nothing. */
  monotonic(): number;
}
