import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MongoClient } from 'mongodb';
import { describe, expect, inject, test } from 'vitest';
import { storeVersion as mongoVersion } from '../../src/store/mongo/connection.ts';
import { storeVersion as sqliteVersion } from '../../src/store/sqlite/migrations.ts';
import { makeDispatch, makeEnrolment, makePerson } from './people-kit.ts';
import { makeDelivery, makeEntry, makePlace, makePost, type Place } from './kit.ts';

/** What each version of the store added: without it, the store is one of the version before. */
const sqliteBack: Record<number, string> = {
  7: 'DROP TABLE coupons;',
  6: `DROP TABLE people; DROP TABLE people_addresses; DROP TABLE people_terms;
      DROP TABLE people_sequences; DROP TABLE consents; DROP TABLE suppressions; DROP TABLE acts;
      DROP TABLE enrolments; DROP TABLE enrolment_counts; DROP TABLE dispatches;
      DROP TABLE dispatch_counts; DROP TABLE bodies;`,
  5: 'DROP TABLE links; DROP TABLE clicks;',
  4: 'DROP INDEX posts_marks; DROP INDEX deliveries_evergreen;',
  3: 'DROP INDEX deliveries_approval;',
  2: `DROP INDEX deliveries_measure; ALTER TABLE deliveries DROP COLUMN measure_at;
      DROP TABLE samples; DROP TABLE latest_samples;`,
};

const people = ['people', 'consents', 'suppressions', 'acts', 'enrolments', 'dispatches', 'bodies'];

const mongoBack: Record<number, [collection: string, indexes: string[] | 'all'][]> = {
  7: [['coupons', 'all']],
  6: people.map((name) => [name, 'all']),
  5: [
    ['links', 'all'],
    ['clicks', 'all'],
  ],
  4: [
    ['deliveries', ['delivery.terms.isEvergreen_1_delivery.state_1_delivery.rank_1__id_1']],
    ['posts', ['source_1__id_1']],
  ],
  3: [['deliveries', ['delivery.terms.approval_1_delivery.state_1_delivery.rank_1__id_1']]],
  2: [
    ['deliveries', ['delivery.measureAt_1__id_1']],
    ['samples', 'all'],
    ['latest_samples', 'all'],
  ],
};

const from = (least: number, own: number) =>
  Array.from({ length: own - least + 1 }, (_, i) => own - i);

function readSqlite({ target }: Place) {
  using database = new DatabaseSync(join(target.dataFolder, 'dripline.db'));
  const names = database.prepare('SELECT name FROM sqlite_schema ORDER BY name').all();
  const columns = database.prepare("SELECT name FROM pragma_table_info('deliveries')").all();
  return JSON.stringify([names, columns]);
}

function takeBackSqlite({ target }: Place, version: number) {
  using database = new DatabaseSync(join(target.dataFolder, 'dripline.db'));
  for (const one of from(version + 1, sqliteVersion)) database.exec(sqliteBack[one] ?? '');
  database.exec(`PRAGMA user_version = ${version}`);
}

async function onMongo<T>({ target }: Place, work: (client: MongoClient) => Promise<T>) {
  await using client = new MongoClient(target.uri ?? '');
  return await work(client);
}

const collections = [
  'posts',
  'deliveries',
  'journal',
  'facts',
  'samples',
  'latest_samples',
  'links',
  'clicks',
  'coupons',
  ...people,
];

const readMongo = (place: Place) =>
  onMongo(place, async (client) => {
    const names: string[] = [];
    for (const one of collections) {
      const indexes = await client
        .db()
        .collection(one)
        .indexes()
        .catch(() => []);
      names.push(...indexes.map(({ name }) => `${one} ${name}`));
    }
    return JSON.stringify(names.sort());
  });

const takeBackMongo = (place: Place, version: number) =>
  onMongo(place, async (client) => {
    const db = client.db();
    for (const one of from(version + 1, mongoVersion))
      for (const [name, indexes] of mongoBack[one] ?? [])
        if (indexes === 'all') await db.collection(name).drop();
        else for (const index of indexes) await db.collection(name).dropIndex(index);
    await db
      .collection<{ _id: string; version: number }>('meta')
      .updateOne({ _id: 'schema' }, { $set: { version } });
  });

interface Kind {
  open: () => Promise<Place>;
  own: number;
  read: (place: Place) => Promise<string> | string;
  takeBack: (place: Place, version: number) => Promise<void> | void;
}

/** Opens a store that is as that version had left it. */
async function openEarlier({ open, own, read, takeBack }: Kind, version: number) {
  await using place = await open();
  {
    await using store = await place.open();
    await store.savePosts([makePost('a')]);
    const terms = { hash: 'h', approval: true };
    await store.addDeliveries([makeDelivery('a', { account: 'x', terms })], [makeEntry('one')]);
    await store.putFact('k', { v: 1 }, 0);
  }
  const fresh = await read(place);
  await takeBack(place, version);
  if (version < own) expect(await read(place)).not.toBe(fresh);

  // Only the service brings a store to its version.
  await expect(place.open('beside')).rejects.toMatchObject({ kind: 'old' });
  {
    await using store = await place.open();
    expect(await store.findPost('a')).toMatchObject({ id: 'a' });
    expect(await store.findDelivery('a@x')).toMatchObject({ revision: expect.any(Number) });
    expect(await store.listDeliveries({ wantsApproval: true, states: ['queued'] })).toHaveLength(1);
    expect((await store.listJournal({})).map(({ id }) => id)).toEqual(['one']);
    expect(await store.findFact('k')).toMatchObject({ value: { v: 1 } });
    const sample = { account: 'x', network: 'x' as const, delivery: 'a@x', post: 'a' };
    await store.addSamples([{ ...sample, releasedAt: 1, at: 2, counts: { likes: 1 } }]);
    expect(await store.listSamples({ account: 'x', isLatest: true })).toHaveLength(1);
    const enrolment = makeEnrolment('welcome', 'p-a');
    expect(await store.people.addPerson(makePerson('p-a'))).toBe(true);
    expect(await store.people.addEnrolment(enrolment)).toBe(true);
    const dispatch = { after: makeDispatch(enrolment, 'one') };
    expect(await store.people.change({ dispatch })).toBe(true);
    expect(await store.people.countDispatches()).toHaveLength(1);
  }
  expect(await read(place)).toBe(fresh);
  await using again = await place.open('beside');
  expect(await again.findPost('a')).toMatchObject({ id: 'a' });
}

const sqlite: Kind = {
  open: () => makePlace(),
  own: sqliteVersion,
  read: readSqlite,
  takeBack: takeBackSqlite,
};

test('each version of the store has its way back here', () => {
  const versions = Object.keys(sqliteBack).map(Number);
  expect(versions).toEqual(from(2, sqliteVersion).toSorted((a, b) => a - b));
  expect(Object.keys(mongoBack).map(Number)).toEqual(
    from(2, mongoVersion).toSorted((a, b) => a - b),
  );
});

test.each(from(1, sqliteVersion - 1))(
  'on SQLite a store of version %i is brought to this one, with all that is in it',
  (version) => openEarlier(sqlite, version),
);

const uri = inject('mongoUri');

describe.skipIf(!uri)(
  'on MongoDB (skipped where there is none: set MONGODB_TEST_URI, or install mongod, or Java 17 and Maven)',
  () => {
    const mongo: Kind = {
      open: () => makePlace(uri),
      own: mongoVersion,
      read: readMongo,
      takeBack: takeBackMongo,
    };
    test.each(from(1, mongoVersion - 1))(
      'a store of version %i is brought to this one, with all that is in it',
      (version) => openEarlier(mongo, version),
    );
  },
);
