import type { AgendaBackend } from 'agenda';
import { existsSync, renameSync } from 'node:fs';
import { type Instant, second, toIso } from '../core/time.ts';
import { type Sqlite, sqliteTrouble } from '../io/sqlite.ts';

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

export async function openAlarmStore(
  store: AlarmStore,
  report: (error: Error) => void,
): Promise<OpenAlarmStore> {
  if (store.kind === 'mongodb') return openMongoAlarms(store.uri);
  try {
    return await openSqliteAlarms(store.file);
  } catch (error) {
    if (!isDamaged(error)) throw error;
    const kept = moveAway(store.file);
    const opened = await openSqliteAlarms(store.file);
    const what = `${store.file} was damaged. It is kept as ${kept}, and a new one was made`;
    report(new Error(`${what}. Nothing is lost: the alarms are set again from the store`));
    return opened;
  }
}

const isDamaged = (error: unknown) =>
  ['not-a-database', 'broken'].includes(sqliteTrouble(error) ?? '');

/** With its companions, which would be read into the new one. */
function moveAway(file: string): string {
  const kept = `${file}.damaged-${toIso(Date.now()).replaceAll(/[-:]|\.\d+/g, '')}`;
  for (const end of ['', '-wal', '-shm'])
    if (existsSync(`${file}${end}`)) renameSync(`${file}${end}`, `${kept}${end}`);
  return kept;
}

async function openSqliteAlarms(file: string): Promise<OpenAlarmStore> {
  const [{ SqliteBackend }, { freeLocks }] = await Promise.all([
    import('./sqlite/backend.ts'),
    import('./sqlite/lock.ts'),
  ]);
  const backend = new SqliteBackend({ file });
  try {
    await backend.connect();
    assertWhole(backend.connection);
  } catch (error) {
    await backend.disconnect();
    throw error;
  }
  return {
    backend,
    scanEvery: second,
    freeLocks: async (worker, now) => void freeLocks(backend.connection, worker, now),
    close: () => backend.disconnect(),
  };
}

/** What is damaged further inside would be found only where it is read. */
function assertWhole(connection: Sqlite): void {
  const [found] = connection.all<{ quick_check: string }>('PRAGMA quick_check(1)');
  if (found?.quick_check === 'ok') return;
  const corrupt = { code: 'ERR_SQLITE_ERROR', errcode: 11 };
  throw Object.assign(new Error(found?.quick_check ?? 'damaged'), corrupt);
}

async function openMongoAlarms(uri: string): Promise<OpenAlarmStore> {
  return (await import('./mongo-alarm-store.ts')).openMongoAlarms(uri);
}
