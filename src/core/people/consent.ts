import type { Instant } from '../time.ts';
import type { Medium } from './person.ts';

/** What a consent or a stop is for: a sequence, or all that we send. */
export type Purpose = string;
export const everything: Purpose = '*';

export type ConsentWay = 'form' | 'reply' | 'message' | 'import' | 'operator';

/** That a person agreed, and how that can be shown. Never changed, but for its confirmation. */
export interface Consent {
  id: string;
  person: string;
  medium: Medium;
  /** Of the address that it is for. */
  addressKey: string;
  purpose: Purpose;
  way: ConsentWay;
  at: Instant;
  /** Exactly what the person was shown, or wrote. */
  words: string;
  /** Of the form: a digest of all that it showed. */
  version?: string;
  /** Where: a page, a post, a file with its row. */
  from?: string;
  lang?: string;
  /** What was filled in beside it; the person has it when it is confirmed. */
  fields?: Record<string, string>;
  /** Of the request, and of its confirmation. */
  ip?: string;
  /** Nothing was filled in: the person was asked whether to go on. */
  asksToGoOn?: true;
  /** A form needs it before anything else is sent. */
  confirmedAt?: Instant;
  confirmedFrom?: string;
}

/** A stop: it holds for the address, even where the person has been forgotten. */
export interface Suppression {
  /** A keyed hash of the address. */
  hash: string;
  purpose: Purpose;
  at: Instant;
  because: 'unsubscribed' | 'complaint' | 'bounced' | 'operator' | 'reply' | 'forgotten';
}

/** By form and confirmed, or in any other way. */
export const isConfirmed = ({ way, confirmedAt }: Consent): boolean =>
  way !== 'form' || confirmedAt !== undefined;

const isFor = (one: Purpose, purpose: Purpose) => one === everything || one === purpose;

export interface Asked {
  medium: Medium;
  addressKey: string;
  purpose: Purpose;
}

export type Permission = { is: 'given' } | { is: 'none' } | { is: 'stopped'; by: Suppression };

/**
 * Whether an address may be written to for a purpose. A stop for everything or for this purpose
 * holds, unless a consent was confirmed after it: what a person says last is what counts. Imports
 * and operators end no stop.
 */
export function permissionFor(
  { medium, addressKey, purpose }: Asked,
  consents: readonly Consent[],
  stops: readonly Suppression[],
): Permission {
  const given = consents.filter(
    (one) =>
      one.medium === medium &&
      one.addressKey === addressKey &&
      isFor(one.purpose, purpose) &&
      isConfirmed(one),
  );
  if (given.length === 0) return { is: 'none' };
  const renewedAt = Math.max(0, ...given.filter(isOwnWord).map(saidAt));
  const by = stops.find((stop) => isFor(stop.purpose, purpose) && stop.at >= renewedAt);
  return by ? { is: 'stopped', by } : { is: 'given' };
}

const isOwnWord = ({ way }: Consent) => way !== 'import' && way !== 'operator';
const saidAt = ({ at, confirmedAt = at }: Consent) => confirmedAt;

/** When the person last agreed to be written to at one of these addresses; 0: never. */
export const agreedAt = (consents: readonly Consent[], addressKeys: readonly string[]): Instant =>
  Math.max(
    0,
    ...consents
      .filter((one) => addressKeys.includes(one.addressKey) && isConfirmed(one) && isOwnWord(one))
      .map(saidAt),
  );
