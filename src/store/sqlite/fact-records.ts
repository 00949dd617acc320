import type { Sqlite } from '../../io/sqlite.ts';
import type { Fact } from '../../ports/store.ts';

interface Row {
  key: string;
  value: string;
  revision: number;
}

const toFact = <T>(row: Row): Fact<T> => ({
  key: row.key,
  value: JSON.parse(row.value) as T,
  revision: row.revision,
});

export function findFact<T>(sqlite: Sqlite, key: string): Fact<T> | undefined {
  const row = sqlite.get<Row>('SELECT key, value, revision FROM facts WHERE key = ?', key);
  return row && toFact<T>(row);
}

/** By key. */
export function listFacts<T>(sqlite: Sqlite, prefix: string): Fact<T>[] {
  return sqlite
    .all<Row>(
      `SELECT key, value, revision FROM facts
       WHERE key >= ? AND substr(key, 1, length(?)) = ? ORDER BY key`,
      prefix,
      prefix,
      prefix,
    )
    .map((row) => toFact<T>(row));
}

export function putFact(
  sqlite: Sqlite,
  key: string,
  { value, revision }: { value: unknown; revision: number },
): boolean {
  const json = JSON.stringify(value ?? null);
  return revision === 0
    ? sqlite.run(
        'INSERT INTO facts (key, value, revision) VALUES (?, ?, 1) ON CONFLICT (key) DO NOTHING',
        key,
        json,
      ) === 1
    : sqlite.run(
        'UPDATE facts SET value = ?, revision = revision + 1 WHERE key = ? AND revision = ?',
        json,
        key,
        revision,
      ) === 1;
}

export function removeFact(sqlite: Sqlite, key: string, revision: number): boolean {
  return sqlite.run('DELETE FROM facts WHERE key = ? AND revision = ?', key, revision) === 1;
}
