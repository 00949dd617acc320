import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

export type SqliteValue = SQLInputValue;

/**
 * One connection: WAL, a bounded wait for other writers, statements prepared once. All calls are
 * synchronous.
 */
export interface Sqlite {
  readonly file: string;
  readonly db: DatabaseSync;
  all<T>(sql: string, ...values: SqliteValue[]): T[];
  /**
   * As `all`, with each row made into what is kept of it before the next one is read. `make` reads
   * nothing itself.
   */
  map<T, R>(sql: string, values: readonly SqliteValue[], make: (row: T) => R): R[];
  get<T>(sql: string, ...values: SqliteValue[]): T | undefined;
  /** Returns how many rows were changed. */
  run(sql: string, ...values: SqliteValue[]): number;
  exec(sql: string): void;
  /** All of `work` or nothing; takes the write lock first, so that what it reads stays true. */
  transaction<T>(work: () => T): T;
  close(): void;
}

export interface SqliteOptions {
  /** FULL: an answered write survives a power cut. NORMAL: it survives kill -9. */
  synchronous: 'FULL' | 'NORMAL';
  readOnly?: boolean;
  /** `delete` for a file that is only a lock. */
  journal?: 'wal' | 'delete';
  /** Milliseconds to wait for another writer. The wait is synchronous: keep transactions short. */
  busyFor?: number;
}

const wait = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

/**
 * Makes the file, and its folder, where they are missing and `readOnly` is not set. Throws SQLite's
 * own errors: see `sqliteTrouble`.
 */
export function openSqlite(
  file: string,
  { synchronous, readOnly = false, journal = 'wal', busyFor = 5000 }: SqliteOptions,
): Sqlite {
  if (file !== ':memory:' && !readOnly && !existsSync(file)) makePrivateFile(file);
  const db = new DatabaseSync(file, { timeout: busyFor, readOnly });
  try {
    if (!readOnly && journal === 'wal') useWal(db, busyFor);
    db.exec(`PRAGMA synchronous=${synchronous}; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON`);
  } catch (error) {
    db.close();
    throw error;
  }
  return connection(file, db);
}

/** SQLite gives the files that it makes beside it the same permissions. */
function makePrivateFile(file: string) {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, 'a', 0o600));
}

/**
 * SQLite does not call its busy handler while the journal mode is changed, so processes that start
 * together have to take turns here.
 */
function useWal(db: DatabaseSync, busyFor: number): void {
  const deadline = performance.now() + busyFor;
  for (;;) {
    try {
      db.exec('PRAGMA journal_mode=WAL');
      return;
    } catch (error) {
      if (sqliteTrouble(error) !== 'busy' || performance.now() > deadline) throw error;
      wait(10);
    }
  }
}

function connection(file: string, db: DatabaseSync): Sqlite {
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    let statement = statements.get(sql);
    if (!statement) statements.set(sql, (statement = db.prepare(sql)));
    return statement;
  };
  const run = (sql: string, ...values: SqliteValue[]) =>
    Number(prepare(sql).run(...values).changes);
  return {
    file,
    db,
    all: <T>(sql: string, ...values: SqliteValue[]) => prepare(sql).all(...values) as T[],
    map: <T, R>(sql: string, values: readonly SqliteValue[], make: (row: T) => R) =>
      Array.from(prepare(sql).iterate(...values) as Iterable<T>, (row) => make(row)),
    get: <T>(sql: string, ...values: SqliteValue[]) => prepare(sql).get(...values) as T | undefined,
    run,
    exec: (sql) => db.exec(sql),
    transaction: (work) => transact(db, work),
    close: () => {
      statements.clear();
      if (db.isOpen) db.close();
    },
  };
}

function transact<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite has already rolled back where the disk is full.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

export type SqliteTrouble =
  | 'full'
  | 'read-only'
  | 'no-access'
  | 'not-a-database'
  | 'broken'
  | 'busy'
  | 'other';

/**
 * What is wrong, by SQLite's primary result code (https://sqlite.org/rescode.html); undefined when
 * it is not SQLite's error.
 */
export function sqliteTrouble(error: unknown): SqliteTrouble | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return 'no-access';
  if (code === 'ENOSPC') return 'full';
  if (code !== 'ERR_SQLITE_ERROR') return undefined;
  switch (Number(errcode) & 0xff) {
    case 5:
    case 6:
      return 'busy';
    case 8:
      return 'read-only';
    case 13:
      return 'full';
    case 3:
    case 14:
    case 23:
      return 'no-access';
    case 26:
      return 'not-a-database';
    case 11:
      return 'broken';
    default:
      return 'other';
  }
}
