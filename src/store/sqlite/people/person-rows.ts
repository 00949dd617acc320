import type { Person } from '../../../core/people/person.ts';
import type { Instant } from '../../../core/time.ts';
import type { Sqlite } from '../../../io/sqlite.ts';
import type { PeopleQuery } from '../../../ports/people/people-store.ts';
import { addressKeysOf, aliveSince, personFields, termsOf } from '../../people-rows.ts';
import { findDoc, insertRow, type KeptRow, updateRow } from './kept-rows.ts';

const toRow = (person: Person, aliveAt: Instant): KeptRow => {
  const { status, createdAt } = personFields(person);
  return {
    id: person.id,
    revision: person.revision,
    columns: { status, created_at: createdAt, alive_at: aliveAt },
    doc: JSON.stringify(person),
  };
};

export const addPerson = (sqlite: Sqlite, person: Person): boolean =>
  sqlite.transaction(() => insertPerson(sqlite, person));

/** Inside a transaction of the caller. */
export function insertPerson(sqlite: Sqlite, person: Person): boolean {
  const keys = addressKeysOf(person);
  if (keys.some((key) => ownerOf(sqlite, key) !== undefined)) return false;
  if (!insertRow(sqlite, 'people', toRow(person, aliveSince(person)))) return false;
  putKeys(sqlite, person.id, keys);
  putTerms(sqlite, person);
  return true;
}

const ownerOf = (sqlite: Sqlite, key: string): string | undefined =>
  sqlite.get<{ person: string }>('SELECT person FROM people_addresses WHERE key = ?', key)?.person;

function putKeys(sqlite: Sqlite, person: string, keys: readonly string[]): void {
  for (const key of keys)
    sqlite.run('INSERT INTO people_addresses (key, person) VALUES (?, ?)', key, person);
}

function putTerms(sqlite: Sqlite, person: Person): void {
  for (const term of termsOf(person))
    sqlite.run('INSERT INTO people_terms (term, person) VALUES (?, ?)', term, person.id);
}

/** Inside a transaction of the caller; undefined: nothing is written. */
export function updatePerson(sqlite: Sqlite, before: Person, after: Person): Person | undefined {
  const next: Person = { ...after, id: before.id, revision: before.revision + 1 };
  const keys = addressKeysOf(next);
  const isTaken = keys.some((key) => (ownerOf(sqlite, key) ?? next.id) !== next.id);
  if (isTaken) return undefined;
  const kept = sqlite.get<{ alive_at: Instant; doc: string }>(
    'SELECT alive_at, doc FROM people WHERE id = ?',
    next.id,
  );
  if (!kept) return undefined;
  const row = toRow(next, Math.max(kept.alive_at, aliveSince(next)));
  if (!updateRow(sqlite, 'people', { before: before.revision, row })) return undefined;
  replaceKeys(sqlite, JSON.parse(kept.doc) as Person, next);
  return next;
}

/** Most changes are of something else. */
function replaceKeys(sqlite: Sqlite, old: Person, next: Person): void {
  const isSame = (of: (person: Person) => string[]) => of(old).join('\n') === of(next).join('\n');
  if (!isSame(addressKeysOf)) {
    sqlite.run('DELETE FROM people_addresses WHERE person = ?', next.id);
    putKeys(sqlite, next.id, addressKeysOf(next));
  }
  if (isSame(termsOf)) return;
  sqlite.run('DELETE FROM people_terms WHERE person = ?', next.id);
  putTerms(sqlite, next);
}

export const changePerson = (sqlite: Sqlite, before: Person, after: Person): Person | undefined =>
  sqlite.transaction(() => updatePerson(sqlite, before, after));

export const findPerson = (sqlite: Sqlite, id: string): Person | undefined =>
  findDoc<Person>(sqlite, 'people', id);

export const findPersons = (sqlite: Sqlite, ids: readonly string[]): Person[] =>
  [...new Set(ids)].flatMap((id) => findPerson(sqlite, id) ?? []);

export function findPersonByAddress(sqlite: Sqlite, key: string): Person | undefined {
  const owner = ownerOf(sqlite, key);
  return owner === undefined ? undefined : findPerson(sqlite, owner);
}

export const countPeople = (sqlite: Sqlite, { status }: Pick<PeopleQuery, 'status'>): number =>
  sqlite.get<{ n: number }>(
    `SELECT count(*) AS n FROM people ${status === undefined ? '' : 'WHERE status = ?'}`,
    ...(status === undefined ? [] : [status]),
  )?.n ?? 0;

export const listSilent = (sqlite: Sqlite, since: Instant, limit: number): string[] =>
  sqlite
    .all<{ id: string }>(
      'SELECT id FROM people WHERE alive_at < ? ORDER BY alive_at, id LIMIT ?',
      since,
      limit,
    )
    .map(({ id }) => id);

/** Inside a transaction of the caller. */
export function noteAlive(sqlite: Sqlite, person: string, at: Instant): void {
  sqlite.run('UPDATE people SET alive_at = ? WHERE id = ? AND alive_at < ?', at, person, at);
}

const theirs = [
  'people_addresses',
  'people_terms',
  'people_sequences',
  'consents',
  'acts',
  'enrolments',
  'dispatches',
  'bodies',
];

/** They lead on, and nothing of the person is in them any more. */
const bareLinks = (sqlite: Sqlite, person: string) =>
  sqlite.run(
    `UPDATE links SET doc = json_remove(
       json_set(doc, '$.target', json_extract(doc, '$.bare')), '$.bare')
     WHERE delivery IN (SELECT id FROM dispatches WHERE person = ?)
       AND json_extract(doc, '$.bare') IS NOT NULL`,
    person,
  );

export const forgetPerson = (sqlite: Sqlite, id: string): boolean =>
  sqlite.transaction(() => {
    sqlite.run('UPDATE coupons SET person = NULL WHERE person = ?', id);
    bareLinks(sqlite, id);
    for (const table of theirs) sqlite.run(`DELETE FROM ${table} WHERE person = ?`, id);
    return sqlite.run('DELETE FROM people WHERE id = ?', id) === 1;
  });
