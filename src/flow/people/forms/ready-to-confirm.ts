import type { Dispatch } from '../../../core/people/dispatch.ts';
import {
  confirmedBy,
  consentsOf,
  mayNotBeAsked,
  toConfirmStep,
} from '../../../core/people/forms/confirmation.ts';
import type { Consent } from '../../../core/people/consent.ts';
import { keyOfAddress, type Person } from '../../../core/people/person.ts';
import { openLanguages } from '../../../core/people/wording/languages.ts';
import { goOnWords } from '../../../core/people/forms/go-on-words.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import { day } from '../../../core/time.ts';
import { cancel, type Ready } from '../sending/make-ready.ts';
import type { PeopleContext } from '../people-context.ts';
import { findReach, type Reach } from '../reach.ts';

const builtIn = openLanguages();

/** Who waits longer for it has forgotten the form. */
const goodFor = 3 * day;

/** The mail that asks whether a form was meant: it needs no consent, and is none of a series. */
export async function readyToConfirm(
  context: PeopleContext,
  dispatch: Dispatch,
): Promise<Ready | undefined> {
  const { store, sequences, clock, settings } = context;
  const person = await store.people.findPerson(dispatch.person);
  if (!person) return undefined;
  const id = confirmedBy(dispatch);
  const asked = consentsOf(id, await store.people.listConsents(person.id));
  const consent = asked.find((one) => one.id === id);
  if (!consent) return cancel(context, dispatch, 'nothing is known of its form');
  if (consent.confirmedAt !== undefined)
    return cancel(context, dispatch, 'it was confirmed already');
  if (clock.now() - consent.at > goodFor)
    return cancel(context, dispatch, 'the form was filled in too long ago');
  const { asksToGoOn: isGoOn = false, purpose } = consent;
  const reachNow = (now: Person) =>
    isGoOn ? findReach(context, now, { purpose, by: ['mail'] }) : mayAsk(context, now, consent);
  const reach = await reachNow(person);
  if ('because' in reach) return cancel(context, dispatch, reach.because);
  const titles = asked.map(({ purpose }) => sequences.get(purpose)?.title ?? purpose);
  const { lang } = consent;
  const words = isGoOn ? goOnWords(lang) : (context.languages ?? builtIn).of(lang).confirmation;
  const when = tellWhen(consent, settings.zone);
  const { sequence, step, reason } = toConfirmStep({ titles, words, when });
  const { address, addressKey } = reach;
  // Nothing that was filled in is in it: anybody may write there what he likes.
  const reader = pickDefined({ ...person, fields: {}, lang: lang ?? person.lang });
  const confirms = { consent: id, reason };
  return { dispatch, person: reader, sequence, step, address, addressKey, confirms, reachNow };
}

async function mayAsk(
  { store, hashOf }: PeopleContext,
  person: Person,
  { addressKey }: Consent,
): Promise<Reach> {
  const address = person.addresses.find((one) => keyOfAddress(one) === addressKey);
  if (!address) return { is: 'none', because: 'the person has another address now' };
  const [stops, consents] = await Promise.all([
    store.people.listSuppressions([hashOf(addressKey)]),
    store.people.listConsents(person.id),
  ]);
  return mayNotBeAsked(addressKey, consents, stops)
    ? { is: 'stopped', because: 'the address was stopped' }
    : { is: 'reached', address, addressKey };
}

const tellWhen = ({ at, lang = 'en' }: Consent, timeZone: string) =>
  new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : [lang, 'en-GB'], {
    timeZone,
    dateStyle: 'long',
    timeStyle: 'short',
  }).format(at);
