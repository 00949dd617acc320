import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Store } from '../../ports/store.ts';
import { writeWhole } from '../atomic-file.ts';
import { checkMongo, connectMongo, migrateMongo, type Mongo } from './connection.ts';
import * as deliveries from './delivery-records.ts';
import { guarded, toStoreError } from './store-errors.ts';
import * as facts from './fact-records.ts';
import * as journal from './journal-records.ts';
import * as posts from './post-records.ts';
import * as samples from './sample-records.ts';
import type { StoreMode } from '../store-version.ts';

/**
 * The truth on a MongoDB that any number of processes may share. Throws StoreError; `unavailable`
 * within seconds where no server answers.
 */
export async function openMongoStore({
  uri,
  mode,
}: {
  uri: string;
  mode: StoreMode;
}): Promise<Store> {
  const mongo = connect(uri);
  try {
    await guarded(mongo.where, async () => {
      await mongo.client.connect();
      if (mode === 'beside') return void (await checkMongo(mongo, mode));
      await migrateMongo(mongo);
      await journal.movePending(mongo);
    });
  } catch (error) {
    await mongo.client.close();
    throw error;
  }
  return toStore(mongo);
}

function connect(uri: string): Mongo {
  try {
    return connectMongo(uri);
  } catch (error) {
    throw toStoreError(error, 'MongoDB');
  }
}

function toStore(mongo: Mongo): Store {
  const guard = <T>(work: () => Promise<T>) => guarded(mongo.where, work);
  return {
    kind: 'mongodb',
    savePosts: (all) => guard(() => posts.savePosts(mongo, all)),
    findPost: (id) => guard(async () => (await posts.findPosts(mongo, [id]))[0]),
    findPosts: (ids) => guard(() => posts.findPosts(mongo, ids)),
    listPostMarks: () => guard(() => posts.listPostMarks(mongo)),
    addDeliveries: (all, entries = []) =>
      guard(async () => {
        if (all.length === 0) await journal.appendJournal(mongo, entries);
        return deliveries.addDeliveries(mongo, all, entries);
      }),
    findDelivery: (id) => guard(() => deliveries.findDelivery(mongo, id)),
    listDeliveries: (query) => guard(() => deliveries.listDeliveries(mongo, query)),
    countDeliveries: (query) => guard(() => deliveries.countDeliveries(mongo, query)),
    changeDelivery: (before, after, entries = []) =>
      guard(() => deliveries.changeDelivery(mongo, { before, after }, entries)),
    changeDeliveries: (changes) => guard(() => deliveries.changeDeliveries(mongo, changes)),
    addSamples: (all) => guard(() => samples.addSamples(mongo, all)),
    listSamples: (query) => guard(() => samples.listSamples(mongo, query)),
    appendJournal: (entries) => guard(() => journal.appendJournal(mongo, entries)),
    listJournal: (query) => guard(() => journal.listJournal(mongo, query)),
    findFact: <T>(key: string) => guard(() => facts.findFact<T>(mongo, key)),
    listFacts: <T>(prefix: string) => guard(() => facts.listFacts<T>(mongo, prefix)),
    putFact: (key, value, revision) => guard(() => facts.putFact(mongo, key, { value, revision })),
    removeFact: (key, revision) => guard(() => facts.removeFact(mongo, key, revision)),
    backup: (file) => guard(() => writeWhole(file, (temporary) => exportLines(mongo, temporary))),
    skew: () => guard(() => measureSkew(mongo)),
    [Symbol.asyncDispose]: () => mongo.client.close(),
  };
}

/**
 * JSON lines, `{"collection":"deliveries","document":{…}}` each, dates as ISO text. Not a snapshot
 * of one instant: a change during the export is in it or not.
 */
async function exportLines(mongo: Mongo, file: string): Promise<void> {
  await pipeline(Readable.from(linesOf(mongo)), createWriteStream(file, { mode: 0o600 }));
}

async function* linesOf(mongo: Mongo): AsyncGenerator<string> {
  for (const collection of [
    mongo.meta,
    mongo.posts,
    mongo.deliveries,
    mongo.journal,
    mongo.facts,
    mongo.samples,
  ]) {
    for await (const document of mongo.db
      .collection(collection.collectionName)
      .find({}, { sort: { _id: 1 } })) {
      yield `${JSON.stringify({ collection: collection.collectionName, document })}\n`;
    }
  }
}

/**
 * How far the server's clock is ahead of ours, in milliseconds; undefined where it does not tell.
 */
async function measureSkew({ db }: Mongo): Promise<number | undefined> {
  const before = Date.now();
  const { localTime } = await db.admin().command({ hello: 1 });
  return localTime instanceof Date
    ? Math.round(localTime.getTime() - (before + Date.now()) / 2)
    : undefined;
}
