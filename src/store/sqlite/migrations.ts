import type { Sqlite } from '../../io/sqlite.ts';
import { StoreError } from '../../ports/store.ts';
import { assertVersion, type StoreMode } from '../store-version.ts';
import { couponSchema, peopleSchema } from './people/people-schema.ts';

/** "Drip" in ASCII: tells Dripline's files from other SQLite files. */
const applicationId = 0x44726970;

/**
 * Each one is applied once, in order, in one transaction; the file's user_version counts them.
 * Never change what a published one does.
 */
const migrations: string[] = [
  `
  CREATE TABLE posts (
    id TEXT PRIMARY KEY, source TEXT NOT NULL, path TEXT NOT NULL, hash TEXT NOT NULL,
    mark TEXT NOT NULL, gone_at INTEGER, has_own_id INTEGER NOT NULL, post TEXT NOT NULL
  ) STRICT;

  CREATE TABLE deliveries (
    id TEXT PRIMARY KEY, post TEXT NOT NULL, account TEXT NOT NULL, state TEXT NOT NULL,
    rank TEXT NOT NULL, slot_at INTEGER NOT NULL, started_at INTEGER, revision INTEGER NOT NULL,
    doc TEXT NOT NULL
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
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL,
    type TEXT NOT NULL, actor TEXT NOT NULL, delivery TEXT, post TEXT, doc TEXT NOT NULL
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
    delivery TEXT NOT NULL, at INTEGER NOT NULL, account TEXT NOT NULL,
    released_at INTEGER NOT NULL, doc TEXT NOT NULL,
    PRIMARY KEY (delivery, at)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX samples_account ON samples (account, released_at);
  CREATE INDEX samples_released ON samples (released_at);

  -- A copy of the newest of each delivery: most readers want only these.
  CREATE TABLE latest_samples (
    delivery TEXT PRIMARY KEY, at INTEGER NOT NULL, account TEXT NOT NULL,
    released_at INTEGER NOT NULL, doc TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX latest_samples_account ON latest_samples (account, released_at);
  CREATE INDEX latest_samples_released ON latest_samples (released_at);
  `,
  `
  CREATE INDEX deliveries_approval ON deliveries (state, rank, id)
    WHERE json_extract(doc, '$.terms.approval') = 1;
  `,
  // A rescan compares the marks of the folder alone, and does not read the posts for them.
  `
  CREATE INDEX posts_marks ON posts (source, id, path, hash, mark, gone_at, has_own_id);
  CREATE INDEX deliveries_evergreen ON deliveries (state, rank, id)
    WHERE json_extract(doc, '$.terms.isEvergreen') = 1;
  `,
  `
  CREATE TABLE links (
    code TEXT PRIMARY KEY, delivery TEXT NOT NULL, created_at INTEGER NOT NULL, doc TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX links_delivery ON links (delivery);
  CREATE INDEX links_created ON links (created_at DESC, code);

  CREATE TABLE clicks (
    delivery TEXT NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, counter TEXT NOT NULL,
    count INTEGER NOT NULL, PRIMARY KEY (delivery, at, kind, counter)
  ) STRICT, WITHOUT ROWID;
  `,
  peopleSchema,
  couponSchema,
];

export const storeVersion = migrations.length;

const pragma = (sqlite: Sqlite, name: string) =>
  Number(sqlite.get<Record<string, number>>(`PRAGMA ${name}`)?.[name] ?? 0);

const versionOf = (sqlite: Sqlite) => pragma(sqlite, 'user_version');

function assertUsable(sqlite: Sqlite, mode: StoreMode): void {
  const stored = versionOf(sqlite);
  const isEmpty = stored === 0 && !sqlite.get('SELECT 1 FROM sqlite_schema LIMIT 1');
  if (!isEmpty && pragma(sqlite, 'application_id') !== applicationId) {
    const advice = 'move it away, or choose another data folder';
    throw new StoreError('broken', `${sqlite.file} is not a Dripline store: ${advice}`);
  }
  assertVersion({ where: sqlite.file, stored, own: storeVersion }, mode);
}

/**
 * Creates or migrates the store. Processes that start together wait for one another; the later
 * ones find nothing left to do.
 */
export function migrateSqlite(sqlite: Sqlite): void {
  assertUsable(sqlite, 'serve');
  if (versionOf(sqlite) === storeVersion) return;
  sqlite.transaction(() => {
    assertUsable(sqlite, 'serve');
    for (const migration of migrations.slice(versionOf(sqlite))) sqlite.exec(migration);
    sqlite.exec(`PRAGMA application_id=${applicationId}; PRAGMA user_version=${storeVersion}`);
  });
}

/** For a process that may only use a store which `serve` has made. */
export const checkSqlite = (sqlite: Sqlite): void => assertUsable(sqlite, 'beside');
