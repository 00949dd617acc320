import { openSqlite, type Sqlite } from '../../io/sqlite.ts';
import { containsData } from './job-rows.ts';

/**
 * Instants as integer milliseconds; whatever may be of any type (data, fail_reason,
 * repeat_interval) as JSON, so that a number stays a number.
 */
const schema = `
  CREATE TABLE IF NOT EXISTS jobs (
    rid INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    priority INTEGER NOT NULL,
    next_run_at INTEGER,
    locked_at INTEGER,
    last_run_at INTEGER,
    last_finished_at INTEGER,
    failed_at INTEGER,
    fail_count INTEGER,
    fail_reason TEXT,
    progress REAL,
    repeat_interval TEXT,
    repeat_timezone TEXT,
    repeat_at TEXT,
    data TEXT,
    disabled INTEGER NOT NULL DEFAULT 0,
    debounce_started_at INTEGER,
    last_modified_by TEXT,
    fork INTEGER,
    start_date INTEGER,
    end_date INTEGER,
    skip_days TEXT,
    unique_key TEXT,
    unique_options TEXT
  );
  CREATE INDEX IF NOT EXISTS jobs_due ON jobs (name, next_run_at, priority DESC, rid)
    WHERE locked_at IS NULL AND disabled = 0;
  CREATE INDEX IF NOT EXISTS jobs_locked ON jobs (name, locked_at) WHERE locked_at IS NOT NULL;
  CREATE UNIQUE INDEX IF NOT EXISTS jobs_single ON jobs (name) WHERE type = 'single';
  CREATE INDEX IF NOT EXISTS jobs_subject ON jobs (name, data ->> '$.id');

  CREATE TABLE IF NOT EXISTS logs (
    rid INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    level TEXT NOT NULL,
    event TEXT NOT NULL,
    job TEXT,
    name TEXT NOT NULL,
    entry TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS logs_at ON logs (at);
`;

/**
 * NORMAL: alarms survive kill -9, and what a power cut takes is set again from the store.
 */
export function openJobsFile(file: string): Sqlite {
  const sqlite = openSqlite(file, { synchronous: 'NORMAL' });
  try {
    sqlite.db.function('holds_data', { deterministic: true }, (data, wanted) =>
      Number(containsData(data, String(wanted))),
    );
    sqlite.transaction(() => sqlite.exec(schema));
    return sqlite;
  } catch (error) {
    sqlite.close();
    throw error;
  }
}
