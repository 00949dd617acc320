import type { Undoable } from '../../core/journal.ts';
import type { Instant } from '../../core/time.ts';
import { agreedAt, everything, type Purpose, type Suppression } from '../../core/people/consent.ts';
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
 * done again where it was interrupted, since every send looks at the list of stops. What people do
 * themselves is noted once, however often they say it, until they agree again.
 */
export async function stopPerson(context: PeopleContext, stop: Stop): Promise<void> {
  const { store, clock } = context;
  const { person, purpose, because, by } = stop;
  const at = stop.at ?? clock.now();
  const isOwn = because === 'unsubscribed' || because === 'reply';
  const since = await addStops(context, { ...stop, at });
  const id = `stop:${person.id}:${purpose}:${isOwn ? `after:${since}` : at}`;
  const what = purpose === everything ? 'everything' : purpose;
  await store.appendJournal([
    makeEntry(context, 'opted-out', {
      id: `${person.id}:${id}`,
      by,
      person: person.id,
      text: `${person.id} is stopped for ${what}: ${because}`,
      ...(stop.said ? { data: stop.said } : {}),
    }),
  ]);
  if (isOwn)
    await store.people.addActs([
      { id, person: person.id, kind: 'unsubscribed', at, name: purpose },
    ]);
  await endEnrolments(context, stop);
  if (purpose === everything) await markStopped(context, person.id);
}

/** Those that do not hold already. Returns when the person last agreed to what is stopped. */
async function addStops(
  { store: { people }, hashOf }: PeopleContext,
  { person, purpose, because, addressKeys, at }: Stop & { at: Instant },
): Promise<Instant> {
  const keys = addressKeys ?? person.addresses.map(keyOfAddress);
  const hashes = keys.map(hashOf);
  const [consents, stops] = await Promise.all([
    people.listConsents(person.id),
    people.listSuppressions(hashes),
  ]);
  const isAbout = (one: Purpose) => [one, purpose].includes(everything) || one === purpose;
  const since = agreedAt(
    consents.filter((one) => isAbout(one.purpose)),
    keys,
  );
  const holds = (one: Suppression) =>
    one.purpose === purpose && one.because === because && one.at > since;
  const held = new Set(stops.filter(holds).map(({ hash }) => hash));
  const fresh = hashes.filter((hash) => !held.has(hash));
  await people.addSuppressions(fresh.map((hash) => ({ hash, purpose, at, because })));
  return since;
}

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
