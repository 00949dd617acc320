import type { Limits } from '../core/limits.ts';
import type { Message, Part, Receipt } from '../core/message.ts';
import type { Identity, Network } from '../core/network.ts';
import type { Instant } from '../core/time.ts';

/** How far a network lets us find out, or repeat, what may have landed. */
export interface Reconciling {
  /** Repeating the very same request within this time cannot post twice. Milliseconds since it was first sent; below 0: never. */
  repeatFor: number;
  /** Looks, a minute apart, that must all miss before "it is not there" is believed. */
  looks: number;
  /** After that time and the looks: `send` again (the look is authoritative), or ask a `person`. */
  whenAbsent: 'send' | 'person';
}

export interface PartRequest {
  message: Message;
  index: number;
  part: Part;
  /** Stable for this part of this delivery over all attempts: seeds record keys and idempotency keys. */
  seed: string;
  /** The release's own instant: goes into records, the same on every attempt. */
  createdAt: Instant;
  /** Receipts of the parts before this one; a reply's root and parent. */
  before: Receipt[];
}

export interface OwnPost {
  id: string;
  url: string;
  at: Instant;
  text: string;
  inReplyTo?: string;
}

/**
 * One account on one network. Every method throws PublishError alone.
 * `prepare` may upload and look things up and must be harmless when it is run again; `publish` is the one call that may post.
 */
export interface Publisher {
  readonly account: string;
  readonly network: Network;
  reconciling(): Reconciling;
  /** From the network where it tells, cached. */
  limits(signal: AbortSignal): Promise<Limits>;
  /** Logs in when needed. Also tells how far the network's clock is from ours, in milliseconds, where it sent a Date. */
  identify(signal: AbortSignal): Promise<Identity & { skew?: number }>;
  /** Uploads media, resolves mentions, makes the card, and freezes it all: JSON that survives a restart. */
  prepare(request: PartRequest, signal: AbortSignal): Promise<unknown>;
  /** `mayOpen` is asked right before the socket opens and throws when the claim is no longer ours. */
  publish(payload: unknown, options: { signal: AbortSignal; mayOpen: () => void }): Promise<Receipt>;
  /** What became of a payload that may have been sent: its receipt, or undefined when it is not there. */
  lookUp(payload: unknown, options: { sentAt: Instant; signal: AbortSignal }): Promise<Receipt | undefined>;
  /** The newest own posts, newest first. */
  timeline(limit: number, signal: AbortSignal): Promise<OwnPost[]>;
}

/**
 * not-sent: nothing reached the network (refused connection, DNS, TLS). wait: the network says later (429, 503 before acting).
 * refused: a definite no to this content. signed-out: the credential is no longer good. unknown: it may have landed: reconcile.
 */
export type PublishErrorKind = 'not-sent' | 'wait' | 'refused' | 'signed-out' | 'unknown';

export class PublishError extends Error {
  override name = 'PublishError';
  readonly kind: PublishErrorKind;
  /** For `wait`: not before this instant. */
  readonly until: Instant | undefined;
  constructor(kind: PublishErrorKind, message: string, options: { until?: Instant | undefined; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.until = options.until;
  }
}
