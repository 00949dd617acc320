import type { Receipt } from '../post/message.ts';
import type { Instant } from '../time.ts';
import type { Network } from '../network/network.ts';

export const personStatuses = ['new', 'active', 'handed-over', 'won', 'lost', 'stopped'] as const;
export type PersonStatus = (typeof personStatuses)[number];

export const media = ['mail', 'message', 'letter'] as const;
/** How a person is reached. */
export type Medium = (typeof media)[number];

export interface MailAddress {
  medium: 'mail';
  /** As it was typed: mail goes there. */
  value: string;
}

export interface Handle {
  medium: 'message';
  network: Network;
  /** Our account that the person spoke to. */
  account: string;
  /** The network's own id of the person. */
  value: string;
  handle: string;
  /** The newest that they wrote, behind what its conversation began with. */
  conversation?: Receipt[];
}

export interface PostalAddress {
  medium: 'letter';
  /** Name, street, further lines. */
  lines: string[];
  postcode: string;
  city: string;
  /** ISO 3166 alpha-2. */
  country: string;
}

export type Address = MailAddress | Handle | PostalAddress;

/** Somebody who asked to be written to. */
export interface Person {
  /** Such as `p-7k2mq4`. */
  id: string;
  status: PersonStatus;
  createdAt: Instant;
  addresses: Address[];
  /** Such as `name`. */
  fields: Record<string, string>;
  /** IANA; absent: it is not known. */
  zone?: string;
  /** BCP 47. */
  lang?: string;
  /** At `scoredAt`; it is halved every thirty days. */
  score: number;
  scoredAt: Instant;
  /** The newest click, visit, answer or purchase. */
  signAt?: Instant;
  /** The operator who looks after it. */
  takenBy?: string;
  /** Not handed over by its score before then. */
  laterUntil?: Instant;
  /** When the question was sent whether to go on; a sign of life removes it. */
  askedAt?: Instant;
  revision: number;
}

/**
 * What two spellings of one address have in common: the unique key of a person. Nothing is taken
 * out of the local part: `a+b` and `a.b` are other people's mailboxes.
 */
export function keyOfAddress(address: Address): string {
  if (address.medium === 'mail')
    return `mail:${address.value.trim().normalize('NFC').toLowerCase()}`;
  if (address.medium === 'message') return `${address.network}:${address.value}`;
  const { lines, postcode, city, country } = address;
  return `letter:${[...lines, postcode, city, country].map(squeeze).join('|')}`;
}

const squeeze = (text: string) => text.normalize('NFC').toLowerCase().replace(/\s+/g, ' ').trim();

const longestAddress = 254;
const atom = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
const label = /^[\p{L}\p{N}]([\p{L}\p{N}-]*[\p{L}\p{N}])?$/u;

/** Why nothing can be sent to a mail address; undefined: it may be. */
export function whyNoMailAddress(value: string): string | undefined {
  if (value.length > longestAddress) return 'is too long';
  const [local = '', domain = '', ...more] = value.split('@');
  if (more.length > 0) return 'has more than one @';
  if (!value.includes('@')) return 'has no @';
  if (local.length > 64 || !atom.test(local)) return 'has a part before the @ that mail cannot use';
  const labels = domain.split('.');
  if (labels.length < 2) return 'has no dot after the @';
  if (!labels.every((one) => one.length < 64 && label.test(one)))
    return 'has a domain that does not exist';
  return undefined;
}
