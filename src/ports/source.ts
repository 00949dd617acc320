import type { Post } from '../core/post/post.ts';
import type { Problem } from '../core/problem.ts';
import type { Instant } from '../core/time.ts';

export type ScannedFile = { path: string } & (
  | { kind: 'unchanged' }
  | ScannedPost
  | { kind: 'broken'; problems: Problem[] }
  /** It may be half written: left for the next scan. */
  | { kind: 'unsettled' }
);

/**
 * A file that can be read. What tells files apart is at hand; the post itself is made when it is
 * asked for, since a scan holds thousands of them until it knows which file is which.
 */
export interface ScannedPost {
  kind: 'post';
  mark: string;
  /** By the file itself, or by its name. */
  id: string;
  hasOwnId: boolean;
  hash: string;
  isDraft: boolean;
  /** What messages call the file. */
  file: string;
  notes: Problem[];
  post: () => Post;
}

export interface FolderScan {
  /** `missing`: the folder does not exist; `empty`: it has no posts; `closed`: see `remarks`. */
  folder: 'there' | 'missing' | 'empty' | 'closed';
  /** In the order of their paths. */
  files: ScannedFile[];
  /** What is to be said of folders, and of files that are no posts, by path. */
  remarks: ReadonlyMap<string, Problem[]>;
  /** Folders that cannot be read: what is in them is not gone. */
  closed: string[];
  /** Folders that vanished during the scan: the next one tells what has become of them. */
  vanished: string[];
  /** Folders that hold a `_sequence.yaml`: what is in them is for single people, and no post. */
  sequences: string[];
}

export interface FolderSource {
  /** `marks`: the mark of each file when it was last read, by path. */
  scan(marks: ReadonlyMap<string, string>, now: Instant): Promise<FolderScan>;
}

/** What is stored of a feed between two reads. JSON. */
export interface FeedState {
  etag?: string;
  lastModified?: string;
  /** Keys of items seen, the newest last. */
  seen: string[];
  /** Addresses, and titles with their dates, of those items. */
  marks?: string[];
  /** Keys and marks of the items that became posts. */
  announced?: string[];
  /** The first read of a feed with items has been: what it held then is never posted. */
  isKnown: boolean;
  firstAt?: Instant;
  /** When the items were last read. */
  readAt?: Instant;
  /** So many of its items are new at once that a person is asked. */
  held?: { count: number; of: number };
  /** What the person says: post them, or take them for known. */
  answer?: 'post' | 'skip';
  /** Where the server says that the feed is from now on. */
  movedTo?: string;
  /** Keys of items that cannot be posted as they are. */
  unusable?: string[];
  failures: number;
  checkedAt?: Instant;
  nextAt?: Instant;
  /** How long the feed asks to be left alone, in milliseconds. */
  ttlFor?: number;
  error?: string;
}

export interface FeedLook {
  state: FeedState;
  /** Items that are new, oldest first. */
  posts: Post[];
  /** What makes each of the posts known, by its id. */
  origins: Map<string, FeedOrigin>;
  /** What is to be said about single items. */
  notes: { text: string; isForOperators: boolean }[];
}

export interface FeedOrigin {
  marks: string[];
  /** The last instant that its date may mean. */
  latest?: Instant | undefined;
}

export interface FeedSource {
  url: string;
  /** Under which version 0.1 knew it: with its credentials. */
  formerUrl?: string | undefined;
  /** Where its posts go; absent: everywhere. */
  networks?: string[] | undefined;
  queue?: string | undefined;
  /** Never throws: a feed that cannot be read is a state with an error and a later next read. */
  look(state: FeedState, now: Instant, signal: AbortSignal): Promise<FeedLook>;
}
