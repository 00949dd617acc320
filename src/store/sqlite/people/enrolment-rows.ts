import type { JournalEntry } from '../../../core/journal.ts';
import type { Enrolment } from '../../../core/people/enrolment.ts';
import type { Sqlite } from '../../../io/sqlite.ts';
import type { EnrolmentCount, EnrolmentQuery } from '../../../ports/people/people-store.ts';
import { enrolmentFields, liveKeyOf } from '../../people-rows.ts';
import { insertEntries } from '../journal-records.ts';
import { addCondition, selectDocs, type Selection } from '../select.ts';
import { findDoc, insertRow, isThere, type KeptRow, updateRow } from './kept-rows.ts';

const toRow = (enrolment: Enrolment): KeptRow => {
  const { person, sequence, state, isHoldout, nextAt = null } = enrolmentFields(enrolment);
  return {
    id: enrolment.id,
    revision: enrolment.revision,
    columns: {
      person,
      sequence,
      state,
      is_holdout: Number(isHoldout),
      next_at: nextAt,
      live_key: liveKeyOf(enrolment) ?? null,
    },
    doc: JSON.stringify(enrolment),
  };
};

/** Inside a transaction of the caller. */
export const insertEnrolment = (sqlite: Sqlite, enrolment: Enrolment): boolean =>
  isThere(sqlite, enrolment.person) && insertRow(sqlite, 'enrolments', toRow(enrolment));

export const addEnrolment = (
  sqlite: Sqlite,
  enrolment: Enrolment,
  entries: readonly JournalEntry[],
): boolean =>
  sqlite.transaction(() => {
    if (!insertEnrolment(sqlite, enrolment)) return false;
    insertEntries(sqlite, entries);
    return true;
  });

/** Inside a transaction of the caller. */
export function updateEnrolment(sqlite: Sqlite, before: Enrolment, after: Enrolment): boolean {
  const row = toRow({ ...after, id: before.id, revision: before.revision + 1 });
  const live = row.columns['live_key'] ?? null;
  const other = sqlite.get('SELECT 1 FROM enrolments WHERE live_key = ? AND id <> ?', live, row.id);
  return other === undefined && updateRow(sqlite, 'enrolments', { before: before.revision, row });
}

export const findEnrolment = (sqlite: Sqlite, id: string): Enrolment | undefined =>
  findDoc<Enrolment>(sqlite, 'enrolments', id);

export function enrolmentSelection(query: EnrolmentQuery): Selection {
  const { person, sequence, states, dueBy, order = 'id', after, limit } = query;
  const where: Selection['where'] = { conditions: [], values: [] };
  if (person !== undefined) addCondition(where, 'person = ?', person);
  if (sequence !== undefined) addCondition(where, 'sequence = ?', sequence);
  if (dueBy !== undefined) addCondition(where, 'next_at <= ?', dueBy);
  if (after !== undefined) addCondition(where, 'id > ?', after);
  if (order === 'nextAt') addCondition(where, 'next_at IS NOT NULL');
  // What has a next look is live nearly always: no index knows both.
  const isByNext = order === 'nextAt' || dueBy !== undefined;
  if (states && (isByNext || person !== undefined))
    addCondition(where, `+state IN (${states.map(() => '?').join(', ')})`, ...states);
  return {
    table: 'enrolments',
    where,
    oneOf:
      states && !isByNext && person === undefined
        ? { column: 'state', options: states }
        : undefined,
    order: order === 'nextAt' ? [{ column: 'next_at' }, { column: 'id' }] : [{ column: 'id' }],
    limit,
  };
}

export function listEnrolments(sqlite: Sqlite, query: EnrolmentQuery): Enrolment[] {
  if (query.states?.length === 0 || query.limit === 0) return [];
  return selectDocs(sqlite, enrolmentSelection(query), (doc) => JSON.parse(doc) as Enrolment);
}

export const countEnrolments = (sqlite: Sqlite, sequence?: string): EnrolmentCount[] =>
  sqlite
    .all<Omit<EnrolmentCount, 'isHoldout'> & { is_holdout: number }>(
      `SELECT sequence, state, is_holdout, count FROM enrolment_counts
       WHERE ${sequence === undefined ? '' : 'sequence = ? AND '}count > 0
       ORDER BY sequence, state, is_holdout`,
      ...(sequence === undefined ? [] : [sequence]),
    )
    .map(({ is_holdout: isHoldout, ...one }) => ({ ...one, isHoldout: isHoldout === 1 }));
