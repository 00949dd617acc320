import type { Instant } from '../../core/time.ts';

/** Someone else, as the network tells. */
export interface ReplyAuthor {
  /** The same for the same person, whichever account of ours they speak to. */
  id: string;
  /** The display name, as they wrote it. */
  name?: string;
  /** It says of itself that it is a program. */
  isBot?: true;
}

/** What someone else wrote to an account of ours: an answer to a post of it, or to it alone. */
export interface PersonReply {
  id: string;
  /** What it was first, where an edit has made another of it. */
  firstId?: string;
  url: string;
  at: Instant;
  /** The handle. */
  by: string;
  author: ReplyAuthor;
  text: string;
  /** BCP 47. */
  lang?: string;
  /** The id of our post; absent: it answers none. */
  inReplyTo?: string;
  /** Nobody else can read it. */
  isPrivate?: true;
  /** Bluesky's hash of the record, and where its conversation begins. */
  cid?: string;
  root?: { id: string; cid: string };
}
