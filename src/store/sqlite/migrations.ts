import type { Sqlite } from '../../io/sqlite.ts';
import { StoreError } from '../../ports/store.ts';

/** "Drip" in ASCII: tells Dripline's files from other SQLite files. */
const applicationId = 0x44726970;

/**
 * Each one is applied once, in order, in one transaction; the file's user_version is how many were.
 * Never edit one that was published.
 */
const migrations: string[] = [
  `
  CREATE TABLE posts (
    id TEXT PRIMARY KEY, source TEXT NOT NULL, path TEXT NOT NULL, hash TEXT NOT NULL, mark TEXT NOT NULL,
    gone_at INTEGER, has_own_id INTEGER NOT NULL, post TEXT NOT NULL
  ) STRICT;

  CREATE TABLE deliveries (
    id TEXT PRIMARY KEY, post TEXT NOT NULL, account TEXT NOT NULL, state TEXT NOT NULL, rank TEXT NOT NULL,
    slot_at INTEGER NOT NULL, started_at INTEGER, revision INTEGER NOT NULL, doc TEXT NOT NULL
  ) STRICT;
  CREATE INDEX deliveries_rank ON deliveries (state, rank, id);
  CREATE INDEX deliveries_account_rank ON deliveries (account, state, rank, id);
  CREATE INDEX deliveries_slot ON deliveries (state, slot_at, id);
  CREATE INDEX deliveries_account_slot ON deliveries (account, state, slot_at, id);
  CREATE INDEX deliveries_started ON deliveries (started_at DESC, id);
  CREATE INDEX deliveries_state_started ON deliveries (state, started_at DESC, id);
  CREATE INDEX deliveries_account_started ON deliveries (account, started_at DESC, id);
  CREATE INDEX deliveries_account_state_started ON deliveries (account, state, started_at DESC, id);
  CREATE INDEX deliveries_post ON deliveries (post, id);

  CREATE TABLE journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, type TEXT NOT NULL,
    actor TEXT NOT NULL, delivery TEXT, post TEXT, doc TEXT NOT NULL
  ) STRICT;
  CREATE INDEX journal_at ON journal (at, seq);
  CREATE INDEX journal_type ON journal (type, at, seq);
  CREATE INDEX journal_actor ON journal (actor, at, seq);
  CREATE INDEX journal_delivery ON journal (delivery, at, seq) WHERE delivery IS NOT NULL;
  CREATE INDEX journal_post ON journal (post, at, seq) WHERE post IS NOT NULL;

  CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL, revision INTEGER NOT NULL) STRICT;
  `,
  `
  ALTER TABLE deliveries ADD COLUMN measure_at INTEGER;
  CREATE INDEX deliveries_measure ON deliveries (measure_at, id) WHERE measure_at IS NOT NULL;

  CREATE TABLE samples (
    delivery TEXT NOT NULL, at INTEGER NOT NULL, account TEXT NOT NULL, released_at INTEGER NOT NULL, doc TEXT NOT NULL,
    PRIMARY KEY (delivery, at)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX samples_account ON samples (account, released_at);
  CREATE INDEX samples_released ON samples (released_at);

  -- The newest of each delivery once more: what most readers want, without walking through all.
  CREATE TABLE latest_samples (
    delivery TEXT PRIMARY KEY, at INTEGER NOT NULL, account TEXT NOT NULL, released_at INTEGER NOT NULL, doc TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX latest_samples_account ON latest_samples (account, released_at);
  CREATE INDEX latest_samples_released ON latest_samples (released_at);
  `,
  `
  CREATE INDEX deliveries_approval ON deliveries (state, rank, id) WHERE json_extract(doc, '$.terms.approval') = 1;
  `,
];

export const storeVersion = migrations.length;

const pragma = (sqlite: Sqlite, name: string) =>
  Number(sqlite.get<Record<string, number>>(`PRAGMA ${name}`)?.[name] ?? 0);

function refuseOthers(sqlite: Sqlite, version: number): void {
  if (version > storeVersion) {
    throw new StoreError(
      'newer',
      `${sqlite.file} was written by a newer Dripline (store version ${version}, this one knows ${storeVersion}): run that version, or go back to a backup`,
    );
  }
  const isEmpty = version === 0 && !sqlite.get('SELECT 1 FROM sqlite_schema LIMIT 1');
  if (!isEmpty && pragma(sqlite, 'application_id') !== applicationId) {
    throw new StoreError(
      'broken',
      `${sqlite.file} is a SQLite file, but not a Dripline store: move it away, or choose another data folder`,
    );
  }
}

/**
 * Makes or migrates. Processes that start together wait for one another; the later ones find
 * nothing left to do.
 */
export function migrateSqlite(sqlite: Sqlite): void {
  refuseOthers(sqlite, pragma(sqlite, 'user_version'));
  if (pragma(sqlite, 'user_version') === storeVersion) return;
  sqlite.transaction(() => {
    const version = pragma(sqlite, 'user_version');
    refuseOthers(sqlite, version);
    for (const migration of migrations.slice(version)) sqlite.exec(migration);
    sqlite.exec(`PRAGMA application_id=${applicationId}; PRAGMA user_version=${storeVersion}`);
  });
}

/** For whoever may only use a store that `serve` has made. */
export function checkSqlite(sqlite: Sqlite): void {
  const version = pragma(sqlite, 'user_version');
  refuseOthers(sqlite, version);
  if (version === 0)
    throw new StoreError(
      'absent',
      `${sqlite.file} is empty: start Dripline once (npm start), it makes the store`,
    );
  if (version < storeVersion) {
    throw new StoreError(
      'old',
      `${sqlite.file} has store version ${version}, this Dripline needs ${storeVersion}: restart the service (npm start), it migrates the store`,
    );
  }
}
