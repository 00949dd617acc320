import type { Instant } from '../../core/time.ts';
import type { Link } from './link-rules.ts';

/** Who may publish there; the network's own credentials come beside these. */
export interface PersonBase {
  handle: string;
  name?: string;
  followers?: number;
}

export interface Counts {
  likes: number;
  reposts: number;
  replies: number;
  quotes: number;
  views: number;
}

/** What differs between the local networks besides their APIs. */
export interface NetworkRow {
  /** Who the network says that a person is, from the hash of network and handle. */
  idOf(digest: Buffer): string;
  /** Of a person in the audience. */
  handleOf(name: string): string;
  /** The id of what this author wrote under its own key. */
  postId(author: string, own: string): string;
  ids: IdRules;
  /** How interest dies away: a quick share with a half-life, and a slow rest. Hours. */
  decay: { slow: number; half: number; tail: number };
  /** What one like brings along, on average. */
  echoes: { reposts: number; replies: number; quotes: number };
  /** What its readers see as a link. */
  findLinks(text: string): Link[];
  /** The counts that it shows, in their order and in its words. */
  shown: [keyof Counts, string][];
  /**
   * The paths of a person and of a post on the sandbox's own page; `own` is the post's id without
   * its author. Each network has a form of its own, which is also how the page reads them.
   */
  paths: { person: (handle: string) => string; post: (handle: string, own: string) => string };
  /** What its own machines ask of each link in a post, as soon as it is there. */
  crawlers: Crawler[];
  /** Its colour, in CSS. */
  mark: string;
}

export interface Crawler {
  method: 'GET' | 'HEAD';
  /** Absent: it does not say. */
  agent?: string;
}

/** Ids that carry the clock. */
export interface IdRules {
  /** `mark` tells apart what has the same instant. */
  at(instant: Instant, mark: number): bigint;
  write(value: bigint): string;
  /** Absent: its ids are not counted up from those that stand in the file. */
  read?(id: string): bigint;
}
