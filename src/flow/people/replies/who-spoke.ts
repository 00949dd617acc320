import { randomBytes } from 'node:crypto';
import { keyOfAddress, type Handle, type Person } from '../../../core/people/person.ts';
import { toDisplayName } from '../../../core/people/words/display-name.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import type { PeopleContext } from '../people-context.ts';
import type { Spoken } from './spoken.ts';

const mostTries = 20;

/** Somebody who is not known so far. Undefined: just now another process has met them, and left. */
export async function addWhoSpoke(
  { store, clock }: PeopleContext,
  { reply, handle }: Spoken,
): Promise<Person | undefined> {
  const now = clock.now();
  const name = toDisplayName(reply.author.name);
  const person: Person = pickDefined({
    id: `p-${randomBytes(5).toString('hex')}`,
    status: 'new' as const,
    // What they said before that is looked at again, and says nothing.
    createdAt: Math.min(now, reply.at),
    addresses: [handle],
    fields: pickDefined({ name }),
    lang: toLanguage(reply.lang),
    score: 0,
    scoredAt: now,
    revision: 1,
  });
  if (await store.people.addPerson(person)) return person;
  return store.people.findPersonByAddress(keyOfAddress(handle));
}

/** Strangers write what they like there. */
const toLanguage = (lang = ''): string | undefined =>
  /^[a-z]{2,3}(-[a-z0-9]{2,8}){0,2}$/i.test(lang.slice(0, 40)) ? lang : undefined;

/** They are answered where they spoke last. */
export async function meetAgain(
  { store }: PeopleContext,
  { id }: Person,
  { handle }: Spoken,
): Promise<Person | undefined> {
  const key = keyOfAddress(handle);
  for (let tries = 0; tries < mostTries; tries += 1) {
    const before = await store.people.findPerson(id);
    if (!before) return undefined;
    const isNews = before.addresses.some(
      (one) => keyOfAddress(one) === key && newestAt(one) < newestAt(handle),
    );
    if (!isNews) return before;
    const addresses = before.addresses.map((one) => (keyOfAddress(one) === key ? handle : one));
    const after = await store.people.changePerson(before, { ...before, addresses });
    if (after) return after;
  }
  return undefined;
}

const newestAt = (one: Person['addresses'][number] | Handle): number =>
  one.medium === 'message' ? (one.conversation?.at(-1)?.at ?? 0) : Infinity;
