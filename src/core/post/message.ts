import type { CountedLink } from '../clicks/counted-link.ts';
import type { MediaRef, Moves } from './post.ts';
import type { Network } from '../network/network.ts';
import type { Instant } from '../time.ts';

/**
 * A file made ready for one network, within its limits: a picture is upright and without metadata.
 */
export interface Rendition {
  /** Absent: a still picture. */
  moves?: Moves;
  /** Absolute path in the data folder. */
  path: string;
  sha256: string;
  mime: string;
  width: number;
  height: number;
  bytes: number;
  /** Of what moves, in milliseconds. */
  runsFor?: number;
}

/** One message of a thread, as it will be on the network. */
export interface Part {
  text: string;
  media: (MediaRef & { rendition?: Rendition })[];
}

/** A post composed for one account: everything decided, nothing sent. */
export interface Message {
  account: string;
  network: Network;
  parts: Part[];
  /** BCP 47. */
  lang?: string;
  /** Content warning. */
  cw?: string;
  visibility?: 'public' | 'unlisted' | 'private' | 'direct';
  /** Bluesky self-labels. */
  labels?: string[];
  /**
   * The link whose card the first part shows; only where the network takes a card from us
   * (Bluesky).
   */
  card?: string;
  /** The post's link, where it is counted. */
  counted?: CountedLink;
  /**
   * Where it is a follow-up: what it answers (the conversation's posts, from the root to the one
   * that is answered), quotes or reposts.
   */
  relation?: Relation;
}

export type Relation =
  | { as: 'reply'; conversation: Receipt[] }
  | { as: 'quote' | 'repost'; of: Receipt };

/** What a network answered for one part. `cid` is Bluesky's hash of the record. */
export interface Receipt {
  id: string;
  url: string;
  at: Instant;
  cid?: string;
}
