import { type Consent, permissionFor } from '../../../core/people/consent.ts';
import { keyOfAddress, type Person } from '../../../core/people/person.ts';
import type { Sequence } from '../../../core/people/sequence.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import { enter } from '../enter.ts';
import type { PeopleContext } from '../people-context.ts';
import { takeActs } from '../take-acts.ts';
import { type Spoken, toAct } from './spoken.ts';

interface Word {
  person: Person;
  spoken: Spoken;
  sequences: readonly Sequence[];
}

const longestWords = 1000;
const mostTries = 20;

/**
 * The word is a consent to be answered there, for that sequence, and begins it. The act is written
 * last: a look that was interrupted begins again.
 */
export async function enterByWord(
  context: PeopleContext,
  { person, spoken, sequences }: Word,
): Promise<void> {
  const { store, hashOf } = context;
  const addressKey = keyOfAddress(spoken.handle);
  await store.people.addConsents(
    sequences.map(({ id }) => toConsent(spoken, { person: person.id, addressKey, purpose: id })),
  );
  const [consents, stops] = await Promise.all([
    store.people.listConsents(person.id),
    store.people.listSuppressions([hashOf(addressKey)]),
  ]);
  const given = sequences.filter(({ id: purpose }) => {
    const asked = { medium: 'message', addressKey, purpose } as const;
    return permissionFor(asked, consents, stops).is === 'given';
  });
  // They have stopped since they said it.
  if (given.length === 0) return;
  const again = await takeBack(context, person.id);
  for (const sequence of again ? given : [])
    await enterOne(context, { person: again ?? person, spoken, sequence });
  await takeActs(context, [
    { ...toAct(context, spoken.reply, spoken.id), person: person.id, kind: 'confirmed' },
  ]);
}

const toConsent = (
  { reply, id }: Spoken,
  { person, addressKey, purpose }: Pick<Consent, 'person' | 'addressKey' | 'purpose'>,
): Consent => {
  const { inReplyTo, isPrivate, url, text, at, lang } = reply;
  const answers = inReplyTo === undefined ? '' : ` in answer to ${inReplyTo}`;
  return pickDefined({
    id: `${id}:${purpose}`,
    person,
    medium: 'message' as const,
    addressKey,
    purpose,
    way: isPrivate ? ('message' as const) : ('reply' as const),
    at,
    words: text.slice(0, longestWords),
    from: `${url || reply.id}${answers}`,
    lang,
  });
};

/** Whoever had stopped, and says the word after that, wants it again. */
async function takeBack({ store }: PeopleContext, id: string): Promise<Person | undefined> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const before = await store.people.findPerson(id);
    if (!before || before.status !== 'stopped') return before;
    const after = await store.people.changePerson(before, { ...before, status: 'active' });
    if (after) return after;
  }
  return undefined;
}

async function enterOne(
  context: PeopleContext,
  { person, spoken, sequence }: Omit<Word, 'sequences'> & { sequence: Sequence },
): Promise<void> {
  const { at } = spoken.reply;
  const runs = await context.store.people.listEnrolments({
    person: person.id,
    sequence: sequence.id,
  });
  // It was interrupted behind this.
  if (runs.some(({ by, enteredAt }) => by === 'reply' && enteredAt >= at)) return;
  const start = sequence.start.find((one) => one.by === 'reply');
  await enter(context, { person, sequence, by: 'reply', waitFor: start?.waitFor ?? 0 });
}
