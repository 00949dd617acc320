import { ownTurn } from '../../../ports/own-turn.ts';
import { isConfirmed } from '../../../core/people/consent.ts';
import { isConfirmation } from '../../../core/people/forms/confirmation.ts';
import type { Person } from '../../../core/people/person.ts';
import { day, dayNumber, hour, type Instant, toIso } from '../../../core/time.ts';
import { chunks } from '../../../core/chunks.ts';
import type { PeopleContext } from '../people-context.ts';

/** So long a form may be confirmed. */
export const confirmFor = 30 * day;
/** A service that was away for longer looks further back at its next start. */
const lookedBack = 60;

type Stored = Pick<PeopleContext, 'store'>;

const prefixOf = (days: number) => `unconfirmed:${days}:`;
const dayOf = (at: Instant) => dayNumber(toIso(at).slice(0, 10));

/** Whoever fills in a form is looked at again when it can be confirmed no more. */
export async function noteUnconfirmed(
  { store }: Stored,
  person: string,
  at: Instant,
): Promise<void> {
  await store.putFact(`${prefixOf(dayOf(at))}${person}`, at, 0);
}

/** Of whom nothing is known but a form that was never confirmed, nothing is kept. */
export async function forgetUnconfirmed(
  { store, clock }: Pick<PeopleContext, 'store' | 'clock'>,
  signal: AbortSignal,
): Promise<void> {
  // Nobody confirms just now what is deleted just now.
  const before = clock.now() - confirmFor - hour;
  const last = dayOf(before);
  for (let days = last - lookedBack; days <= last; days += 1)
    for (const chunk of chunks(await store.listFacts<Instant>(prefixOf(days))))
      for (const { key, value, revision } of chunk) {
        if (signal.aborted) return;
        await ownTurn();
        if (value > before) continue;
        const person = await store.people.findPerson(key.slice(prefixOf(days).length));
        if (person && (await isUnknown({ store }, person, before)))
          await store.people.forgetPerson(person.id);
        await store.removeFact(key, revision);
      }
}

/** Nobody but a form has ever told of the person. */
async function isUnknown({ store }: Stored, person: Person, before: Instant): Promise<boolean> {
  const { id, status } = person;
  if (status !== 'new') return false;
  const { people } = store;
  const consents = await people.listConsents(id);
  if (consents.some((one) => isConfirmed(one) || one.at > before)) return false;
  if ((await people.listActs({ person: id, limit: 1 })).length > 0) return false;
  if ((await people.listEnrolments({ person: id, limit: 1 })).length > 0) return false;
  return (await people.listDispatches({ person: id })).every(isConfirmation);
}
