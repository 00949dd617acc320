import type { Act } from '../../src/core/people/act.ts';
import type { Consent } from '../../src/core/people/consent.ts';
import { type Dispatch, dispatchId } from '../../src/core/people/dispatch.ts';
import { type Enrolment, enrolmentId } from '../../src/core/people/enrolment.ts';
import type { MailAddress, Person } from '../../src/core/people/person.ts';

/** What is kept of people in tests begins here. */
export const start = 1_700_000_000_000;

export const mailTo = (value: string): MailAddress => ({ medium: 'mail', value });

export const makePerson = (id: string, changes: Partial<Person> = {}): Person => ({
  id,
  status: 'active',
  createdAt: start,
  addresses: [mailTo(`${id}@example.com`)],
  fields: { name: `Name of ${id}`, 'a.b': '$x', message: '{"data":1}' },
  score: 0.1 + 0.2,
  scoredAt: start,
  revision: 0,
  ...changes,
});

export const makeConsent = (
  id: string,
  person: string,
  changes: Partial<Consent> = {},
): Consent => ({
  id,
  person,
  medium: 'mail',
  addressKey: `mail:${person}@example.com`,
  purpose: 'welcome',
  way: 'form',
  at: start,
  words: 'Yes, „write" to me \u2028 $a.b',
  ...changes,
});

export const makeAct = (id: string, person: string, changes: Partial<Act> = {}): Act => ({
  id,
  person,
  kind: 'clicked',
  at: start,
  url: 'https://shop.example/?a.b=$c',
  ...changes,
});

export function makeEnrolment(
  sequence: string,
  person: string,
  changes: Partial<Enrolment> = {},
): Enrolment {
  const run = changes.run ?? 1;
  return {
    id: enrolmentId(sequence, person, run),
    person,
    sequence,
    run,
    state: 'active',
    by: 'form',
    enteredAt: start,
    isHoldout: false,
    done: [],
    nextAt: start,
    why: 'right after entering',
    revision: 0,
    ...changes,
  };
}

export function makeDispatch(
  enrolment: Enrolment,
  step: string,
  changes: Partial<Dispatch> = {},
): Dispatch {
  return {
    id: dispatchId(enrolment, step),
    person: enrolment.person,
    sequence: enrolment.sequence,
    run: enrolment.run,
    step,
    enrolment: enrolment.id,
    state: 'planned',
    medium: 'mail',
    at: start,
    why: 'right after entering',
    attempts: 0,
    fence: 0,
    revision: 0,
    ...changes,
  };
}

export const idsOf = (all: readonly { id: string }[]): string[] => all.map(({ id }) => id);
