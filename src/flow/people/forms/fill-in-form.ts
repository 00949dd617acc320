import { randomBytes } from 'node:crypto';
import {
  besideConsent,
  formConsentId,
  lastAsked,
  mayNotBeAsked,
  toConfirmation,
} from '../../../core/people/forms/confirmation.ts';
import type { Consent } from '../../../core/people/consent.ts';
import { type Address, keyOfAddress, type Person } from '../../../core/people/person.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import { day } from '../../../core/time.ts';
import type { PeopleContext } from '../people-context.ts';
import { noteUnconfirmed } from './forget-unconfirmed.ts';

/** A form as somebody sent it; whether it was the address's owner is not known yet. */
export interface FilledIn {
  form: string;
  /** The ids of what it begins; one at least. */
  sequences: readonly string[];
  mail: string;
  fields: Record<string, string>;
  /** Exactly what was shown, and a digest of it. */
  words: string;
  version: string;
  lang: string;
  /** The page. */
  from: string;
  ip?: string | undefined;
}

const month = 30 * day;
const mostAMonth = 3;

/**
 * Asks the address's owner by mail: once a day and three times a month at most, however often and
 * from wherever a form is filled in with it. Nothing of a known person is changed by it. Call it
 * for one address at a time.
 */
export async function fillInForm(context: PeopleContext, filled: FilledIn): Promise<void> {
  const { store, clock, hashOf } = context;
  const address: Address = { medium: 'mail', value: filled.mail };
  const addressKey = keyOfAddress(address);
  const person = await findOrAdd(context, address);
  if (!person) return;
  const [stops, consents] = await Promise.all([
    store.people.listSuppressions([hashOf(addressKey)]),
    store.people.listConsents(person.id),
  ]);
  if (mayNotBeAsked(addressKey, consents, stops)) return;
  const now = clock.now();
  const { at, newest } = lastAsked(addressKey, consents);
  if (newest && now - newest.at < day) {
    // It was interrupted before its mail was written.
    if (newest.confirmedAt === undefined) await ask(context, newest);
    return;
  }
  if (at.filter((one) => now - one < month).length >= mostAMonth) return;
  const agreed = toConsents({ filled, person, addressKey, at: now });
  const [first] = agreed;
  if (!first) return;
  await noteUnconfirmed(context, person.id, now);
  // The first is written last: with it the mail goes out.
  await store.people.addConsents(agreed.slice(1));
  await store.people.addConsents([first]);
  await ask(context, first);
}

async function ask(context: PeopleContext, consent: Consent): Promise<void> {
  const { store, clock, alarms } = context;
  const why = 'its form was filled in';
  const after = toConfirmation(consent, { why, now: clock.now() });
  if (await store.people.findDispatch(after.id)) return;
  await store.people.change({ dispatch: { after } });
  await alarms.set('people', after.medium, after.at);
}

async function findOrAdd(
  { store, clock }: PeopleContext,
  address: Address,
): Promise<Person | undefined> {
  const key = keyOfAddress(address);
  const known = await store.people.findPersonByAddress(key);
  if (known) return known;
  const now = clock.now();
  const person: Person = {
    id: `p-${randomBytes(5).toString('hex')}`,
    status: 'new',
    createdAt: now,
    addresses: [address],
    fields: {},
    score: 0,
    scoredAt: now,
    revision: 1,
  };
  // Beforehand: where it is cut off, nobody is left over.
  await noteUnconfirmed({ store }, person.id, now);
  return (await store.people.addPerson(person)) ? person : store.people.findPersonByAddress(key);
}

interface Agreeing {
  filled: FilledIn;
  person: Person;
  addressKey: string;
  at: number;
}

function toConsents({ filled, person, addressKey, at }: Agreeing): Consent[] {
  const { sequences, words, version, from, lang, ip, fields } = filled;
  const first = formConsentId(person.id, at);
  return sequences.map((purpose, i) =>
    pickDefined({
      id: i === 0 ? first : besideConsent(first, purpose),
      person: person.id,
      medium: 'mail' as const,
      addressKey,
      purpose,
      way: 'form' as const,
      at,
      words,
      version,
      from,
      lang,
      fields: i === 0 && Object.keys(fields).length > 0 ? fields : undefined,
      ip,
    }),
  );
}
