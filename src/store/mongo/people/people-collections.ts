import type { Binary, Collection, Db } from 'mongodb';
import type { Encoded } from '../codec.ts';

/** A write of a change that is decided. */
export interface PendingWrite {
  to: 'enrolments' | 'dispatches';
  _id: string;
  /** The revision that it replaces; absent: it is new. */
  before?: number;
  fields: Encoded;
}

export interface Pending {
  writes: PendingWrite[];
  entries: Encoded[];
}

/**
 * A person, and the change of what is theirs that is decided but not yet everywhere. Of somebody
 * who was forgotten only the id is left for a while.
 */
export interface PersonDocument {
  _id: string;
  doc?: string;
  revision?: number;
  status?: string;
  createdAt?: Date;
  aliveAt?: Date;
  /** Absent where there is none: an index takes an empty list for a value. */
  addressKeys?: string[];
  terms?: string[];
  sequences?: string[];
  /** Rises with each decision about what is theirs. */
  turn?: number;
  pending?: Pending;
  /** Set while there is a pending change: the sparse index finds it after a crash. */
  isPending?: true;
  forgottenAt?: Date;
  isForgetting?: true;
}

export interface TheirDocument {
  _id: string;
  person: string;
  doc: string;
}
export type SaidDocument = TheirDocument & { at: Date; kind?: string; confirmedAt?: Date };
export type EnrolmentDocument = TheirDocument & Encoded & { revision: number };
export type DispatchDocument = TheirDocument & Encoded & { revision: number };

export interface SuppressionDocument {
  _id: string;
  hash: string;
  purpose: string;
  at: Date;
  because: string;
}

export interface BodyDocument {
  _id: string;
  hash: string;
  person: string;
  bytes: Binary | Uint8Array;
}

export interface CouponDocument {
  _id: string;
  file: string;
  key: string;
  code: string;
  /** Absent: somebody who was forgotten. */
  person?: string;
  /** Of the file and the person. */
  owner?: string;
  at: Date;
}

export interface PeopleCollections {
  people: Collection<PersonDocument>;
  consents: Collection<SaidDocument>;
  suppressions: Collection<SuppressionDocument>;
  acts: Collection<SaidDocument>;
  enrolments: Collection<EnrolmentDocument>;
  dispatches: Collection<DispatchDocument>;
  coupons: Collection<CouponDocument>;
  bodies: Collection<BodyDocument>;
}

export const peopleCollections = (db: Db): PeopleCollections => ({
  people: db.collection('people'),
  consents: db.collection('consents'),
  suppressions: db.collection('suppressions'),
  acts: db.collection('acts'),
  enrolments: db.collection('enrolments'),
  dispatches: db.collection('dispatches'),
  coupons: db.collection('coupons'),
  bodies: db.collection('bodies'),
});

export async function indexPeople(all: PeopleCollections): Promise<void> {
  await all.people.createIndexes([
    { key: { addressKeys: 1 }, unique: true, sparse: true },
    { key: { createdAt: -1, _id: -1 } },
    { key: { status: 1, createdAt: -1, _id: -1 } },
    { key: { sequences: 1, createdAt: -1, _id: -1 } },
    { key: { sequences: 1, status: 1, createdAt: -1, _id: -1 } },
    { key: { terms: 1 } },
    { key: { aliveAt: 1, _id: 1 } },
    { key: { isPending: 1 }, sparse: true },
    { key: { forgottenAt: 1 }, sparse: true },
  ]);
  await all.consents.createIndexes([{ key: { person: 1, at: 1, _id: 1 } }]);
  await all.suppressions.createIndexes([{ key: { hash: 1, purpose: 1 } }]);
  await all.acts.createIndexes([
    { key: { person: 1, at: -1, _id: 1 } },
    { key: { person: 1, kind: 1, at: -1, _id: 1 } },
  ]);
  await all.enrolments.createIndexes([
    { key: { liveKey: 1 }, unique: true, sparse: true },
    { key: { person: 1, _id: 1 } },
    { key: { nextAt: 1, _id: 1 }, sparse: true },
    { key: { state: 1, nextAt: 1, _id: 1 } },
    { key: { sequence: 1, nextAt: 1, _id: 1 } },
    { key: { sequence: 1, _id: 1 } },
    { key: { sequence: 1, state: 1, _id: 1 } },
    { key: { sequence: 1, state: 1, isHoldout: 1 } },
    { key: { state: 1, _id: 1 } },
  ]);
  await indexDispatches(all);
  await all.bodies.createIndexes([{ key: { hash: 1, person: 1 } }, { key: { person: 1 } }]);
}

export const indexCoupons = ({ coupons }: PeopleCollections): Promise<unknown> =>
  coupons.createIndexes([
    { key: { owner: 1 }, unique: true, sparse: true },
    { key: { person: 1, file: 1 }, sparse: true },
    { key: { file: 1, key: 1 } },
  ]);

const indexDispatches = ({ dispatches }: PeopleCollections) =>
  dispatches.createIndexes([
    { key: { person: 1, _id: 1 } },
    { key: { person: 1, sentAt: -1, _id: 1 } },
    { key: { enrolment: 1, _id: 1 } },
    { key: { medium: 1, state: 1, at: 1, _id: 1 } },
    { key: { state: 1, at: 1, _id: 1 } },
    { key: { state: 1, _id: 1 } },
    { key: { sequence: 1, state: 1, at: 1, _id: 1 } },
    { key: { sequence: 1, step: 1, state: 1 } },
    { key: { sentAt: -1, _id: 1 }, sparse: true },
    { key: { medium: 1, sentAt: -1, _id: 1 } },
    { key: { sequence: 1, sentAt: -1, _id: 1 } },
    { key: { claimEndsAt: 1, _id: 1 }, sparse: true },
    { key: { messageId: 1 }, sparse: true },
    { key: { serverId: 1 }, sparse: true },
  ]);
