import type { Post } from '../core/post/post.ts';
import type { Problem } from '../core/problem.ts';
import type { Instant } from '../core/time.ts';

export type ScannedFile = { path: string } & (
  | { kind: 'unchanged' }
  | { kind: 'post'; mark: string; post: Post; hasOwnId: boolean; notes: Problem[] }
  | { kind: 'broken'; problems: Problem[] }
  /** It may be half written: left for the next scan. */
  | { kind: 'unsettled' }
);

export interface FolderScan {
  /** `missing`: the folder does not exist; `empty`: it has no posts. */
  folder: 'there' | 'missing' | 'empty';
  /** In the order of their paths. */
  files: ScannedFile[];
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
  /** The first read has been: what the feed held then is never posted. */
  isKnown: boolean;
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
}

export interface FeedSource {
  url: string;
  /** Never throws: a feed that cannot be read is a state with an error and a later next read. */
  look(state: FeedState, now: Instant, signal: AbortSignal): Promise<FeedLook>;
}
