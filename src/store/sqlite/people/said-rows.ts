import { chunks } from '../../../core/chunks.ts';
import { type Act } from '../../../core/people/act.ts';
import type { Consent, Suppression } from '../../../core/people/consent.ts';
import type { Sqlite } from '../../../io/sqlite.ts';
import type { ActQuery } from '../../../ports/people/people-store.ts';
import { consentAt } from '../../people-rows.ts';
import { addCondition, addIds, selectDocs, type Selection } from '../select.ts';
import { findDoc } from './kept-rows.ts';
import { noteAlive } from './person-rows.ts';

interface Said {
  id: string;
  person: string;
  at: number;
}

/** Of somebody who is there; false where the id exists. */
const insertSaid = (sqlite: Sqlite, table: 'acts' | 'consents', one: Said): boolean =>
  sqlite.run(
    `INSERT INTO ${table} (id, person, at, doc)
     SELECT ?, id, ?, ? FROM people WHERE id = ? ON CONFLICT (id) DO NOTHING`,
    one.id,
    one.at,
    JSON.stringify(one),
    one.person,
  ) === 1;

export function addConsents(sqlite: Sqlite, consents: readonly Consent[]): void {
  for (const chunk of chunks(consents))
    sqlite.transaction(() => {
      for (const one of chunk)
        if (insertSaid(sqlite, 'consents', one)) noteAlive(sqlite, one.person, consentAt(one));
    });
}

export const confirmConsent = (
  sqlite: Sqlite,
  id: string,
  { at, from }: { at: number; from?: string },
): boolean =>
  sqlite.transaction(() => {
    const before = findConsent(sqlite, id);
    if (!before || before.confirmedAt !== undefined) return false;
    const after: Consent = {
      ...before,
      confirmedAt: at,
      ...(from !== undefined && { confirmedFrom: from }),
    };
    sqlite.run('UPDATE consents SET doc = ? WHERE id = ?', JSON.stringify(after), id);
    noteAlive(sqlite, before.person, consentAt(after));
    return true;
  });

export const findConsent = (sqlite: Sqlite, id: string): Consent | undefined =>
  findDoc<Consent>(sqlite, 'consents', id);

export const listConsents = (sqlite: Sqlite, person: string): Consent[] =>
  sqlite.map<{ doc: string }, Consent>(
    'SELECT doc FROM consents WHERE person = ? ORDER BY at, id',
    [person],
    ({ doc }) => JSON.parse(doc) as Consent,
  );

export function addSuppressions(sqlite: Sqlite, stops: readonly Suppression[]): void {
  for (const chunk of chunks(stops))
    sqlite.transaction(() => {
      for (const { hash, purpose, at, because } of chunk)
        sqlite.run(
          `INSERT INTO suppressions (hash, purpose, at, because) VALUES (?, ?, ?, ?)
           ON CONFLICT (hash, purpose) DO UPDATE SET at = excluded.at, because = excluded.because
           WHERE excluded.at > at`,
          hash,
          purpose,
          at,
          because,
        );
    });
}

export const listSuppressions = (sqlite: Sqlite, hashes: readonly string[]): Suppression[] =>
  sqlite.map<Suppression, Suppression>(
    `SELECT hash, purpose, at, because FROM suppressions
     WHERE hash IN (SELECT value FROM json_each(?)) ORDER BY hash, purpose`,
    [JSON.stringify(hashes)],
    (row) => ({ ...row }),
  );

/** One transaction for many: each commit waits for the disk. */
export const addActs = (sqlite: Sqlite, acts: readonly Act[]): string[] =>
  chunks(acts).flatMap((chunk) =>
    sqlite.transaction(() =>
      chunk.filter((act) => insertSaid(sqlite, 'acts', act)).map(({ id }) => id),
    ),
  );

export function listActs(sqlite: Sqlite, query: ActQuery): Act[] {
  if (query.kinds?.length === 0 || query.limit === 0) return [];
  const selection: Selection = {
    table: 'acts',
    where: { conditions: ['person = ?'], values: [query.person] },
    order: [{ column: 'at', isDescending: true }, { column: 'id' }],
    limit: query.limit,
  };
  if (query.since !== undefined) addCondition(selection.where, 'at >= ?', query.since);
  if (query.kinds) addIds(selection.where, "json_extract(doc, '$.kind')", query.kinds);
  return selectDocs(sqlite, selection, (doc) => JSON.parse(doc) as Act);
}

export const removeSuppressions = (sqlite: Sqlite, stops: readonly Suppression[]): void =>
  sqlite.transaction(() => {
    for (const { hash, purpose, at, because } of stops)
      sqlite.run(
        'DELETE FROM suppressions WHERE hash = ? AND purpose = ? AND at = ? AND because = ?',
        hash,
        purpose,
        at,
        because,
      );
  });
