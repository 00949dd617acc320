import { MongoClient } from 'mongodb';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { openMongoStore } from '../../src/store/mongo/mongo-store.ts';
import { hasJava, launchMongo } from '../peers/mongo-launcher.ts';
import { alter, makeDelivery, makeEntry, makeFolder, makePlace, type Place } from './kit.ts';

const uri = inject('mongoUri');
const canLaunch = await hasJava();

async function lookInside(place: Place) {
  const client = await MongoClient.connect(place.target.uri ?? '');
  return { db: client.db(), [Symbol.asyncDispose]: () => client.close() };
}

describe.skipIf(!uri)(
  'inside MongoDB (skipped where there is none: set MONGODB_TEST_URI, or install mongod, or Java 17 and Maven)',
  () => {
    test('entries that a dead process left beside its change are in the journal at the next look, once', async () => {
      await using place = await makePlace(uri);
      await using store = await place.open();
      await store.addDeliveries([makeDelivery('a')]);
      await using inside = await lookInside(place);
      const left = {
        _id: 'left behind' as never,
        at: new Date(5),
        type: 'intent',
        by: 'dripline',
        delivery: 'a@bsky',
        writing: 1,
      };
      await inside.db
        .collection('deliveries')
        .updateOne({ _id: 'a@bsky' as never }, { $set: { isPending: true, outbox: [left] } });
      expect(await store.listJournal({})).toEqual([
        { id: 'left behind', at: 5, type: 'intent', by: 'dripline', delivery: 'a@bsky' },
      ]);
      expect(await store.listJournal({})).toHaveLength(1);
      expect(await inside.db.collection('deliveries').findOne({})).not.toHaveProperty('outbox');
    });

    test('what was moved but not yet struck off is not written twice', async () => {
      await using place = await makePlace(uri);
      await using store = await place.open();
      const delivery = makeDelivery('a');
      await store.addDeliveries([delivery], [makeEntry('first', { delivery: 'a@bsky' })]);
      await using inside = await lookInside(place);
      const moved = await inside.db.collection('journal').findOne({});
      await inside.db
        .collection('deliveries')
        .updateOne({ _id: 'a@bsky' as never }, { $set: { isPending: true, outbox: [moved] } });
      await store.changeDelivery(delivery, alter(delivery, { state: 'planned' }), [
        makeEntry('second', { delivery: 'a@bsky' }),
      ]);
      expect((await store.listJournal({})).map(({ id }) => id)).toEqual(['first', 'second']);
    });

    test('a start moves what an earlier process left', async () => {
      await using place = await makePlace(uri);
      await using store = await place.open();
      await store.addDeliveries([makeDelivery('a')]);
      await using inside = await lookInside(place);
      const left = { _id: 'left', at: new Date(5), type: 'intent', by: 'dripline', writing: 1 };
      await inside.db
        .collection('deliveries')
        .updateOne({}, { $set: { isPending: true, outbox: [left] } });
      await (await place.open())[Symbol.asyncDispose]();
      expect(await inside.db.collection('journal').countDocuments({})).toBe(1);
    });

    test('instants are dates there, and what is frozen is text', async () => {
      await using place = await makePlace(uri);
      await using store = await place.open();
      await store.addDeliveries([
        makeDelivery('a', {
          at: 1,
          claim: { by: 'w', fence: 1, until: 2 },
          receipts: [{ id: '1', url: 'u', at: 3 }],
          intent: {
            at: 4,
            postHash: 'h',
            message: { account: 'a', network: 'x', parts: [] },
            sending: { part: 0, at: 5, payload: { at: 6 } },
          },
        }),
      ]);
      await using inside = await lookInside(place);
      expect((await inside.db.collection('deliveries').findOne({}))?.delivery).toMatchObject({
        at: new Date(1),
        claim: { until: new Date(2) },
        receipts: [{ at: new Date(3) }],
        createdAt: new Date(1_700_000_000_000),
        intent: { at: new Date(4), sending: { at: new Date(5), payload: '{"at":6}' } },
      });
    });

    test('a store of a newer Dripline is refused, and an older one sends the CLI to the service', async () => {
      await using place = await makePlace(uri);
      await (await place.open())[Symbol.asyncDispose]();
      await using inside = await lookInside(place);
      await inside.db.collection('meta').updateOne({}, { $set: { version: 99 } });
      for (const mode of ['serve', 'beside'] as const)
        await expect(place.open(mode)).rejects.toMatchObject({ kind: 'newer' });
      await inside.db.collection('meta').updateOne({}, { $set: { version: 0.5 } });
      await expect(place.open('beside')).rejects.toMatchObject({
        kind: 'old',
        message: expect.stringContaining('npm start'),
      });
    });

    test('the server tells how far its clock is from ours', async () => {
      await using place = await makePlace(uri);
      await using store = await place.open();
      expect(Math.abs((await store.skew?.()) ?? 0)).toBeLessThan(60_000);
    });
  },
);

test('a MongoDB that is not there is unavailable within seconds, without the password in the words', async () => {
  const opening = openMongoStore({
    uri: 'mongodb://drip:geheim@127.0.0.1:1/x?serverSelectionTimeoutMS=200',
    mode: 'serve',
  });
  const error = await opening.catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    name: 'StoreError',
    kind: 'unavailable',
    message: expect.stringContaining('127.0.0.1:1'),
  });
  expect((error as Error).message).not.toContain('geheim');
  await expect(openMongoStore({ uri: 'mongo://nonsense', mode: 'serve' })).rejects.toMatchObject({
    kind: 'broken',
  });
});

describe.skipIf(!canLaunch)(
  'with a server of its own (skipped where Java 17 or Maven is missing)',
  () => {
    test('a server that is killed and comes back has every answered write, and the same store goes on', async () => {
      await using folder = await makeFolder();
      const file = join(folder.path, 'mongo.h2');
      const first = await launchMongo({ file });
      const port = Number(new URL(first.uri).port);
      await using store = await openMongoStore({
        uri: `${first.uri}/drip?serverSelectionTimeoutMS=300`,
        mode: 'serve',
      });
      let delivery = makeDelivery('a');
      await store.addDeliveries([delivery]);
      for (let n = 1; n <= 20; n += 1)
        delivery =
          (await store.changeDelivery(delivery, alter(delivery, { why: String(n) }), [
            makeEntry(`e${n}`),
          ])) ?? delivery;
      await first.kill();
      await expect(store.findDelivery('a@bsky')).rejects.toMatchObject({ kind: 'unavailable' });
      await expect(store.changeDelivery(delivery, delivery)).rejects.toMatchObject({
        kind: 'unavailable',
      });
      await using _second = await launchMongo({ port, file });
      expect(await store.findDelivery('a@bsky')).toEqual(delivery);
      expect(await store.listJournal({})).toHaveLength(20);
      expect(
        (await store.changeDelivery(delivery, alter(delivery, { state: 'planned' })))?.revision,
      ).toBe(21);
    });
  },
);
