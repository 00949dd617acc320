import type { Consent } from '../core/people/consent.ts';
import type { Dispatch } from '../core/people/dispatch.ts';
import { type Enrolment, isLive } from '../core/people/enrolment.ts';
import { keyOfAddress, type Address, type Person } from '../core/people/person.ts';
import { pickDefined } from '../core/pick-defined.ts';
import type { Instant } from '../core/time.ts';

/** What is searched of each record, whichever store it is in; the rest is its JSON. */
export const personFields = (person: Person) => ({
  status: person.status,
  createdAt: person.createdAt,
});

/** Later acts and consents raise it. */
export const aliveSince = ({ createdAt, signAt = createdAt }: Person): Instant =>
  Math.max(createdAt, signAt);

export const enrolmentFields = (enrolment: Enrolment) =>
  pickDefined({
    person: enrolment.person,
    sequence: enrolment.sequence,
    state: enrolment.state,
    isHoldout: enrolment.isHoldout,
    nextAt: enrolment.nextAt,
  });

/** One for each person and sequence may be live. */
export const liveKeyOf = (enrolment: Enrolment): string | undefined =>
  isLive(enrolment) ? `${enrolment.sequence}@${enrolment.person}` : undefined;

export const dispatchFields = (dispatch: Dispatch) =>
  pickDefined({
    person: dispatch.person,
    sequence: dispatch.sequence,
    step: dispatch.step,
    enrolment: dispatch.enrolment,
    state: dispatch.state,
    medium: dispatch.medium,
    at: dispatch.at,
    sentAt: dispatch.sentAt,
    claimEndsAt: dispatch.claim?.until,
    messageId: dispatch.intent?.messageId,
    serverId: dispatch.receipt?.serverId,
  });

/** When a consent was last a sign of life. */
export const consentAt = ({ at, confirmedAt = at }: Consent): Instant => Math.max(at, confirmedAt);

export const addressKeysOf = ({ addresses }: Person): string[] => [
  ...new Set(addresses.map(keyOfAddress)),
];

/** Longer words are found by their beginning. */
const longestTerm = 80;
const mostWords = 12;

export const normalizeTerm = (text: string): string =>
  text.slice(0, longestTerm).normalize('NFC').toLowerCase().trim();

/** What a person is found by, from the beginning of each: addresses, handles, names, the id. */
export function termsOf(person: Person): string[] {
  const names = [person.fields['name'] ?? '', ...person.addresses.flatMap(namesIn)];
  const words = names.flatMap((name) => [name, ...name.split(/\s+/, mostWords)]);
  const terms = [person.id, person.id.replace(/^p-/, ''), ...words].map(normalizeTerm);
  return [...new Set(terms)].filter(Boolean);
}

function namesIn(address: Address): string[] {
  if (address.medium === 'mail') return [address.value];
  if (address.medium === 'letter') return address.lines.slice(0, 1);
  return [address.value, address.handle, address.handle.replace(/^@/, '')];
}

/** Behind everything that begins with a term. */
export const endOfTerm = (term: string): string => `${term}\u{10FFFF}`;
