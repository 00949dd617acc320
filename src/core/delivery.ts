import type { Message, Receipt } from './message.ts';
import type { Network } from './network.ts';
import type { Instant } from './time.ts';

export const states = [
  'waiting', 'queued', 'planned', 'releasing', 'released',
  'failed', 'skipped', 'missed', 'expired', 'withdrawn', 'uncertain',
] as const;
export type State = (typeof states)[number];

/** Not yet handed to anybody: the planner may move these. */
export const openStates = ['waiting', 'queued', 'planned'] as const satisfies State[];

export interface Claim {
  /** The worker: unique for each start of a process. */
  by: string;
  /** Rises with every claim of this delivery. */
  fence: number;
  until: Instant;
}

/** One attempt at one part, written before the socket opens. `payload` is what the publisher will send, frozen. */
export interface Sending {
  part: number;
  at: Instant;
  payload: unknown;
}

/** All that is needed to find out what became of a release. */
export interface Intent {
  at: Instant;
  /** Every part, frozen; an edit of the file no longer reaches it. */
  message: Message;
  postHash: string;
  /** The part under way, absent between parts. */
  sending?: Sending;
}

/** One run of one post going to one account. */
export interface Delivery {
  /** `hello@bsky`, `hello~2@bsky` for an evergreen's second run. */
  id: string;
  post: string;
  run: number;
  account: string;
  network: Network;
  state: State;
  /** In words; always there for waiting, failed, missed, expired, withdrawn and uncertain. */
  reason?: string;
  /** Named queue. */
  queue?: string;
  /** Sort key in the queue: lower goes first. */
  rank: string;
  /** The slot, while planned. */
  at?: Instant;
  why?: string;
  /** The user's own word (a pin, `now`, `move`): obeyed to the minute. */
  pinnedAt?: Instant;
  /** `now` was said: no window or gap holds it. */
  isUrgent?: boolean;
  /** Earlier attempts that certainly did not land, since the last success or edit. */
  attempts: number;
  retryAt?: Instant;
  claim?: Claim;
  fence: number;
  /** When the release began: what `perDay` and `minGap` count. */
  startedAt?: Instant;
  intent?: Intent;
  receipts: Receipt[];
  /** Looks at the network that did not find it, since the claim was given up. */
  looks: number;
  lookAt?: Instant;
  /** The text that was approved. */
  approvedHash?: string;
  /** The network refused it definitely: an edited file may queue it again. */
  isRefused?: boolean;
  /** A person withdrew or skipped it: a file that comes back does not undo that. */
  byPerson?: boolean;
  createdAt: Instant;
  /** Rises with every write; every write names the one that it saw. */
  revision: number;
}

export function deliveryId(post: string, account: string, run = 1): string {
  return run === 1 ? `${post}@${account}` : `${post}~${run}@${account}`;
}
