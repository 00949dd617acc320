import type { Network } from '../network/network.ts';
import type { Instant } from '../time.ts';

/** What is not a still picture. */
export type Moves = 'video' | 'gif';

export interface MediaRef {
  /** As written in the front matter. */
  src: string;
  /** Absolute path, inside the posts or the media folder. */
  file: string;
  alt: string;
  /** Absent: a still picture. */
  moves?: Moves;
  /** Where it does not fit a network, it is made to fit with ffmpeg. */
  transcode?: true;
  /** Absolute path of a WebVTT file beside a video. */
  captions?: string;
  /** Point of interest, each from -1 to 1; [0, 0] is the middle. */
  focus?: [number, number];
  /** The part of the thread in whose text it is written, from 0; absent: the first. */
  part?: number;
}

/** What differs on one network. */
export interface NetworkOverride {
  skip?: boolean;
  /** Parts that replace the post's own. */
  parts?: string[];
  /** Bluesky: self-labels. */
  labels?: string[];
  /** Mastodon. */
  visibility?: 'public' | 'unlisted' | 'private' | 'direct';
}

/**
 * What is published after a post, depending on its numbers. Times count from the post's release.
 */
export interface FollowUp {
  /** The condition as written; absent for `otherwise`. */
  when?: string;
  otherwise?: boolean;
  /** It is published no earlier than this. */
  afterFor?: number;
  /** How long the condition is waited for. */
  withinFor?: number;
  as: 'reply' | 'quote' | 'repost' | 'post';
  /** What happens where the network allows no reply, quote or repost. Default: skip. */
  else?: 'post' | 'skip';
  /** Plain text of each part; absent where `post` names another file. */
  parts?: string[];
  /** The id of another file's post. */
  post?: string;
  followUps?: FollowUp[];
}

export interface Evergreen {
  everyFor: number;
  times?: number;
  until?: Instant;
  variants: string[];
}

/**
 * One authored piece, from a file or a feed, before it meets an account. Durations end in `For` and
 * are milliseconds.
 */
export interface Post {
  id: string;
  /** `folder`, or the address of the feed. */
  source: string;
  /** What messages call it: `posts/010-launch.md`, or the item's link. */
  file: string;
  /** SHA-256 over everything that decides what is posted and when. */
  hash: string;
  title?: string;
  draft: boolean;
  /** Networks or account names; absent: all accounts. */
  networks?: string[];
  campaign?: string;
  /** A named queue; `none`: never by cadence. */
  queue?: string;
  /** Set by the user: this minute, or any slot of this day (`YYYY-MM-DD`). */
  pin?: { at: Instant } | { date: string };
  timezone?: string;
  notBefore?: Instant;
  expires?: Instant;
  weight: number;
  /** Sorts posts of one weight: the path inside the folder. */
  order: string;
  approval: boolean;
  /** On all accounts at one time; absent: as the cadence says. */
  together?: boolean;
  hashtags: string[];
  link?: string;
  card: boolean;
  media: MediaRef[];
  lang?: string;
  cw?: string;
  thread: 'manual' | 'auto' | 'off';
  /** Plain text of each part, variables not yet filled in. */
  parts: string[];
  overrides: Partial<Record<Network, NetworkOverride>>;
  /** Parts that replace all others on one account, by its name. */
  accountParts?: Record<string, string[]>;
  after?: { post: string; delayFor: number };
  followUps: FollowUp[];
  evergreen?: Evergreen;
  params: Record<string, string>;
  /** A feed's own share of releases a day. */
  feedPerDay?: number;
}
