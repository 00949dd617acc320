import { MongoBackend, MongoClient, type MongoJobRepository } from '@agendajs/mongo-backend';
import { type Instant, second } from '../core/time.ts';
import { guarded, isSilence, toStoreError } from '../io/mongo-errors.ts';
import { databaseOf, mongoDefaults, whereOf } from '../io/mongo-options.ts';
import { openRenewing, type Renewing } from '../io/renewed-client.ts';
import { StoreError } from '../ports/store.ts';

const collectionName = 'alarms';

type Alarms = MongoJobRepository['collection'];

/** Beside the store, on a connection of its own, which is renewed as that one is. */
export async function openMongoAlarms(uri: string) {
  const connect = () =>
    new MongoClient(uri, {
      appName: 'dripline-alarms',
      ...mongoDefaults(uri),
      writeConcern: { w: 'majority' },
    });
  const client = connect();
  const where = whereOf(client.options, databaseOf(uri));
  const clients = [client];
  const renewing = openRenewing<MongoClient>({
    open: () => clients.pop() ?? connect(),
    close: (one) => one.close(),
    isSilence: (error) => isSilence(toStoreError(error, where)),
    toTimeout: () =>
      new StoreError('unavailable', `${where} did not answer in time. Dripline will try again`),
  });
  try {
    return await guarded(where, () => openOn(renewing, uri));
  } catch (error) {
    await renewing.close();
    throw error;
  }
}

async function openOn(renewing: Renewing<MongoClient>, uri: string) {
  const client = renewing.current();
  await client.connect();
  const db = client.db(databaseOf(uri));
  const backend = new MongoBackend({ mongo: db, collection: collectionName });
  // Only the repository: the backend's own connect() would create a collection for logs that
  // Dripline does not write.
  await backend.repository.connect();
  const repository = backend.repository as MongoJobRepository;
  const alarms = renewed(renewing, uri, repository.collection);
  repository.collection = alarms;
  await alarms.createIndex({ name: 1, 'data.id': 1 });
  return {
    backend,
    scanEvery: 5 * second,
    freeLocks: async (worker: string, now: Instant) => {
      const held = { lockedAt: { $ne: null }, lastModifiedBy: worker };
      await alarms.updateMany({ ...held, nextRunAt: null }, { $set: { nextRunAt: new Date(now) } });
      await alarms.updateMany(held, { $set: { lockedAt: null } });
    },
    close: renewing.close,
  };
}

/** Every call goes to the client of the moment; Agenda keeps the collection that it was given. */
function renewed(renewing: Renewing<MongoClient>, uri: string, first: Alarms): Alarms {
  return new Proxy(first, {
    get: (_first, name) => {
      const collectionOf = (client: MongoClient) =>
        client.db(databaseOf(uri)).collection(collectionName) as unknown as Alarms;
      const member = Reflect.get(collectionOf(renewing.current()), name) as unknown;
      if (typeof member !== 'function') return member;
      if (!isPromised(name)) return member.bind(collectionOf(renewing.current()));
      return (...args: unknown[]) =>
        renewing.run((client) => {
          const collection = collectionOf(client);
          return Reflect.apply(Reflect.get(collection, name), collection, args) as Promise<unknown>;
        });
    },
  });
}

/** The others return cursors. */
const isPromised = (name: string | symbol) =>
  /^(findOne|update|insert|delete|count|create|replace)/.test(String(name));
