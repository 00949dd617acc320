import { consentsOf } from '../../../core/people/forms/confirmation.ts';
import { type Consent, permissionFor } from '../../../core/people/consent.ts';
import type { Person } from '../../../core/people/person.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import { enter } from '../enter.ts';
import type { PeopleContext } from '../people-context.ts';
import { takeActs } from '../take-acts.ts';
import { confirmFor } from './forget-unconfirmed.ts';

const mostTries = 20;

export interface Asked {
  is: 'open' | 'confirmed' | 'old';
  person: string;
  /** What it is for: the ids of sequences. */
  purposes: string[];
  lang?: string;
}

/** Looks, and changes nothing. Undefined: there is no such form, or its person is gone. */
export async function findAsked(
  { store, clock }: Pick<PeopleContext, 'store' | 'clock'>,
  id: string,
): Promise<Asked | undefined> {
  const first = await store.people.findConsent(id);
  if (!first || first.way !== 'form') return undefined;
  const all = consentsOf(id, await store.people.listConsents(first.person));
  return pickDefined({
    is: stateOf(first, clock.now()),
    person: first.person,
    purposes: all.map(({ purpose }) => purpose),
    lang: first.lang,
  });
}

/** A question whether to go on may be answered at any time. */
function stateOf({ confirmedAt, at, asksToGoOn }: Consent, now: number): Asked['is'] {
  if (confirmedAt !== undefined) return 'confirmed';
  if (asksToGoOn) return 'open';
  return now - at > confirmFor ? 'old' : 'open';
}

/**
 * The consent is confirmed once, and what follows from it is done until it is: a second press goes
 * on where the first was interrupted, and does nothing more. Who has unsubscribed since then is not
 * entered again by an old link.
 */
export async function confirmForm(
  context: PeopleContext,
  { id, from }: { id: string; from: string | undefined },
): Promise<Asked | undefined> {
  const { store, clock, hashOf } = context;
  const asked = await findAsked(context, id);
  if (!asked || asked.is === 'old') return asked;
  const at = clock.now();
  const before = consentsOf(id, await store.people.listConsents(asked.person));
  // The first one last: where it is confirmed, all are.
  for (const one of before.toReversed())
    await store.people.confirmConsent(one.id, pickDefined({ at, from }));
  const consents = await store.people.listConsents(asked.person);
  const first = consents.find((one) => one.id === id);
  if (!first) return undefined;
  const stops = await store.people.listSuppressions([hashOf(first.addressKey)]);
  const given = consentsOf(id, consents).filter(
    ({ medium, addressKey, purpose }) =>
      permissionFor({ medium, addressKey, purpose }, consents, stops).is === 'given',
  );
  if (given.length === 0) return { ...asked, is: 'confirmed' };
  const person = await takeOver(context, first);
  if (person) await enterAll(context, person, given);
  return { ...asked, is: 'confirmed' };
}

/** What was filled in becomes the person's, who is written to again; once. */
async function takeOver(context: PeopleContext, first: Consent): Promise<Person | undefined> {
  const { store } = context;
  const { id, person, confirmedAt = 0, fields = {}, lang } = first;
  const act = { id: `${id}:confirmed`, person, kind: 'confirmed', at: confirmedAt } as const;
  const known = await store.people.listActs({ person, kinds: ['confirmed'] });
  if (!known.some((one) => one.id === act.id)) {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const before = await store.people.findPerson(person);
      if (!before) return undefined;
      const status = before.status === 'stopped' ? ('active' as const) : before.status;
      const after = pickDefined({
        ...before,
        status,
        fields: { ...before.fields, ...fields },
        lang: lang ?? before.lang,
      });
      if (await store.people.changePerson(before, after)) break;
    }
    await takeActs(context, [act]);
  }
  return store.people.findPerson(person);
}

async function enterAll(
  context: PeopleContext,
  person: Person,
  given: readonly Consent[],
): Promise<void> {
  for (const { purpose, confirmedAt = 0 } of given) {
    const sequence = context.sequences.get(purpose);
    if (!sequence) continue;
    const runs = await context.store.people.listEnrolments({
      person: person.id,
      sequence: purpose,
    });
    // An old link does not begin it again.
    if (runs.some(({ enteredAt }) => enteredAt >= confirmedAt)) continue;
    const start = sequence.start.find((one) => one.by === 'form');
    const { waitFor = 0 } = start ?? {};
    await enter(context, { person, sequence, by: 'form', waitFor });
  }
}
