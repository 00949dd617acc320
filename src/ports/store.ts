import type { ClickCount, ClickKind, Link } from '../core/clicks/click.ts';
import type { Sample } from '../core/engagement.ts';
import type { Delivery, State } from '../core/delivery/delivery.ts';
import type { EntryType, JournalEntry } from '../core/journal.ts';
import type { Post } from '../core/post/post.ts';
import type { Instant } from '../core/time.ts';
import type { PeopleStore } from './people/people-store.ts';

/** A post as kept. `mark` lets a rescan skip unchanged files without reading them. */
export interface StoredPost {
  id: string;
  /** Path inside its source. */
  path: string;
  source: string;
  hash: string;
  /** Bytes and modification time of every file that the post is made of, as one string. */
  mark: string;
  /** Since when its file is missing. */
  goneAt?: Instant;
  /** The front matter names the id itself, rather than the file name. */
  hasOwnId: boolean;
  post: Post;
}

export type PostMark = Omit<StoredPost, 'post'>;

export interface DeliveryQuery {
  ids?: string[];
  post?: string;
  posts?: string[];
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
  /** Only runs of evergreen posts. */
  isEvergreen?: true;
  /**
   * `rank`: the queue's order; `at`: the slot; `-startedAt`: the newest release first; `measureAt`:
   * the earliest measurement first. Always ties by id. Default `rank`.
   */
  order?: 'rank' | 'at' | '-startedAt' | 'measureAt';
  limit?: number;
  /** Skips so many at the beginning; needs a limit. */
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
  /** The newest so many; the answer is oldest first anyway. */
  limit?: number;
}

export interface SampleQuery {
  delivery?: string;
  account?: string;
  /** Of deliveries that were released at or after this. */
  releasedSince?: Instant;
  /** Only the newest of each delivery. */
  isLatest?: boolean;
}

export interface LinkQuery {
  deliveries?: readonly string[];
  /** The newest so many, the newest first; else by their code. */
  newest?: number;
  /** By their code: those behind this one, so many at most. */
  page?: { after: string; limit: number };
}

export interface ClickSum {
  delivery: string;
  kind: ClickKind;
  count: number;
}

/** One step of removing what is old. */
export interface Removal {
  /** Where the step before ended. */
  from: Instant;
  before: Instant;
  /** So many are looked at, at most. */
  limit: number;
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
 * The source of truth. Every write is durable when its promise resolves. Throws StoreError where it
 * cannot be reached or written (full, read-only); nothing is half-written. Entries that are given
 * with a change are written exactly if the change is.
 */
export interface Store extends AsyncDisposable {
  readonly kind: 'sqlite' | 'mongodb';

  savePosts(posts: StoredPost[]): Promise<void>;
  findPost(id: string): Promise<StoredPost | undefined>;
  findPosts(ids: string[]): Promise<StoredPost[]>;
  /** By id: those of one source, or of all. */
  listPostMarks(source?: string): Promise<PostMark[]>;
  /** At most so many ids before, and as many from this one on, in their order. */
  listIdsNear(id: string, limit: number): Promise<string[]>;

  /** Adds those whose id is new and leaves the others alone; returns the ids that were added. */
  addDeliveries(deliveries: Delivery[], entries?: JournalEntry[]): Promise<string[]>;
  findDelivery(id: string): Promise<Delivery | undefined>;
  listDeliveries(query: DeliveryQuery): Promise<Delivery[]>;
  countDeliveries(query: DeliveryQuery): Promise<number>;
  /** Of these, a run of a post counts once, on however many accounts. With a limit: of so many. */
  countRuns(query: DeliveryQuery): Promise<number>;
  /** The names of all accounts that have deliveries, whatever became of them. */
  listAccounts(): Promise<string[]>;
  /**
   * Writes `after` with revision + 1 if the stored revision is still `before.revision`; undefined
   * if another writer was faster.
   */
  changeDelivery(
    before: Delivery,
    after: Delivery,
    entries?: JournalEntry[],
  ): Promise<Delivery | undefined>;
  /** Many such changes, each on its own; returns the ids that were changed. */
  changeDeliveries(changes: Change[]): Promise<string[]>;

  /** Idempotent: there is one for each delivery and instant. */
  addSamples(samples: Sample[]): Promise<void>;
  /** Oldest release first, each delivery's samples oldest first. */
  listSamples(query: SampleQuery): Promise<Sample[]>;

  /**
   * Removes those of deliveries that were released in that time, but for the newest of each;
   * returns from where the next step goes on, undefined at the end.
   */
  removeSamples(step: Removal): Promise<Instant | undefined>;

  /** Ignores entries whose id exists already. */
  appendJournal(entries: JournalEntry[]): Promise<void>;
  /** Oldest first, by instant and then by order of writing. */
  listJournal(query: JournalQuery): Promise<JournalEntry[]>;

  /**
   * Removes entries of other types than these; returns from where the next step goes on, undefined
   * at the end.
   */
  removeEntries(step: Removal, kept: readonly EntryType[]): Promise<Instant | undefined>;

  /** Adds those whose code is new and leaves the others alone. Nothing ever removes a link. */
  addLinks(links: readonly Link[]): Promise<void>;
  findLink(code: string): Promise<Link | undefined>;
  listLinks(query: LinkQuery): Promise<Link[]>;
  /** Idempotent: of each delivery, instant, kind and counter the highest number stands. */
  putClicks(counts: readonly ClickCount[]): Promise<void>;
  /** By delivery, instant, kind and counter; of these deliveries, or of all. */
  listClicks(deliveries?: readonly string[]): Promise<ClickCount[]>;
  /** Over all time, without `unique`. */
  sumClicks(deliveries?: readonly string[]): Promise<ClickSum[]>;

  readonly people: PeopleStore;

  findFact<T>(key: string): Promise<Fact<T> | undefined>;
  listFacts<T>(prefix: string): Promise<Fact<T>[]>;
  /**
   * Writes if the stored revision is this one (0: none yet); false if another writer was faster.
   */
  putFact(key: string, value: unknown, revision: number): Promise<boolean>;
  removeFact(key: string, revision: number): Promise<boolean>;

  /** A consistent copy of itself while it runs; absent: it is not one file. */
  backup?(file: string, facts?: Readonly<Record<string, unknown>>): Promise<void>;
  /**
   * How far the store's clock is ahead of ours, in milliseconds; only where it has a clock of its
   * own and reports it.
   */
  skew?(): Promise<number | undefined>;
  /**
   * For how long nothing was answered although it was asked, in milliseconds; only where a
   * connection may be lost.
   */
  silentFor?(): number;
}

/**
 * unavailable: try again later. full, read-only: a person has to make room or fix permissions.
 * newer: made by a newer Dripline. absent, old: serve has not made or migrated it yet.
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
