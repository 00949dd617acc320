import { formConsentId, toConfirmation } from '../../../core/people/forms/confirmation.ts';
import { type Consent, isConfirmed } from '../../../core/people/consent.ts';
import type { Enrolment } from '../../../core/people/enrolment.ts';
import type { Person } from '../../../core/people/person.ts';
import type { Sequence } from '../../../core/people/sequence.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import { day, type Instant } from '../../../core/time.ts';
import type { PeopleContext } from '../people-context.ts';

interface About {
  sequence: Sequence;
  addressKey: string;
}

const lookAgainFor = day;

/**
 * Who has been silent for long is asked once, by mail, and gets nothing more until the button in it
 * is pressed, or any other sign of life comes. Undefined: the person is not silent. Each write has
 * the name of its day, so that what was cut off is gone on with.
 */
export async function askToGoOn(
  context: PeopleContext,
  person: Person,
  about: About,
): Promise<Pick<Enrolment, 'nextAt' | 'why'> | undefined> {
  const { store, clock, settings } = context;
  const now = clock.now();
  const consents = await store.people.listConsents(person.id);
  if (now - lastSign(person, consents) < settings.people.quietFor) return undefined;
  const waiting = { nextAt: now + lookAgainFor, why: 'the person was asked whether to go on' };
  if (person.askedAt !== undefined && (await isAsked(context, person, person.askedAt)))
    return waiting;
  const consent = toQuestion(person, { ...about, at: now });
  await store.people.addConsents([consent]);
  const after = toConfirmation(consent, { why: 'there was no sign of life for long', now });
  await store.people.change({ dispatch: { after } });
  await store.people.changePerson(person, { ...person, askedAt: now });
  await context.alarms.set('people', 'mail', now);
  return waiting;
}

const lastSign = ({ signAt = 0, createdAt }: Person, consents: readonly Consent[]): Instant =>
  Math.max(
    createdAt,
    signAt,
    ...consents.filter(isConfirmed).map(({ at, confirmedAt = at }) => confirmedAt),
  );

/** A question that never got there is asked again. */
async function isAsked({ store }: PeopleContext, { id }: Person, at: Instant): Promise<boolean> {
  const { id: dispatch } = toConfirmation({ person: id, at }, { why: '', now: at });
  const found = await store.people.findDispatch(dispatch);
  return found !== undefined && !['failed', 'cancelled', 'bounced'].includes(found.state);
}

const toQuestion = (
  { id: person, lang }: Person,
  { sequence, addressKey, at }: About & { at: Instant },
): Consent =>
  pickDefined({
    id: formConsentId(person, at),
    person,
    medium: 'mail' as const,
    addressKey,
    purpose: sequence.id,
    way: 'form' as const,
    at,
    words: `Go on with ${sequence.title}`,
    from: 'a question after a long silence',
    lang,
    asksToGoOn: true as const,
  });
