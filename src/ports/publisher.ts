import type { Counts } from '../core/engagement.ts';
import type { Limits } from '../core/network/limits.ts';
import type { Message, Part, Receipt } from '../core/post/message.ts';
import type { Identity, Network } from '../core/network/network.ts';
import type { Instant } from '../core/time.ts';
import type { Chat } from './people/chat.ts';
import type { PersonReply } from './people/person-reply.ts';

/** How a network lets us find out whether a request was executed, or repeat it. */
export interface Reconciling {
  /**
   * Repeating the very same request within this time cannot post twice. Milliseconds since it was
   * first sent; below 0: never.
   */
  repeatFor: number;
  /** Lookups, a minute apart, that must all find nothing before the post counts as absent. */
  looks: number;
  /** After the lookups: `send` again (they are authoritative), or ask a `person`. */
  whenAbsent: 'send' | 'person';
}

export interface PartRequest {
  message: Message;
  index: number;
  part: Part;
  /**
   * The same for this part of this delivery on every attempt: record keys and idempotency keys are
   * derived from it.
   */
  seed: string;
  /** The release's own instant: goes into records, the same on every attempt. */
  createdAt: Instant;
  /**
   * Receipts of what stands before this part, from the root of the conversation to its parent:
   * earlier parts, and what a follow-up answers.
   */
  before: Receipt[];
  /** What `uploads` made of the part's moving pictures, by their place in its media. */
  uploads?: ReadonlyMap<number, unknown>;
  /** Takes what the author should know of a part that goes out anyway. */
  note?: (text: string) => void;
}

/** How far a network is with a video or an animation that it got. */
export interface Upload {
  /** The network's own words for it, as JSON: a media id, a job, a blob. */
  token: unknown;
  /** It is processed: `prepare` may use the token. */
  isReady: boolean;
  /** Where it is not ready: not to be asked for before this instant. */
  lookAt?: Instant;
  /** The network forgets it then, where no post uses it. */
  expiresAt?: Instant;
}

export interface UploadRequest {
  medium: Part['media'][number];
  /** BCP 47: of its captions. */
  lang?: string;
}

/** Videos and animations, sent before anything is claimed. */
export interface Uploads {
  /**
   * Does not wait for the processing. Run again it leaves an upload that nothing uses. `refused`:
   * the network does not take the file.
   */
  send(request: UploadRequest, signal: AbortSignal): Promise<Upload>;
  /** How far the network is now. `refused`: its processing has failed for good. */
  look(token: unknown, signal: AbortSignal): Promise<Upload>;
}

export interface TimelineWanted {
  limit: number;
  /** Older ones are left out. */
  since?: Instant;
  /** However many replies stand between them, to others or in a thread. */
  withoutReplies?: boolean;
}

export interface OwnPost {
  id: string;
  url: string;
  at: Instant;
  text: string;
  inReplyTo?: string;
}

/**
 * The result of measuring. The network gave no answer for receipts that are in neither: a gap, not
 * a zero.
 */
export interface Measured {
  /** By receipt id. */
  counts: Map<string, Counts>;
  /** Ids of posts that do not exist according to the network. */
  absent: string[];
}

/** What a login does not show, as far as the network reveals it. */
export interface Abilities {
  /** Why the credential cannot publish; absent: it can, or no one knows. */
  lacks?: string;
  /** Absent: it is not known. */
  takesQuotes?: boolean;
}

export interface PublishOptions {
  signal: AbortSignal;
  /** Called right before the socket opens; throws where the claim is no longer ours. */
  mayOpen: () => void;
}

export interface LookUpOptions {
  sentAt: Instant;
  /**
   * Asked about what says the same: whether it is a receipt already, of whichever delivery. It is
   * not the one that is looked for then. Absent: none is.
   */
  isTaken?: (id: string) => Promise<boolean>;
  signal: AbortSignal;
}

/**
 * One account on one network. Methods only throw PublishError.
 * `prepare` may upload and look things up and must be harmless when it is run again; `publish` is
 * the one call that may post.
 */
export interface Publisher {
  readonly account: string;
  readonly network: Network;
  /** For this payload: a repost may be repeated where a post may not. */
  reconciling(payload?: unknown): Reconciling;
  /** As the network reports them, cached. */
  limits(signal: AbortSignal): Promise<Limits>;
  /**
   * Logs in when needed. Also tells how far the network's clock is from ours, in milliseconds,
   * where it sent a Date. A look that is `isRoutine` may be refused for its price.
   */
  identify(
    signal: AbortSignal,
    options?: { isRoutine?: boolean },
  ): Promise<Identity & { skew?: number }>;
  /** For `check` and `accounts`; absent where the login says it all. */
  abilities?(signal: AbortSignal): Promise<Abilities>;
  /** Why the card of this address will show no more than its host; undefined: it is well. */
  noteCard?(url: string, signal: AbortSignal): Promise<string | undefined>;
  /** For what moves; absent: the network takes pictures alone. */
  uploads?: Uploads;
  /**
   * Uploads pictures, resolves mentions, makes the card, and freezes it all: JSON that survives a
   * restart.
   */
  prepare(request: PartRequest, signal: AbortSignal): Promise<unknown>;
  /** `prepare` would ask nobody for this part: it may run before the delivery is claimed. */
  preparesAlone(request: PartRequest): boolean;
  publish(payload: unknown, options: PublishOptions): Promise<Receipt>;
  /** The receipt of a payload that may have been sent; undefined: there is no such post. */
  lookUp(payload: unknown, options: LookUpOptions): Promise<Receipt | undefined>;
  /** The newest own posts, newest first. */
  timeline(wanted: TimelineWanted, signal: AbortSignal): Promise<OwnPost[]>;
  /** The current counts of own posts, in as few requests as the network allows. */
  measure(receipts: Receipt[], signal: AbortSignal): Promise<Measured>;
  /**
   * What others wrote to us since an instant, oldest first: answers to our posts, and what only we
   * can read.
   */
  replies(since: Instant, signal: AbortSignal): Promise<PersonReply[]>;
  /** Messages apart from posts; absent: the network has none, or they are posts there. */
  chat?: Chat;
  /** How many follow the account; undefined where the network does not say. */
  followers(signal: AbortSignal): Promise<number | undefined>;
}

/**
 * not-sent: nothing reached the network (refused connection, DNS, TLS). wait: the network asks to
 * come back later (429, 503 before acting). refused: this content is rejected for good. signed-out:
 * the credential is not valid. unknown: the request may have been executed: reconcile.
 */
export type PublishErrorKind = 'not-sent' | 'wait' | 'refused' | 'signed-out' | 'unknown';

interface PublishErrorOptions {
  /** What to do about it, as a sentence without a full stop: the message ends with it. */
  advice?: string | undefined;
  status?: number | undefined;
  until?: Instant | undefined;
  isRelationRefused?: boolean;
  isDuplicate?: boolean;
  isOverBudget?: boolean;
  isUploadLost?: boolean;
  cause?: unknown;
}

export class PublishError extends Error {
  override name = 'PublishError';
  readonly kind: PublishErrorKind;
  /** The message without the advice. */
  readonly said: string;
  /** Of the HTTP answer, where there was one. */
  readonly status: number | undefined;
  /** For `wait`: not before this instant. */
  readonly until: Instant | undefined;
  /** For `refused`: only the reply, quote or repost is; the text alone might be accepted. */
  readonly isRelationRefused: boolean;
  /** The account has this text already, says the network: from this request or from another. */
  readonly isDuplicate: boolean;
  /** For `wait`: nothing was asked, since the account's budget has no room for it. */
  readonly isOverBudget: boolean;
  /** For `not-sent`: the network has no more what was uploaded, so that it has to be sent again. */
  readonly isUploadLost: boolean;
  constructor(kind: PublishErrorKind, said: string, options: PublishErrorOptions = {}) {
    const {
      advice,
      status,
      until,
      isRelationRefused = false,
      isDuplicate = false,
      isOverBudget = false,
      isUploadLost = false,
      cause,
    } = options;
    super(advice === undefined ? said : `${said}. ${advice}`, { cause });
    this.kind = kind;
    this.said = said;
    this.status = status;
    this.until = until;
    this.isRelationRefused = isRelationRefused;
    this.isDuplicate = isDuplicate;
    this.isOverBudget = isOverBudget;
    this.isUploadLost = isUploadLost;
  }
}
