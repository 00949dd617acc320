import type { ClickCount, Link } from '../../core/clicks/click.ts';
import { guarded, isSilence, toStoreError } from '../../io/mongo-errors.ts';
import { openRenewing, type Renewing, type RenewingTiming } from '../../io/renewed-client.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { EntryType, JournalEntry } from '../../core/journal.ts';
import {
  type JournalQuery,
  type LinkQuery,
  type Removal,
  type Store,
  StoreError,
} from '../../ports/store.ts';
import { checkMongo, connectMongo, migrateMongo, type Mongo } from './connection.ts';
import * as clicks from './click-records.ts';
import * as deliveries from './delivery-records.ts';
import * as facts from './fact-records.ts';
import * as journal from './journal-records.ts';
import { sweepForgotten } from './people/forgetting.ts';
import { applyAll } from './people/pending-changes.ts';
import { peopleOn } from './people/people-on-mongo.ts';
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
  timing,
}: {
  uri: string;
  mode: StoreMode;
  timing?: RenewingTiming;
}): Promise<Store> {
  const renewing = connect(uri, timing);
  const mongo = renewing.current();
  try {
    await guarded(mongo.where, async () => {
      await mongo.client.connect();
      if (mode === 'beside') return void (await checkMongo(mongo, mode));
      await migrateMongo(mongo);
      await journal.movePending(mongo);
      await applyAll(mongo);
      await sweepForgotten(mongo);
    });
  } catch (error) {
    await renewing.close();
    throw error;
  }
  return toStore(renewing);
}

function connect(uri: string, timing: RenewingTiming | undefined): Renewing<Mongo> {
  try {
    const first = connectMongo(uri);
    const { where } = first;
    const clients = [first];
    return openRenewing<Mongo>({
      open: () => clients.pop() ?? connectMongo(uri),
      close: ({ client }) => client.close(),
      isSilence,
      toTimeout: () =>
        new StoreError('unavailable', `${where} did not answer in time. Dripline will try again`),
      ...pickDefined({ timing }),
    });
  } catch (error) {
    throw toStoreError(error, 'MongoDB');
  }
}

function toStore(renewing: Renewing<Mongo>): Store {
  const guard = <T>(work: (mongo: Mongo) => Promise<T>) =>
    renewing.run((mongo) => guarded(mongo.where, () => work(mongo)));
  return {
    kind: 'mongodb',
    savePosts: (all) => guard((mongo) => posts.savePosts(mongo, all)),
    findPost: (id) => guard(async (mongo) => (await posts.findPosts(mongo, [id]))[0]),
    findPosts: (ids) => guard((mongo) => posts.findPosts(mongo, ids)),
    listPostMarks: (source) => guard((mongo) => posts.listPostMarks(mongo, source)),
    listIdsNear: (id, limit) => guard((mongo) => posts.listIdsNear(mongo, id, limit)),
    addDeliveries: (all, entries = []) =>
      guard(async (mongo) => {
        if (all.length === 0) await journal.appendJournal(mongo, entries);
        return deliveries.addDeliveries(mongo, all, entries);
      }),
    findDelivery: (id) => guard((mongo) => deliveries.findDelivery(mongo, id)),
    listDeliveries: (query) => guard((mongo) => deliveries.listDeliveries(mongo, query)),
    countDeliveries: (query) => guard((mongo) => deliveries.countDeliveries(mongo, query)),
    countRuns: (query) => guard((mongo) => deliveries.countRuns(mongo, query)),
    listAccounts: () => guard((mongo) => deliveries.listAccounts(mongo)),
    changeDelivery: (before, after, entries = []) =>
      guard((mongo) => deliveries.changeDelivery(mongo, { before, after }, entries)),
    changeDeliveries: (changes) => guard((mongo) => deliveries.changeDeliveries(mongo, changes)),
    addSamples: (all) => guard((mongo) => samples.addSamples(mongo, all)),
    listSamples: (query) => guard((mongo) => samples.listSamples(mongo, query)),
    removeSamples: (step) => guard((mongo) => samples.removeSamples(mongo, step)),
    ...journalOn(guard),
    ...linksOn(guard),
    people: peopleOn(guard),
    findFact: <T>(key: string) => guard((mongo) => facts.findFact<T>(mongo, key)),
    listFacts: <T>(prefix: string) => guard((mongo) => facts.listFacts<T>(mongo, prefix)),
    putFact: (key, value, revision) =>
      guard((mongo) => facts.putFact(mongo, key, { value, revision })),
    removeFact: (key, revision) => guard((mongo) => facts.removeFact(mongo, key, revision)),
    skew: () => guard(measureSkew),
    silentFor: renewing.silentFor,
    [Symbol.asyncDispose]: renewing.close,
  };
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

type Guard = <T>(work: (mongo: Mongo) => Promise<T>) => Promise<T>;

const journalOn = (guard: Guard) =>
  ({
    appendJournal: (entries: JournalEntry[]) =>
      guard((mongo) => journal.appendJournal(mongo, entries)),
    // Entries that a decision about a person brought may still be with that person.
    listJournal: (query: JournalQuery) =>
      guard(async (mongo) => {
        await applyAll(mongo);
        return journal.listJournal(mongo, query);
      }),
    removeEntries: (step: Removal, kept: readonly EntryType[]) =>
      guard((mongo) => journal.removeEntries(mongo, step, kept)),
  }) satisfies Partial<Store>;

const linksOn = (guard: Guard) =>
  ({
    addLinks: (all: readonly Link[]) => guard((mongo) => clicks.addLinks(mongo, all)),
    findLink: (code: string) => guard((mongo) => clicks.findLink(mongo, code)),
    listLinks: (query: LinkQuery) => guard((mongo) => clicks.listLinks(mongo, query)),
    putClicks: (all: readonly ClickCount[]) => guard((mongo) => clicks.putClicks(mongo, all)),
    listClicks: (deliveries?: readonly string[]) =>
      guard((mongo) => clicks.listClicks(mongo, deliveries)),
    sumClicks: (deliveries?: readonly string[]) =>
      guard((mongo) => clicks.sumClicks(mongo, deliveries)),
  }) satisfies Partial<Store>;
