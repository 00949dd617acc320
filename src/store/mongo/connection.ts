import { MongoClient, type Collection, type Db } from 'mongodb';
import { databaseOf, mongoDefaults, whereOf } from '../../io/mongo-options.ts';
import { assertVersion, type StoreMode } from '../store-version.ts';
import type { Encoded } from './codec.ts';
import {
  indexCoupons,
  indexPeople,
  type PeopleCollections,
  peopleCollections,
} from './people/people-collections.ts';

/** A delivery and the entries that its journal still lacks: written by one update, moved later. */
export interface DeliveryDocument {
  _id: string;
  delivery: Encoded;
  /** The slot, or the end of time: deliveries without one come last. */
  slotAt: Date;
  outbox?: Encoded[];
  /** Set while there is an outbox: the sparse index finds it after a crash. */
  isPending?: boolean;
  /** Which bulk wrote it last. */
  writtenBy?: string;
}

/** `_id` is the delivery with the instant, or the delivery alone among the latest. */
export type SampleDocument = Encoded & { _id: string; at: Date };

/** `_id` is the code. */
export type LinkDocument = Encoded & { _id: string; delivery: string };

export type ClickDocument = Encoded & { _id: string; count: number };

export interface Mongo extends PeopleCollections {
  client: MongoClient;
  db: Db;
  /** Host and database, for messages. */
  where: string;
  posts: Collection<Encoded & { _id: string }>;
  deliveries: Collection<DeliveryDocument>;
  journal: Collection<Encoded & { _id: string }>;
  facts: Collection<Encoded & { _id: string; revision: number }>;
  samples: Collection<SampleDocument>;
  /** A copy of the newest of each delivery. */
  latestSamples: Collection<SampleDocument>;
  links: Collection<LinkDocument>;
  clicks: Collection<ClickDocument>;
  /** One document, `_id: 'schema'`. */
  meta: Collection<{ _id: string; version: number }>;
}

export function connectMongo(uri: string): Mongo {
  const client = new MongoClient(uri, {
    appName: 'dripline',
    ignoreUndefined: true,
    ...mongoDefaults(uri),
    writeConcern: { w: 'majority', journal: true },
  });
  const db = client.db(databaseOf(uri));
  return {
    client,
    db,
    where: whereOf(client.options, db.databaseName),
    posts: db.collection('posts'),
    deliveries: db.collection('deliveries'),
    journal: db.collection('journal'),
    facts: db.collection('facts'),
    samples: db.collection('samples'),
    latestSamples: db.collection('latest_samples'),
    links: db.collection('links'),
    clicks: db.collection('clicks'),
    ...peopleCollections(db),
    meta: db.collection('meta'),
  };
}

/** Each one may run again: creating an index that exists does nothing. */
const migrations: ((mongo: Mongo) => Promise<unknown>)[] = [
  async ({ deliveries, journal }) => {
    await deliveries.createIndexes([
      { key: { 'delivery.state': 1, 'delivery.rank': 1, _id: 1 } },
      { key: { 'delivery.account': 1, 'delivery.state': 1, 'delivery.rank': 1, _id: 1 } },
      { key: { 'delivery.state': 1, slotAt: 1, _id: 1 } },
      { key: { 'delivery.account': 1, 'delivery.state': 1, slotAt: 1, _id: 1 } },
      { key: { 'delivery.startedAt': -1, _id: 1 } },
      { key: { 'delivery.state': 1, 'delivery.startedAt': -1, _id: 1 } },
      { key: { 'delivery.account': 1, 'delivery.startedAt': -1, _id: 1 } },
      { key: { 'delivery.account': 1, 'delivery.state': 1, 'delivery.startedAt': -1, _id: 1 } },
      { key: { 'delivery.post': 1, _id: 1 } },
      { key: { isPending: 1 }, sparse: true },
    ]);
    await journal.createIndexes([
      { key: { at: 1, writing: 1 } },
      { key: { type: 1, at: 1, writing: 1 } },
      { key: { by: 1, at: 1, writing: 1 } },
      { key: { delivery: 1, at: 1, writing: 1 }, sparse: true },
      { key: { post: 1, at: 1, writing: 1 }, sparse: true },
    ]);
  },
  async ({ deliveries, samples, latestSamples }) => {
    await deliveries.createIndexes([{ key: { 'delivery.measureAt': 1, _id: 1 }, sparse: true }]);
    await samples.createIndexes([
      { key: { delivery: 1, at: 1 } },
      { key: { account: 1, releasedAt: 1 } },
      { key: { releasedAt: 1 } },
    ]);
    await latestSamples.createIndexes([
      { key: { account: 1, releasedAt: 1 } },
      { key: { releasedAt: 1 } },
    ]);
  },
  ({ deliveries }) =>
    deliveries.createIndexes([
      { key: { 'delivery.terms.approval': 1, 'delivery.state': 1, 'delivery.rank': 1, _id: 1 } },
    ]),
  async ({ deliveries, posts }) => {
    await deliveries.createIndexes([
      { key: { 'delivery.terms.isEvergreen': 1, 'delivery.state': 1, 'delivery.rank': 1, _id: 1 } },
    ]);
    await posts.createIndexes([{ key: { source: 1, _id: 1 } }]);
  },
  async ({ links, clicks }) => {
    await links.createIndexes([{ key: { delivery: 1 } }, { key: { createdAt: -1, _id: 1 } }]);
    await clicks.createIndexes([{ key: { delivery: 1, at: 1, kind: 1, counter: 1 } }]);
  },
  indexPeople,
  indexCoupons,
];

export const storeVersion = migrations.length;

/** The version of the store, if it may be used in this mode. Throws StoreError. */
export async function checkMongo(mongo: Mongo, mode: StoreMode): Promise<number> {
  const stored = (await mongo.meta.findOne({ _id: 'schema' }))?.version ?? 0;
  assertVersion({ where: mongo.where, stored, own: storeVersion }, mode);
  return stored;
}

/** Processes that start together do the same work twice, harmlessly; the version only rises. */
export async function migrateMongo(mongo: Mongo): Promise<void> {
  const version = await checkMongo(mongo, 'serve');
  if (version === storeVersion) return;
  for (const migrate of migrations.slice(version)) await migrate(mongo);
  await mongo.meta.updateOne(
    { _id: 'schema' },
    { $max: { version: storeVersion } },
    { upsert: true },
  );
}
