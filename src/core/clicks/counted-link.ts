import { createHmac } from 'node:crypto';

/** How links are counted; without the secret, which the store has, a code is only as long. */
export interface LinkCounting {
  /** Where people reach the public door: `https://go.example.com`. */
  url: string;
  secret?: string;
}

export interface CountedLink {
  code: string;
  /** What stands in the message. */
  url: string;
  /** Where it leads, with its UTM tags. */
  target: string;
}

/**
 * Ten characters are 59 bits: with a million links out there, one guess in eight hundred thousand
 * million finds one, and two links get the same code once in a million such stores.
 */
const letters = 10;
/** One in a message to a person tells who came: nobody may find another one's. */
export const lettersOfSteps = 16;
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Nothing longer or of other signs is looked up. */
export const codePattern = new RegExp(
  `^(?:[0-9A-Za-z]{${letters}}|[0-9A-Za-z]{${lettersOfSteps}})$`,
);

interface CountingOne extends LinkCounting {
  delivery: string;
  length?: number;
}

/**
 * The same delivery and target give the same code, whenever they are composed: so a preview writes
 * nothing, a release that is tried again sends the same text, and its length is known beforehand.
 * The secret keeps others from telling which codes there are.
 */
export function countLink(
  target: string,
  { delivery, url, secret = '', length = letters }: CountingOne,
): CountedLink {
  const digest = createHmac('sha256', secret)
    .update(JSON.stringify([delivery, target]))
    .digest();
  let left = digest.readBigUInt64BE();
  if (length > letters) left = left * 2n ** 64n + digest.readBigUInt64BE(8);
  let code = '';
  for (let i = 0; i < length; i++) {
    code += alphabet[Number(left % 62n)];
    left /= 62n;
  }
  return { code, url: addressOf(url, code), target };
}

export const addressOf = (url: string, code: string): string => `${url}/l/${code}`;

/** How long every counted address of this door is. */
export const lengthOfCounted = (url: string): number => addressOf(url, '').length + letters;

/** The codes of links to the door that stand in a text. */
export const codesIn = (text: string, url: string): string[] =>
  [...text.matchAll(doorLinks(url))].map(([, code = '']) => code);

/** The text with every link to the door alike: who lost the secret makes other codes. */
export const withoutCodes = (text: string, url: string): string =>
  text.replace(doorLinks(url), addressOf(url, '…'));

const doorLinks = (url: string) =>
  new RegExp(`${escape(url)}/l/([0-9A-Za-z]{${letters}})(?![0-9A-Za-z])`, 'g');

const escape = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
