import type { AgendaBackend } from 'agenda';
import { type Instant, second } from '../core/time.ts';
import { databaseOf, mongoDefaults } from '../io/mongo-options.ts';

/**
 * Where the alarms are kept: a file of their own beside the SQLite store, or a collection of the
 * MongoDB that holds the store.
 */
export type AlarmStore = { kind: 'sqlite'; file: string } | { kind: 'mongodb'; uri: string };

export interface OpenAlarmStore {
  /** Connected. */
  backend: AgendaBackend;
  /** How often Agenda asks for jobs of which it had no notification. */
  scanEvery: number;
  /**
   * Unlocks the jobs that an earlier process of this worker's name held when it died, so that they
   * ring at once rather than after the lock's lifetime.
   */
  freeLocks(worker: string, now: Instant): Promise<void>;
  close(): Promise<void>;
}

export async function openAlarmStore(store: AlarmStore): Promise<OpenAlarmStore> {
  return store.kind === 'sqlite' ? openSqliteAlarms(store.file) : openMongoAlarms(store.uri);
}

async function openSqliteAlarms(file: string): Promise<OpenAlarmStore> {
  const [{ SqliteBackend }, { freeLocks }] = await Promise.all([
    import('./sqlite/backend.ts'),
    import('./sqlite/lock.ts'),
  ]);
  const backend = new SqliteBackend({ file });
  await backend.connect();
  return {
    backend,
    scanEvery: second,
    freeLocks: async (worker, now) => void freeLocks(backend.connection, worker, now),
    close: () => backend.disconnect(),
  };
}

const collectionName = 'alarms';

async function openMongoAlarms(uri: string): Promise<OpenAlarmStore> {
  const { MongoBackend, MongoClient } = await import('@agendajs/mongo-backend');
  const client = new MongoClient(uri, {
    appName: 'dripline-alarms',
    ...mongoDefaults(uri),
    writeConcern: { w: 'majority' },
  });
  try {
    await client.connect();
    const db = client.db(databaseOf(uri));
    const backend = new MongoBackend({ mongo: db, collection: collectionName });
    // Only the repository: the backend's own connect() would create a collection for logs that
    // Dripline does not write.
    await backend.repository.connect();
    const alarms = db.collection(collectionName);
    await alarms.createIndex({ name: 1, 'data.id': 1 });
    return {
      backend,
      scanEvery: 5 * second,
      freeLocks: async (worker, now) => {
        const held = { lockedAt: { $ne: null }, lastModifiedBy: worker };
        await alarms.updateMany(
          { ...held, nextRunAt: null },
          { $set: { nextRunAt: new Date(now) } },
        );
        await alarms.updateMany(held, { $set: { lockedAt: null } });
      },
      close: () => client.close(),
    };
  } catch (error) {
    await client.close();
    throw error;
  }
}
