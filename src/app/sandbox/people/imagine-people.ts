import { createHash } from 'node:crypto';
import { chance } from '../../../core/chance.ts';
import type { Consent } from '../../../core/people/consent.ts';
import {
  keyOfAddress,
  type Medium,
  type Person,
  type PostalAddress,
} from '../../../core/people/person.ts';
import { day, hour, type Instant, minute } from '../../../core/time.ts';

/** The sample that they sign up for. */
export const sampleSequence = 'welcome';
/** The one on paper, for those who leave a postal address. */
export const paperSequence = 'catalogue';

const names = (
  'Ada Ben Carla Dario Elif Finn Greta Hugo Ines Jonas Kira Leo Mira Nils Olga Pavel Quinn Rosa ' +
  'Samir Tilda Uma Viktor Wanda Xaver Yara Zeno Amal Bruno Clara Dina'
).split(' ');

/** The same key has the same name. */
export function nameOf(key: string): string {
  const digest = createHash('sha256').update(`sandbox name ${key}`).digest();
  return names[digest.readUInt16BE(0) % names.length] ?? '';
}

export interface Newcomer {
  person: Person;
  consents: Consent[];
}

/** Somebody who fills in the form; the same key is the same person. */
export function imaginePerson(key: string, at: Instant, door: string): Newcomer {
  const digest = createHash('sha256').update(`sandbox person ${key}`).digest();
  const id = `p-${[...digest.subarray(0, 6)].map((byte) => (byte % 32).toString(32)).join('')}`;
  const name = names[digest.readUInt16BE(6) % names.length] ?? '';
  const address = { medium: 'mail' as const, value: `${name.toLowerCase()}.${id}@people.example` };
  const postal = postalOf(digest, name);
  const agreed = {
    person: id,
    way: 'form' as const,
    at,
    from: `${door}/f/newsletter`,
    confirmedAt: at + 4 * minute,
  };
  const toConsent = (medium: Medium, addressKey: string, words: string): Consent => ({
    ...agreed,
    id: `sandbox:${id}${medium === 'mail' ? '' : `:${medium}`}`,
    medium,
    addressKey,
    purpose: medium === 'letter' ? paperSequence : sampleSequence,
    words,
  });
  return {
    person: {
      id,
      status: 'new',
      createdAt: at,
      addresses: [address, ...(postal ? [postal] : [])],
      fields: { name },
      score: 0,
      scoredAt: at,
      revision: 0,
    },
    consents: [
      toConsent('mail', keyOfAddress(address), mailWords),
      ...(postal ? [toConsent('letter', keyOfAddress(postal), letterWords)] : []),
    ],
  };
}

const mailWords =
  'Yes, send me the planning guide and three mails about it. I can stop at any time by ' +
  'the link in each mail.';
const letterWords = 'Yes, send me the catalogue by post.';

const streets = ['Maple Street', 'Oak Avenue', 'Lake Drive', 'Hill Road'];
const towns = [
  { city: 'Springfield, IL', postcode: '62701', country: 'US' },
  { city: 'Portland, OR', postcode: '97205', country: 'US' },
  { city: 'Berlin', postcode: '10115', country: 'DE' },
];

/** Two of five leave one. */
function postalOf(digest: Buffer, name: string): PostalAddress | undefined {
  if (digest.readUInt8(8) % 5 > 1) return undefined;
  const town = towns[digest.readUInt8(9) % towns.length];
  const street = `${1 + digest.readUInt8(10)} ${streets[digest.readUInt8(11) % streets.length]}`;
  return town && { medium: 'letter', lines: [`${name} Example`, street], ...town };
}

export type Deed = 'clicked' | 'bought' | 'replied' | 'unsubscribed' | 'bounced' | 'complained';

/** There is a door and a mailbox for all of them only while it runs. */
export const ofThePast: readonly Deed[] = ['clicked', 'bought', 'replied', 'unsubscribed'];

/** What somebody does with a mail, and how long after it came. */
export function imagineDeeds(dispatch: string): { deed: Deed; after: number }[] {
  const after = (word: string, least: number, most: number) =>
    Math.round(least + chance('sandbox', word, dispatch) * (most - least));
  const does = (deed: Deed, share: number) => chance('sandbox does', deed, dispatch) < share;
  if (does('bounced', 0.03)) return [{ deed: 'bounced', after: after('back', minute, hour) }];
  if (does('complained', 0.015)) return [{ deed: 'complained', after: after('spam', hour, day) }];
  if (does('unsubscribed', 0.07)) return [{ deed: 'unsubscribed', after: after('no', hour, day) }];
  if (!does('clicked', 0.45)) return [];
  const clickAfter = after('click', 20 * minute, 20 * hour);
  const more: { deed: Deed; after: number }[] = [];
  if (does('bought', 0.3))
    more.push({ deed: 'bought', after: clickAfter + after('buy', hour, day) });
  else if (does('replied', 0.1))
    more.push({ deed: 'replied', after: clickAfter + after('reply', hour, day) });
  return [{ deed: 'clicked', after: clickAfter }, ...more];
}

/** What somebody does with a message that leads to a form. */
export function imagineAnswer(dispatch: string): { does: 'form' | 'stop' | 'ask'; after: number } {
  const picked = chance('sandbox message', dispatch);
  const after = Math.round(20 * minute + chance('sandbox form', dispatch) * 5 * hour);
  if (picked < 0.08) return { does: 'stop', after };
  return { does: picked < 0.16 ? 'ask' : 'form', after };
}

export const replies = [
  'Thank you! Does the planner come in A5, too?',
  'Nice guide. Can you send an invoice to our office?',
  'Do you ship to Norway?',
];

export const questions = ['Is it also there in German?', 'Can I print it on A5?'];
