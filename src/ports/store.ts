import type { Sample } from '../core/engagement.ts';
import type { Delivery, State } from '../core/delivery/delivery.ts';
import type { EntryType, JournalEntry } from '../core/journal.ts';
import type { Post } from '../core/post/post.ts';
import type { Instant } from '../core/time.ts';

/** A post as kept. `mark` lets a rescan pass over unchanged files without reading them. */
export interface StoredPost {
  id: string;
  /** Path inside its source. */
  path: string;
  source: string;
  hash: string;
  /** Bytes and modification time of every file that the post is made of, as one string. */
  mark: string;
  /** Its file has vanished; absent: it is there. */
  goneAt?: Instant;
  /** The front matter names the id itself, rather than the file name. */
  hasOwnId: boolean;
  post: Post;
}

export type PostMark = Omit<StoredPost, 'post'>;

export interface DeliveryQuery {
  ids?: string[];
  post?: string;
  account?: string;
  states?: readonly State[];
  /** `at` at or before this. */
  dueBy?: Instant;
  /** `at` at or after this. */
  dueFrom?: Instant;
  /** `startedAt` at or after this. */
  startedSince?: Instant;
  /** `measureAt` at or before this. */
  measureBy?: Instant;
  /** Of posts that want approval, whether they have it or not. */
  wantsApproval?: true;
  /** Runs of evergreen posts alone. */
  isEvergreen?: true;
  /**
   * `rank`: the queue's order; `at`: the slot; `-startedAt`: the newest release first; `measureAt`:
   * what is to be measured first. Always ties by id. Default `rank`.
   */
  order?: 'rank' | 'at' | '-startedAt' | 'measureAt';
  limit?: number;
  /** Leaves out so many at the beginning; wants a limit. */
  skip?: number;
}

export interface JournalQuery {
  since?: Instant;
  /** At or before this. */
  until?: Instant;
  delivery?: string;
  post?: string;
  by?: string;
  types?: readonly EntryType[];
  /** The newest so many; the answer is oldest first all the same. */
  limit?: number;
}

export interface SampleQuery {
  delivery?: string;
  account?: string;
  /** Of deliveries that were released at or after this. */
  releasedSince?: Instant;
  /** The newest of each delivery alone. */
  isLatest?: boolean;
}

export interface Change {
  before: Delivery;
  after: Delivery;
}

/** A small fact with a name: the pause, an account's identity, a feed's state, a lease. JSON. */
export interface Fact<T = unknown> {
  key: string;
  value: T;
  revision: number;
}

/**
 * The truth. Every write is durable when its promise resolves. Errors: StoreError when it cannot be
 * reached or written (full, read-only); nothing is half-written. Entries given with a change stand
 * in the journal exactly if the change does.
 */
export interface Store extends AsyncDisposable {
  readonly kind: 'sqlite' | 'mongodb';

  savePosts(posts: StoredPost[]): Promise<void>;
  findPost(id: string): Promise<StoredPost | undefined>;
  findPosts(ids: string[]): Promise<StoredPost[]>;
  listPostMarks(): Promise<PostMark[]>;

  /** Adds those whose id is new and leaves the others alone; returns the ids that were added. */
  addDeliveries(deliveries: Delivery[], entries?: JournalEntry[]): Promise<string[]>;
  findDelivery(id: string): Promise<Delivery | undefined>;
  listDeliveries(query: DeliveryQuery): Promise<Delivery[]>;
  countDeliveries(query: DeliveryQuery): Promise<number>;
  /**
   * Writes `after` if the stored revision is still `before.revision`, with revision + 1; undefined
   * if somebody was faster.
   */
  changeDelivery(
    before: Delivery,
    after: Delivery,
    entries?: JournalEntry[],
  ): Promise<Delivery | undefined>;
  /** Many such changes, each on its own; returns the ids that were changed. */
  changeDeliveries(changes: Change[]): Promise<string[]>;

  /** One for each delivery and instant: written twice it stands once. */
  addSamples(samples: Sample[]): Promise<void>;
  /** Oldest release first, each delivery's samples oldest first. */
  listSamples(query: SampleQuery): Promise<Sample[]>;

  /** Entries whose id is already there are passed over. */
  appendJournal(entries: JournalEntry[]): Promise<void>;
  /** Oldest first, by instant and then by order of writing. */
  listJournal(query: JournalQuery): Promise<JournalEntry[]>;

  findFact<T>(key: string): Promise<Fact<T> | undefined>;
  listFacts<T>(prefix: string): Promise<Fact<T>[]>;
  /** Writes if the stored revision is this one (0: not there yet); false if somebody was faster. */
  putFact(key: string, value: unknown, revision: number): Promise<boolean>;
  removeFact(key: string, revision: number): Promise<boolean>;

  /** A consistent copy while it runs. */
  backup(file: string): Promise<void>;
  /**
   * How far the store's clock is ahead of ours, in milliseconds: only where it has one of its own,
   * and tells.
   */
  skew?(): Promise<number | undefined>;
}

/**
 * unavailable: try again later. full, read-only: a person has to make room or mend rights. newer:
 * made by a newer Dripline. absent, old: serve has not made or migrated it yet.
 */
export type StoreErrorKind =
  | 'unavailable'
  | 'full'
  | 'read-only'
  | 'newer'
  | 'absent'
  | 'old'
  | 'broken';

export class StoreError extends Error {
  override name = 'StoreError';
  readonly kind: StoreErrorKind;
  constructor(kind: StoreErrorKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}
