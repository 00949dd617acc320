import type { Act, ActKind } from '../../core/people/act.ts';
import type { Coupon } from '../../core/people/coupons/coupon.ts';
import type { StepLink } from '../../core/clicks/click.ts';
import type { Consent, Suppression } from '../../core/people/consent.ts';
import type { Dispatch, DispatchState } from '../../core/people/dispatch.ts';
import type { Enrolment, EnrolmentState } from '../../core/people/enrolment.ts';
import type { Medium, Person, PersonStatus } from '../../core/people/person.ts';
import type { JournalEntry } from '../../core/journal.ts';
import type { Instant } from '../../core/time.ts';

export interface PeopleQuery {
  status?: PersonStatus;
  /** Who is or was in it. */
  sequence?: string;
  /** The beginning of an address, a handle, a name or an id; any case. */
  text?: string;
  /** Goes on behind this one: the newest first. */
  after?: Pick<Person, 'createdAt' | 'id'>;
  limit: number;
}

export interface EnrolmentQuery {
  person?: string;
  sequence?: string;
  states?: readonly EnrolmentState[];
  /** `nextAt` at or before this. */
  dueBy?: Instant;
  /** `nextAt`: what is due first, of those that have one; else by id. Ties by id. */
  order?: 'id' | 'nextAt';
  /** Ids behind this one; only by id. */
  after?: string;
  limit?: number;
}

export interface DispatchQuery {
  person?: string;
  sequence?: string;
  enrolment?: string;
  medium?: Medium;
  states?: readonly DispatchState[];
  /** `at` at or before this. */
  dueBy?: Instant;
  /** `sentAt` at or after this. */
  sentSince?: Instant;
  /** The claim's end at or before this. */
  claimedUntil?: Instant;
  /**
   * `at`: the oldest first; `-sentAt`: the newest first, of those that were sent; else by id. Ties
   * by id.
   */
  order?: 'id' | 'at' | '-sentAt';
  limit?: number;
}

export interface ActQuery {
  person: string;
  kinds?: readonly ActKind[];
  /** At or after this. */
  since?: Instant;
  /** The newest first. */
  limit?: number;
}

/** How many enrolments of a sequence are in a state, the holdout apart. */
export interface EnrolmentCount {
  sequence: string;
  state: EnrolmentState;
  isHoldout: boolean;
  count: number;
}

export interface DispatchCount {
  sequence: string;
  step: string;
  state: DispatchState;
  count: number;
}

/** One decision about one person, written whole or not at all. */
export interface PeopleChange {
  enrolment?: { before: Enrolment; after: Enrolment };
  person?: { before: Person; after: Person };
  /** An existing dispatch; a new one has no `before`, and nothing happens where its id exists. */
  dispatch?: { before?: Dispatch; after: Dispatch };
  entries?: JournalEntry[];
}

/** The bytes of what is sent to somebody. */
export interface Body {
  person: string;
  hash: string;
  bytes: Uint8Array;
}

/** What is kept, as an export moves it. */
export interface PeopleRecords {
  person: Person;
  consent: Consent;
  suppression: Suppression;
  act: Act;
  enrolment: Enrolment;
  dispatch: Dispatch;
  coupon: Coupon;
  body: Body;
}

/** Persons come before what is theirs. */
export const peopleRecordKinds = [
  'person',
  'consent',
  'suppression',
  'act',
  'enrolment',
  'dispatch',
  'coupon',
  'body',
] as const satisfies (keyof PeopleRecords)[];
export type PeopleRecordKind = (typeof peopleRecordKinds)[number];

export interface RecordPage<K extends PeopleRecordKind> {
  kind: K;
  /** The last one of the page before. */
  after?: PeopleRecords[K] | undefined;
  limit: number;
}

/**
 * Persons and what becomes of them. Nothing is kept of somebody who is not there: such consents,
 * acts, enrolments, dispatches and bodies are left out. The keys of a person's addresses
 * (`keyOfAddress`) have one owner each. Every change carries the revision that it was made from,
 * and is refused where another writer was faster.
 */
export interface PeopleStore {
  /** False where the id or one of the addresses belongs to somebody already. */
  addPerson(person: Person): Promise<boolean>;
  findPerson(id: string): Promise<Person | undefined>;
  /** In the order of the ids. */
  findPersons(ids: readonly string[]): Promise<Person[]>;
  findPersonByAddress(addressKey: string): Promise<Person | undefined>;
  /** Undefined: another writer was faster, or an address belongs to somebody else. */
  changePerson(before: Person, after: Person): Promise<Person | undefined>;
  listPeople(query: PeopleQuery): Promise<Person[]>;
  countPeople(query: Pick<PeopleQuery, 'status'>): Promise<number>;
  /**
   * The person, its consents, acts, enrolments, dispatches and their bodies. Stops stay, and links
   * lead on, to an address without anything of the person. Nobody finds the person from the first
   * write on; a start goes on with what was interrupted.
   */
  forgetPerson(id: string): Promise<boolean>;
  /** Ids of those whose forgetting was interrupted, and has not been gone on with. */
  listHalfForgotten(): Promise<string[]>;
  /**
   * Those who came before then, without a sign of life and without a consent since; the longest
   * silent first.
   */
  listSilent(since: Instant, limit: number): Promise<string[]>;

  /** Ignores those whose id exists. */
  addConsents(consents: readonly Consent[]): Promise<void>;
  /** Sets what is confirmed, once: false where it was, or is not there. */
  confirmConsent(id: string, confirmed: { at: Instant; from?: string }): Promise<boolean>;
  findConsent(id: string): Promise<Consent | undefined>;
  /** Oldest first. */
  listConsents(person: string): Promise<Consent[]>;

  /** One for each hash and purpose: the newest stands. */
  addSuppressions(stops: readonly Suppression[]): Promise<void>;
  /** Those that still are exactly as given; whatever was written since stays. */
  removeSuppressions(stops: readonly Suppression[]): Promise<void>;
  listSuppressions(hashes: readonly string[]): Promise<Suppression[]>;

  /** Ignores those whose id was seen; returns the ids that are new. */
  addActs(acts: readonly Act[]): Promise<string[]>;
  /** The newest first. */
  listActs(query: ActQuery): Promise<Act[]>;

  /** False where it exists, or where another run of the person in the sequence is live. */
  addEnrolment(enrolment: Enrolment, entries?: JournalEntry[]): Promise<boolean>;
  findEnrolment(id: string): Promise<Enrolment | undefined>;
  listEnrolments(query: EnrolmentQuery): Promise<Enrolment[]>;
  countEnrolments(sequence?: string): Promise<EnrolmentCount[]>;

  findDispatch(id: string): Promise<Dispatch | undefined>;
  /** By our own Message-ID, or the one that the server gave. */
  findDispatchByMessage(messageId: string): Promise<Dispatch | undefined>;
  listDispatches(query: DispatchQuery): Promise<Dispatch[]>;
  countDispatches(sequence?: string): Promise<DispatchCount[]>;

  /** True: all of it is written, each with revision + 1. */
  change(change: PeopleChange): Promise<boolean>;

  /**
   * The code that the person has of the file from now on: this one, or the one that it had before.
   * Undefined: it was given out to somebody else, or the person is not there. A code that was given
   * out stays so when its person is forgotten.
   */
  reserveCoupon(coupon: Required<Coupon>): Promise<string | undefined>;
  /** By file. */
  listCoupons(person: string): Promise<Coupon[]>;
  /** Which of these keys (`keyOfCode`) of a file were given out. */
  listUsedCodes(file: string, keys: readonly string[]): Promise<string[]>;

  /** The same twice is one, for each person; with it the links that stand in it. */
  putBody(body: Body, links?: readonly StepLink[]): Promise<void>;
  findBody(hash: string): Promise<Uint8Array | undefined>;

  /** All of one kind, in an order that is the same in every store. */
  listRecords<K extends PeopleRecordKind>(page: RecordPage<K>): Promise<PeopleRecords[K][]>;
  /** As they are, revisions too; leaves alone what is there. */
  addRecords<K extends PeopleRecordKind>(kind: K, records: PeopleRecords[K][]): Promise<void>;
}
