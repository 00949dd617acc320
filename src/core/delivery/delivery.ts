import type { Message, Receipt } from '../post/message.ts';
import type { FollowUp } from '../post/post.ts';
import type { Network } from '../network/network.ts';
import type { Instant } from '../time.ts';

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

/** Not yet handed to anybody: the planner may move these. */
export const openStates = ['waiting', 'queued', 'planned'] as const satisfies State[];

export interface Claim {
  /** The worker: unique for each start of a process. */
  by: string;
  /** Rises with every claim of this delivery. */
  fence: number;
  until: Instant;
}

/**
 * One attempt at one part, written before the socket opens. `payload` is what the publisher will
 * send, frozen.
 */
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

/** What the post says about when, copied here so that planning reads deliveries alone. */
export interface Terms {
  /** Of the post, as last read. */
  hash: string;
  pin?: { at: Instant } | { date: string };
  /**
   * The file's date over which a later word of a person went: an edit that leaves it as it is does
   * not bring it back.
   */
  overruledPin?: { at: Instant } | { date: string };
  notBefore?: Instant;
  expires?: Instant;
  after?: { post: string; delayFor: number };
  feed?: { url: string; perDay: number };
  /**
   * It goes out because of another delivery, in this relation to it. `else`: what becomes of it
   * where the network allows no such relation.
   */
  followUp?: FollowUpTerms;
  approval?: boolean;
  /** Whose touches it counts towards. */
  campaign?: string;
  isEvergreen?: boolean;
  /** Its file is broken, a draft, or gone: it stays where it is until that is mended. */
  heldBecause?: string;
}

export interface FollowUpTerms {
  /** The delivery that it follows. */
  of: string;
  as: FollowUp['as'];
  else: 'post' | 'skip';
  /** The rule's `after`, and the end of its `within`. */
  notBefore: Instant;
  expires?: Instant;
}

/** What the follow-ups of a delivery came to: at most one goes out. */
export interface Followed {
  at: Instant;
  /** In words, for people. */
  text: string;
  /** The rule that held, counted from 1, and the delivery that it sent; both absent: none did. */
  rule?: number;
  delivery?: string;
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
  terms: Terms;
  /** The slot, while planned. */
  at?: Instant;
  /** The opening of the cadence that the slot takes, where it has one. */
  openingAt?: Instant;
  why?: string;
  /** A command's word (`now`, `move`): obeyed to the minute, over the file's own date. */
  pinnedAt?: Instant;
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
  /** Times that a part was sent again since nothing of it was found. */
  repeats?: number;
  /** The text that was approved. */
  approvedHash?: string;
  /** The network refused it definitely: an edited file may queue it again. */
  isRefused?: boolean;
  /** A person withdrew or skipped it: a file that comes back does not undo that. */
  byPerson?: boolean;
  /** When its numbers are looked at next; absent: never again. */
  measureAt?: Instant;
  /** Looks, one after the other, at which the network said that it is not there. */
  misses?: number;
  /** It was deleted on the network: noticed then. */
  goneAt?: Instant;
  /** Its follow-ups are settled; absent: they are not, or there are none. */
  followed?: Followed;
  createdAt: Instant;
  /** Rises with every write; every write names the one that it saw. */
  revision: number;
}

export function deliveryId(post: string, account: string, run = 1): string {
  return run === 1 ? `${post}@${account}` : `${post}~${run}@${account}`;
}

/** Where the queue puts it: by weight, then by path. */
export function rankOf(weight: number, order: string): string {
  return `m${String(weight + 1_000_000).padStart(7, '0')} ${order}`;
}

/** A person's word on the order outlives an edit of the file; later words win. */
export const rankAtTop = (at: Instant): string => `a${String(9e15 - at)}`;
export const rankAtBottom = (at: Instant): string => `y${String(at).padStart(16, '0')}`;
/** A follow-up is worth little later: it goes before what is merely next. */
export const rankForFollowUp = (at: Instant): string => `b${String(at).padStart(16, '0')}`;
/** Evergreen comes after everything fresh. */
export const rankForRun = (dueAt: Instant): string => `z${String(dueAt).padStart(16, '0')}`;
export const isRankedByPerson = (rank: string): boolean => /^[ay]/.test(rank);

export const isOpen = (state: State): boolean => (openStates as readonly State[]).includes(state);

export function overrulePin(terms: Terms): Terms {
  const { pin, ...rest } = terms;
  return pin === undefined ? rest : { ...rest, overruledPin: pin };
}

/** The terms of an edited file, less the date that was overruled. */
export function keepOverruled(terms: Terms, before: Terms): Terms {
  const isSame =
    before.overruledPin !== undefined &&
    JSON.stringify(before.overruledPin) === JSON.stringify(terms.pin);
  return isSame ? overrulePin(terms) : terms;
}

/** Back in the queue, or at an end: the slot and what was said of it are gone. */
export function withoutSlot(before: Delivery, state: Delivery['state'], reason?: string): Delivery {
  const { at: _at, openingAt: _opening, why: _why, reason: _reason, ...rest } = before;
  return { ...rest, state, ...(reason === undefined ? {} : { reason }) };
}
