import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSqlite, sqliteTrouble, type Sqlite } from '../io/sqlite.ts';
import { Refusal } from '../core/problem.ts';
import { toIso, type Instant } from '../core/time.ts';
import { toStoreError } from './sqlite/store-errors.ts';

export interface ServeOwner {
  pid: number;
  host: string;
  startedAt: Instant;
}

/**
 * One `serve` for each SQLite store. The lock is the operating system's, held by an open
 * transaction on a small SQLite file: it dies with the process, so a start right after kill -9
 * works at once. `serve.json` beside it only says who holds it. Throws a Refusal that names the
 * process which holds it.
 */
export async function lockServe(folder: string, owner: ServeOwner): Promise<AsyncDisposable> {
  const note = join(folder, 'serve.json');
  const lock = takeLock(join(folder, 'serve.lock'), note);
  try {
    writeFileSync(note, `${JSON.stringify(owner)}\n`);
  } catch (error) {
    lock.close();
    throw toStoreError(error, note);
  }
  return {
    [Symbol.asyncDispose]: async () => {
      rmSync(note, { force: true });
      lock.close();
    },
  };
}

/** Whether a `serve` holds this store now, as the lock itself tells. */
export function isServing(folder: string): boolean {
  const file = join(folder, 'serve.lock');
  if (!existsSync(file)) return false;
  let probe: Sqlite | undefined;
  try {
    probe = openSqlite(file, {
      synchronous: 'NORMAL',
      busyFor: 0,
      journal: 'delete',
      readOnly: true,
    });
    probe.get('SELECT count(*) FROM sqlite_schema');
    return false;
  } catch (error) {
    if (sqliteTrouble(error) === 'busy') return true;
    throw toStoreError(error, file);
  } finally {
    probe?.close();
  }
}

/** Milliseconds: `isServing` holds the lock only for a moment, another service for good. */
const busyFor = 300;

function takeLock(file: string, note: string): Sqlite {
  let lock: Sqlite | undefined;
  try {
    lock = openSqlite(file, { synchronous: 'NORMAL', busyFor, journal: 'delete' });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    if (sqliteTrouble(error) === 'busy') {
      const advice = 'stop it first, or set DRIPLINE_DATA to another folder for this one';
      throw new Refusal(`${describeOwner(note)} already serves this store: ${advice}`);
    }
    throw toStoreError(error, file);
  }
}

function describeOwner(note: string): string {
  try {
    const { pid, host, startedAt } = JSON.parse(readFileSync(note, 'utf8')) as ServeOwner;
    return `process ${pid} on ${host} (since ${toIso(startedAt)})`;
  } catch {
    return 'another process';
  }
}
