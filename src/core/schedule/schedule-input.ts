import type { Held } from '../delivery/reason.ts';
import type { Cadence, QueueCadence } from './cadence.ts';
import type { Pace } from './pace.ts';
import type { Instant } from '../time.ts';

/** A delivery that is not out yet, as the schedule sees it. */
export interface Candidate {
  delivery: string;
  queue?: string;
  /** The user's own word, to the minute. */
  pinnedAt?: Instant;
  /** Said by a command rather than by the file. */
  isSaid?: boolean;
  /** The user's own word: any slot of this local date. */
  pinnedDate?: string;
  notBefore?: Instant;
  expires?: Instant;
  retryAt?: Instant;
  after?: { delivery: string; post: string; delayFor: number; releasedAt?: Instant };
  /** A feed's own share. */
  feed?: { url: string; perDay: number };
  /**
   * It follows another post: it takes no opening of the cadence but room between them, up to the
   * ceiling.
   */
  isFollowUp?: boolean;
  /** Does not go by cadence whatever the queue says; the reason is shown. */
  held?: Held;
}

export interface Past {
  at: Instant;
  /**
   * The opening that it took, where it was moved behind another release; absent: none but its own
   * instant.
   */
  openingAt?: Instant;
  queue?: string;
  feed?: string;
  isFollowUp?: boolean;
  /** Somebody else posted: others keep their distance, and it counts for nothing. */
  isByHand?: boolean;
}

export interface ScheduleInput {
  account: string;
  now: Instant;
  /** How far ahead slots are given. */
  until: Instant;
  /** Slots before this are not made up for: the moment of resuming. */
  freshFrom: Instant;
  /** The network asked us to wait, or cannot be reached: nothing before this. */
  notBefore?: Instant;
  cadence: Cadence;
  perDay: number;
  /** What engagement has taught; absent: `perDay` is kept, and slots are spread evenly. */
  pace?: Pace;
  /** The most releases a day, follow-ups included. */
  ceiling: number;
  queues: Record<string, QueueCadence>;
  /** Releases of this account that count today and before. */
  past: Past[];
  /** In the queue's order. */
  candidates: Candidate[];
}
