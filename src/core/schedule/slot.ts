import type { Reason } from '../delivery/reason.ts';
import type { Instant } from '../time.ts';

/** The instant that the plan gives to a delivery. */
export interface Slot {
  delivery: string;
  at: Instant;
  /** The opening of the cadence that it takes; absent for a pin. */
  openingAt?: Instant;
  why: string;
}

/** No slot: `because` is for the program, `reason` for people. */
export interface Unplaced {
  delivery: string;
  state: 'waiting' | 'queued' | 'missed' | 'expired';
  because: Reason;
  reason: string;
}

export interface Schedule {
  /** Oldest first. */
  slots: Slot[];
  unplaced: Unplaced[];
}
