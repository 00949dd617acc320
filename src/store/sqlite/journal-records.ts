import type { JournalEntry } from '../../core/journal.ts';
import type { Sqlite } from '../../io/sqlite.ts';
import type { JournalQuery } from '../../ports/store.ts';
import { addCondition, selectDocs, type Where } from './select.ts';

/** Inside a transaction of the caller. */
export function insertEntries(sqlite: Sqlite, entries: readonly JournalEntry[]): void {
  for (const entry of entries) {
    sqlite.run(
      `INSERT INTO journal (id, at, type, actor, delivery, post, doc)
       VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
      entry.id,
      entry.at,
      entry.type,
      entry.by,
      entry.delivery ?? null,
      entry.post ?? null,
      JSON.stringify(entry),
    );
  }
}

export function appendJournal(sqlite: Sqlite, entries: readonly JournalEntry[]): void {
  if (entries.length) sqlite.transaction(() => insertEntries(sqlite, entries));
}

export function listJournal(sqlite: Sqlite, query: JournalQuery): JournalEntry[] {
  if (query.types?.length === 0 || query.limit === 0) return [];
  const where: Where = { conditions: [], values: [] };
  if (query.delivery !== undefined) addCondition(where, 'delivery = ?', query.delivery);
  if (query.post !== undefined) addCondition(where, 'post = ?', query.post);
  if (query.by !== undefined) addCondition(where, 'actor = ?', query.by);
  if (query.since !== undefined) addCondition(where, 'at >= ?', query.since);
  if (query.until !== undefined) addCondition(where, 'at <= ?', query.until);
  const docs = selectDocs(sqlite, {
    table: 'journal',
    where,
    oneOf: query.types && { column: 'type', options: query.types },
    order: [
      { column: 'at', isDescending: true },
      { column: 'seq', isDescending: true },
    ],
    limit: query.limit,
  });
  return docs.reverse().map((doc) => JSON.parse(doc) as JournalEntry);
}
