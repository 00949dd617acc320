import type { Instant } from '../core/time.ts';

export interface Clock {
  /** Wall clock, milliseconds since 1970 UTC. */
  now(): Instant;
  /** Milliseconds that never run backwards; the origin means nothing. */
  monotonic(): number;
  /** How many times faster than `monotonic` `now` runs. Absent: as fast. */
  speed?: number;
}

type Speed = Pick<Clock, 'speed'>;

/** How far `now` moves while so much time really passes. */
export const onClock = ({ speed = 1 }: Speed, passes: number): number => passes * speed;

/** How much time really passes while `now` moves so far. */
export const reallyFor = ({ speed = 1 }: Speed, moves: number): number => moves / speed;
