import type { Network } from '../network/network.ts';
import type { Message, Receipt } from '../post/message.ts';
import type { Instant } from '../time.ts';
import type { Reason } from './reason.ts';
import type { Terms } from './terms.ts';

/*
 * The states of a delivery, and who moves it from one to the next. Every arrow is a function of
 * `moves.ts` or of `release-moves.ts`; nothing else makes a delivery.
 *
 *   new ──► queued ◄──────────────────────────────────────────────────┐
 *             │ ▲                                                      │
 *    planner  ▼ │ no slot any more                                     │ requeued: `retry`, `move`,
 *           planned ◄──► waiting (approval, budget, after, held …)     │ `now`, a corrected or
 *             │  │                                                     │ restored file
 *             │  └── planner ──► missed, expired ──────────────────────┤
 *             │  └── a person ─► skipped, withdrawn ───────────────────┤
 *    claimed  ▼                                                        │
 *          releasing ── nothing was sent, or try later ────────────────┘
 *             │  ▲  └── the network refuses ─► failed ── requeued; with parts out: continued ──┐
 *             │  └────────────────────────────────────────────────────────────────────────────┘
 *             │     └── no one can tell ─────► uncertain ── `settle`: released, requeued, continued
 *             ▼ every part has its receipt
 *          released ── measured until its numbers rest ── its follow-up decided once
 */
export const states = [
  'waiting',
  'queued',
  'planned',
  'releasing',
  'released',
  'failed',
  'skipped',
  'missed',
  'expired',
  'withdrawn',
  'uncertain',
] as const;
export type State = (typeof states)[number];

/** No worker has it in hand yet: the planner may move these. */
export const openStates = ['waiting', 'queued', 'planned'] as const satisfies State[];
export type OpenState = (typeof openStates)[number];

export const isOpen = (state: State): state is OpenState =>
  (openStates as readonly State[]).includes(state);

/** Not published, and at an end that a person or a corrected file can take back. */
export const stuckStates = [
  'failed',
  'missed',
  'expired',
  'skipped',
  'withdrawn',
] as const satisfies State[];

/** Nothing of it is published, and it may be some day: what its file says concerns it. */
export const isPending = ({ state, receipts }: Pick<Delivery, 'state' | 'receipts'>): boolean =>
  receipts.length === 0 && [...openStates, ...stuckStates].some((one) => one === state);

export interface Claim {
  /** The worker: unique for each start of a process. */
  by: string;
  /** The fencing number: rises with every claim of this delivery. */
  fence: number;
  until: Instant;
}

/** One attempt at one part, written before the socket opens. `payload` is what will be sent. */
export interface Sending {
  part: number;
  at: Instant;
  payload: unknown;
  /** What came of it, where that does not tell whether it landed. */
  answer?: Answer;
}

/** The network's words about one attempt. */
export interface Answer {
  said: string;
  /** It refused a first attempt since it has the text already: that is a no, if it is not ours. */
  isDuplicate?: true;
}

/** All that is needed to find out what became of a release. */
export interface Intent {
  at: Instant;
  /** Every part, frozen; an edit of the file no longer reaches it. */
  message: Message;
  postHash: string;
  /** The part under way, absent between parts. */
  sending?: Sending;
  /** The parts without receipt are to be composed again: the network had refused what they said. */
  isReopened?: true;
}

/** What the follow-ups of a delivery came to: at most one is published. */
export interface Followed {
  at: Instant;
  /** In words, for people. */
  text: string;
  /** The rule that held, counted from 1, and the delivery that it sent; both absent: none did. */
  rule?: number;
  delivery?: string;
}

/** What every delivery has, in whatever state. */
interface Common {
  /** `hello@bsky`, `hello~2@bsky` for an evergreen's second run. */
  id: string;
  post: string;
  run: number;
  account: string;
  network: Network;
  /** Named queue. */
  queue?: string;
  /** Sort key in the queue: lower goes first. Made and read by `rank.ts` alone. */
  rank: string;
  terms: Terms;
  /** The text that was approved. */
  approvedHash?: string;
  /** A command's instant (`now`, `move`): kept to the minute, over the file's own date. */
  pinnedAt?: Instant;
  /** Earlier attempts that certainly did not land, since the last success or edit. */
  attempts: number;
  fence: number;
  /** One for each part that is out; their number is the index of the next part. */
  receipts: Receipt[];
  /** Searches on the network that did not find it, since the claim was given up. */
  looks: number;
  createdAt: Instant;
  /** Rises with every write; every write names the one that it saw. */
  revision: number;
}

/** The slot that the planner gave. */
interface Slot {
  at?: Instant;
  /** The opening of the cadence that the slot takes, where it has one. */
  openingAt?: Instant;
  why?: string;
}

export interface Waiting extends Common {
  state: 'waiting';
  reason: string;
  because?: Reason;
  retryAt?: Instant;
}

export interface Queued extends Common {
  state: 'queued';
  /** Why it has no slot yet, or what the last attempt came to. */
  reason?: string;
  because?: Reason;
  retryAt?: Instant;
}

export interface Planned extends Common, Slot {
  state: 'planned';
  at: Instant;
  retryAt?: Instant;
}

/**
 * Between claim and last receipt. Without a claim no worker has it: it is reconciled from `lookAt`
 * on. Then either something may have landed that has to be searched for, or a thread whose last
 * part is known goes on.
 */
export interface Releasing extends Common, Slot {
  state: 'releasing';
  /** When the release began: what `perDay` and `minGap` count. */
  startedAt: Instant;
  claim?: Claim;
  intent?: Intent;
  lookAt?: Instant;
  /** How often a part was sent again because nothing of it was found. */
  repeats?: number;
  retryAt?: Instant;
  /** What the last attempt came to. */
  reason?: string;
}

export interface Released extends Common, Slot {
  state: 'released';
  startedAt: Instant;
  intent?: Intent;
  reason?: string;
  /** When its numbers are read next; absent: never again. */
  measureAt?: Instant;
  /** Reads, one after the other, at which the network said that it is not there. */
  misses?: number;
  /** It was deleted on the network: noticed then. */
  goneAt?: Instant;
  /** Its follow-ups are settled; absent: they are not, or there are none. */
  followed?: Followed;
}

/** A definite no. With receipts it is a broken thread, which keeps what it takes to continue it. */
export interface Failed extends Common {
  state: 'failed';
  reason: string;
  /** The network refused it definitely: an edited file may queue it again. */
  isRefused: boolean;
  startedAt?: Instant;
  openingAt?: Instant;
  intent?: Intent;
}

export interface Ended extends Common {
  state: 'skipped' | 'missed' | 'expired' | 'withdrawn';
  reason?: string;
  because?: Reason;
  /** A person withdrew or skipped it: a file that comes back does not undo that. */
  byPerson?: boolean;
}

/** It may or may not be out: a person has to look. */
export interface Uncertain extends Common, Slot {
  state: 'uncertain';
  startedAt: Instant;
  reason: string;
  intent?: Intent;
}

type Shape = Waiting | Queued | Planned | Releasing | Released | Failed | Ended | Uncertain;
type Fields<T> = T extends unknown ? keyof T : never;
/** Fields of other states may be read, and are undefined. */
type WithoutOthers<T> = T extends unknown
  ? T & { [K in Exclude<Fields<Shape>, keyof T>]?: undefined }
  : never;

/** One run of one post going to one account. */
export type Delivery = WithoutOthers<Shape>;

export type InState<S extends State> = Extract<Delivery, { state: S }>;

export function deliveryId(post: string, account: string, run = 1): string {
  return run === 1 ? `${post}@${account}` : `${post}~${run}@${account}`;
}
