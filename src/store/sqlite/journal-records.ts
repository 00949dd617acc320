import type { EntryType, JournalEntry } from '../../core/journal.ts';
import type { Sqlite } from '../../io/sqlite.ts';
import type { Instant } from '../../core/time.ts';
import type { JournalQuery, Removal } from '../../ports/store.ts';
import { nextStep } from '../next-step.ts';
import { addCondition, selectDocs, type Selection, type Where } from './select.ts';

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
  const selection: Selection = {
    table: 'journal',
    where,
    oneOf: query.types && { column: 'type', options: query.types },
    order: [
      { column: 'at', isDescending: true },
      { column: 'seq', isDescending: true },
    ],
    limit: query.limit,
  };
  return selectDocs(sqlite, selection, (doc) => JSON.parse(doc) as JournalEntry).reverse();
}

export function removeEntries(
  sqlite: Sqlite,
  step: Removal,
  kept: readonly EntryType[],
): Instant | undefined {
  return sqlite.transaction(() => {
    const rows = sqlite.all<{ seq: number; at: Instant; type: EntryType }>(
      'SELECT seq, at, type FROM journal WHERE at >= ? AND at < ? ORDER BY at, seq LIMIT ?',
      step.from,
      step.before,
      step.limit,
    );
    const old = rows.filter(({ type }) => !kept.includes(type));
    for (const { seq } of old) sqlite.run('DELETE FROM journal WHERE seq = ?', seq);
    return nextStep(step, { looked: rows.map(({ at }) => at), removed: old.length });
  });
}
