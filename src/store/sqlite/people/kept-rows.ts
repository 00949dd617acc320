import type { Sqlite, SqliteValue } from '../../../io/sqlite.ts';

export type Columns = Record<string, SqliteValue>;

/** A record with an id, a revision and the columns that are searched. */
export interface KeptRow {
  id: string;
  revision: number;
  columns: Columns;
  doc: string;
}

/** False where the id, or what has to be unique, exists. */
export function insertRow(sqlite: Sqlite, table: string, row: KeptRow): boolean {
  const names = Object.keys(row.columns);
  const columns = ['id', ...names, 'revision', 'doc'];
  const marks = columns.map(() => '?').join(', ');
  return (
    sqlite.run(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks}) ON CONFLICT DO NOTHING`,
      row.id,
      ...Object.values(row.columns),
      row.revision,
      row.doc,
    ) === 1
  );
}

/**
 * False where the stored revision is another one. SQLite writes each index whose column is named,
 * whatever its value: only what differs is.
 */
export function updateRow(
  sqlite: Sqlite,
  table: string,
  { before, row }: { before: number; row: KeptRow },
): boolean {
  const names = Object.keys(row.columns);
  const kept = sqlite.get<Columns>(
    `SELECT ${names.join(', ')} FROM ${table} WHERE id = ? AND revision = ?`,
    row.id,
    before,
  );
  if (!kept) return false;
  const changed = names.filter((name) => kept[name] !== row.columns[name]);
  const set = [...changed, 'revision', 'doc'].map((name) => `${name} = ?`).join(', ');
  sqlite.run(
    `UPDATE ${table} SET ${set} WHERE id = ?`,
    ...changed.map((name) => row.columns[name] ?? null),
    row.revision,
    row.doc,
    row.id,
  );
  return true;
}

export function findDoc<T>(sqlite: Sqlite, table: string, id: string): T | undefined {
  const row = sqlite.get<{ doc: string }>(`SELECT doc FROM ${table} WHERE id = ?`, id);
  return row && (JSON.parse(row.doc) as T);
}

export const isThere = (sqlite: Sqlite, person: string): boolean =>
  sqlite.get('SELECT 1 FROM people WHERE id = ?', person) !== undefined;
