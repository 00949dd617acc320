import type { StepLink } from '../../../core/clicks/click.ts';
import type { Sqlite } from '../../../io/sqlite.ts';
import type { Body, PeopleChange } from '../../../ports/people/people-store.ts';
import { insertLink } from '../click-records.ts';
import { insertEntries } from '../journal-records.ts';
import { insertDispatch, updateDispatch } from './dispatch-rows.ts';
import { updateEnrolment } from './enrolment-rows.ts';
import { isThere } from './kept-rows.ts';
import { updatePerson } from './person-rows.ts';

/** Undoes what was written before it. */
class Overtaken extends Error {
  override name = 'Overtaken';
}

export function change(sqlite: Sqlite, { enrolment, person, dispatch, entries }: PeopleChange) {
  const expect = (isWritten: boolean) => {
    if (!isWritten) throw new Overtaken();
  };
  try {
    sqlite.transaction(() => {
      if (person) expect(updatePerson(sqlite, person.before, person.after) !== undefined);
      if (enrolment) expect(updateEnrolment(sqlite, enrolment.before, enrolment.after));
      if (dispatch?.before) expect(updateDispatch(sqlite, dispatch.before, dispatch.after));
      else if (dispatch) expect(insertDispatch(sqlite, dispatch.after));
      insertEntries(sqlite, entries ?? []);
    });
    return true;
  } catch (error) {
    if (error instanceof Overtaken) return false;
    throw error;
  }
}

/** One write to the disk for both. */
export const putBodyAndLinks = (sqlite: Sqlite, body: Body, links: readonly StepLink[]): void =>
  sqlite.transaction(() => {
    putBody(sqlite, body);
    if (isThere(sqlite, body.person)) for (const link of links) insertLink(sqlite, link);
  });

/** Inside a transaction of the caller. */
export function putBody(sqlite: Sqlite, { person, hash, bytes }: Body): void {
  if (isThere(sqlite, person))
    sqlite.run(
      'INSERT INTO bodies (hash, person, bytes) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      hash,
      person,
      bytes,
    );
}

export function findBody(sqlite: Sqlite, hash: string): Uint8Array | undefined {
  const row = sqlite.get<{ bytes: Uint8Array }>(
    'SELECT bytes FROM bodies WHERE hash = ? LIMIT 1',
    hash,
  );
  return row && new Uint8Array(row.bytes);
}
