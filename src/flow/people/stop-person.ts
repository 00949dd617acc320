import type { Undoable } from '../../core/journal.ts';
import type { Instant } from '../../core/time.ts';
import { everything, type Purpose, type Suppression } from '../../core/people/consent.ts';
import { isLive } from '../../core/people/enrolment.ts';
import { keyOfAddress, type Person } from '../../core/people/person.ts';
import { makeEntry } from '../context.ts';
import { endWithOpen } from './look-at-enrolment.ts';
import type { PeopleContext } from './people-context.ts';

interface Stop {
  person: Person;
  /** A sequence, or everything. */
  purpose: Purpose;
  because: Suppression['because'];
  /** The addresses that it is about; absent: all of the person's. */
  addressKeys?: readonly string[];
  by: string;
  at?: Instant;
  /** Of an operator's command: what takes it back. */
  said?: Undoable;
}

/**
 * The stop itself is written first, and holds from then on: what follows only tidies up, and is
 * done again where it was interrupted, since every send looks at the list of stops.
 */
export async function stopPerson(context: PeopleContext, stop: Stop): Promise<void> {
  const { store, clock, hashOf } = context;
  const { person, purpose, because, by } = stop;
  const keys = stop.addressKeys ?? person.addresses.map(keyOfAddress);
  const at = stop.at ?? clock.now();
  await store.people.addSuppressions(
    keys.map((key) => ({ hash: hashOf(key), purpose, at, because })),
  );
  const what = purpose === everything ? 'everything' : purpose;
  await store.appendJournal([
    makeEntry(context, 'opted-out', {
      id: `${person.id}:stop:${purpose}:${at}`,
      by,
      person: person.id,
      text: `${person.id} is stopped for ${what}: ${because}`,
      ...(stop.said ? { data: stop.said } : {}),
    }),
  ]);
  if (because === 'unsubscribed' || because === 'reply') await noteAct(context, stop, at);
  await endEnrolments(context, stop);
  if (purpose === everything) await markStopped(context, person.id);
}

/** It was the person's own doing. */
const noteAct = ({ store }: PeopleContext, { person: { id }, purpose }: Stop, at: number) =>
  store.people.addActs([
    { id: `stop:${id}:${purpose}:${at}`, person: id, kind: 'unsubscribed', at, name: purpose },
  ]);

async function endEnrolments(context: PeopleContext, { person, purpose, because }: Stop) {
  const { store } = context;
  for (const enrolment of await store.people.listEnrolments({ person: person.id })) {
    if (!isLive(enrolment) || (purpose !== everything && enrolment.sequence !== purpose)) continue;
    await endWithOpen(context, enrolment, { as: 'stopped', why: because });
  }
}

async function markStopped({ store }: PeopleContext, id: string): Promise<void> {
  for (let tries = 0; tries < 20; tries += 1) {
    const before = await store.people.findPerson(id);
    if (!before || before.status === 'stopped') return;
    if (await store.people.changePerson(before, { ...before, status: 'stopped' })) return;
  }
}
