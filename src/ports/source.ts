import type { Post } from '../core/post/post.ts';
import type { Problem } from '../core/problem.ts';
import type { Instant } from '../core/time.ts';

export type ScannedFile = { path: string } & (
  | { kind: 'unchanged' }
  | { kind: 'post'; mark: string; post: Post; hasOwnId: boolean; notes: Problem[] }
  | { kind: 'broken'; problems: Problem[] }
  /** Somebody may still be writing it: the next scan will tell. */
  | { kind: 'unsettled' }
);

export interface FolderScan {
  /** `missing`: the folder is not there; `empty`: it has no posts. */
  folder: 'there' | 'missing' | 'empty';
  /** In the order of their paths. */
  files: ScannedFile[];
}

export interface FolderSource {
  /** `marks`: what each file looked like when it was last read, by path. */
  scan(marks: ReadonlyMap<string, string>, now: Instant): Promise<FolderScan>;
}

/** What is remembered of a feed between two looks. JSON. */
export interface FeedState {
  etag?: string;
  lastModified?: string;
  /** Keys of items seen, the newest last. */
  seen: string[];
  /** The first look has been: what stood there then is never posted. */
  isKnown: boolean;
  failures: number;
  checkedAt?: Instant;
  nextAt?: Instant;
  /** How long the feed itself asks to be left alone, in milliseconds. */
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
  /** Never throws: a feed that cannot be read is a state with an error and a later next look. */
  look(state: FeedState, now: Instant, signal: AbortSignal): Promise<FeedLook>;
}
