import type { Held } from '../delivery/reason.ts';
import type { Cadence, QueueCadence } from './cadence.ts';
import type { Pace } from './pace.ts';
import type { Instant } from '../time.ts';

/** A delivery that is not released yet, as the schedule sees it. */
export interface Candidate {
  delivery: string;
  queue?: string;
  /** Set by the user, to the minute. */
  pinnedAt?: Instant;
  /** Pinned by a command rather than by the file. */
  isSaid?: boolean;
  /** Set by the user: any slot of this local date. */
  pinnedDate?: string;
  notBefore?: Instant;
  expires?: Instant;
  retryAt?: Instant;
  after?: { delivery: string; post: string; delayFor: number; releasedAt?: Instant };
  /** A feed's share. */
  feed?: { url: string; perDay: number };
  /**
   * It follows another post: it takes room between the openings of the cadence, up to the ceiling.
   */
  isFollowUp?: boolean;
  /** The slot that it shares with its post's other accounts. */
  common?: { at: Instant; why: string };
  /** Gets no slot, for this reason. */
  held?: Held;
}

export interface Past {
  at: Instant;
  /**
   * The opening that it took, where it was moved behind another release; absent: its own instant.
   */
  openingAt?: Instant;
  queue?: string;
  feed?: string;
  isFollowUp?: boolean;
  /** It took no opening, but a slot that it shared with its post's other accounts. */
  isCommon?: boolean;
  /** Posted outside Dripline: others keep their distance, but it takes no slot. */
  isByHand?: boolean;
}

export interface ScheduleInput {
  account: string;
  now: Instant;
  /** How long ago a pin or a slot may have passed that is still released. Absent: `graceFor`. */
  graceFor?: number;
  /** Slots are given up to this instant. */
  until: Instant;
  /** Missed slots before this, the moment of resuming, are not caught up. */
  freshFrom: Instant;
  /** No slot before this: the network asked us to wait, or cannot be reached. */
  notBefore?: Instant;
  cadence: Cadence;
  perDay: number;
  /** Learned from engagement; absent: `perDay` slots, spread evenly. */
  pace?: Pace;
  /** The most releases a day, follow-ups included. */
  ceiling: number;
  queues: Record<string, QueueCadence>;
  /** Releases of this account that count today and before. */
  past: Past[];
  /** In the queue's order. */
  candidates: Candidate[];
}
