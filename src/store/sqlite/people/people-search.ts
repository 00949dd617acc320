import type { Person } from '../../../core/people/person.ts';
import type { Sqlite } from '../../../io/sqlite.ts';
import type { PeopleQuery } from '../../../ports/people/people-store.ts';
import { endOfTerm, normalizeTerm } from '../../people-rows.ts';
import { addCondition, type Where } from '../select.ts';

/** So many found by a text are sorted; where there are more, the page is soon full anyway. */
const sortedAtMost = 10_000;

const inRange = 'term >= ? AND term < ?';

export function listPeople(
  sqlite: Sqlite,
  query: PeopleQuery,
  mostSorted = sortedAtMost,
): Person[] {
  if (query.limit <= 0) return [];
  const term = normalizeTerm(query.text ?? '');
  const range = term ? [term, endOfTerm(term)] : [];
  const isFew = term !== '' && !isMoreThan(sqlite, range, mostSorted);
  const { sql, values } = isFew ? amongFound(query, range) : inOrder(query, range);
  return sqlite.map<{ doc: string }, Person>(sql, values, ({ doc }) => JSON.parse(doc) as Person);
}

const isMoreThan = (sqlite: Sqlite, range: string[], most: number): boolean =>
  sqlite.get(`SELECT 1 FROM people_terms WHERE ${inRange} LIMIT 1 OFFSET ?`, ...range, most) !==
  undefined;

interface Asked {
  sql: string;
  values: Where['values'];
}

/** All that the text finds, sorted. */
function amongFound({ status, sequence, after, limit }: PeopleQuery, range: string[]): Asked {
  const where: Where = { conditions: [], values: [...range] };
  if (status !== undefined) addCondition(where, 'p.status = ?', status);
  if (sequence !== undefined)
    addCondition(
      where,
      'EXISTS (SELECT 1 FROM people_sequences WHERE person = p.id AND sequence = ?)',
      sequence,
    );
  if (after) addCondition(where, '(p.created_at, p.id) < (?, ?)', after.createdAt, after.id);
  return {
    sql: `SELECT p.doc FROM (SELECT DISTINCT person FROM people_terms WHERE ${inRange}) t
      CROSS JOIN people p ON p.id = t.person ${whereOf(where)}
      ORDER BY p.created_at DESC, p.id DESC LIMIT ?`,
    values: [...where.values, limit],
  };
}

/** The newest first, by an index that has this order, until the page is full. */
function inOrder({ status, sequence, after, limit }: PeopleQuery, range: string[]): Asked {
  const where: Where = { conditions: [], values: [] };
  const isIn = sequence !== undefined;
  const [from, created, id, table] = isIn
    ? ['people_sequences s CROSS JOIN people p ON p.id = s.person', 's.created_at', 's.person', 's']
    : ['people p', 'p.created_at', 'p.id', 'p'];
  if (isIn) addCondition(where, 's.sequence = ?', sequence);
  if (status !== undefined) addCondition(where, `${table}.status = ?`, status);
  if (after) addCondition(where, `(${created}, ${id}) < (?, ?)`, after.createdAt, after.id);
  if (range.length)
    addCondition(
      where,
      `EXISTS (SELECT 1 FROM people_terms WHERE person = ${id} AND ${inRange})`,
      ...range,
    );
  return {
    sql: `SELECT p.doc FROM ${from} ${whereOf(where)}
      ORDER BY ${created} DESC, ${id} DESC LIMIT ?`,
    values: [...where.values, limit],
  };
}

const whereOf = ({ conditions }: Where) =>
  conditions.length ? `WHERE ${conditions.join(' AND ')}` : '';
