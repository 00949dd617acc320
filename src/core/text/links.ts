import type { TextLimits } from '../network/limits.ts';
import { findWeightedLinks, type Link } from './weighted-links.ts';

// What is no letter, digit or sign of an address stands before one.
const address = /(?<![a-z0-9@＠$#＃_./-])(?:https?:\/\/|www\.)[^\s]+/giu;
const hostSign = '[^\\s!-,./:-@[-^`{-~]';
const ending = String.raw`(?:\p{L}[\p{L}\p{M}]+|xn--[a-z0-9-]+)(?=[:/?#]|$)`;
/** A domain of two labels at least, with an ending of letters. */
const host = new RegExp(`^(?:https?://)?(?:${hostSign}{1,63}\\.){1,60}${ending}`, 'iu');

/**
 * What is written with `http://`, `https://` or `www.`, whatever its ending is: letters of any
 * alphabet, `@` and brackets belong to it, a full stop and what closes a bracket or a quotation
 * behind it do not.
 */
export function findAddresses(text: string): Link[] {
  return [...text.matchAll(address)].flatMap(({ 0: found, index }) => {
    const url = trimEnd(found);
    return host.test(url) ? [{ start: index, end: index + url.length, url }] : [];
  });
}

/** Only with a scheme: what counts as a link on each network that counts links. */
export const findWebLinks = (text: string): Link[] =>
  findAddresses(text).filter(({ url }) => /^http/i.test(url));

/** The text with other addresses in place of those for which there is one. */
export function replaceAddresses(
  text: string,
  change: (url: string) => string | undefined,
): string {
  let [done, from] = ['', 0];
  for (const { start, end, url } of findWebLinks(text)) {
    done += text.slice(from, start) + (change(url) ?? url);
    from = end;
  }
  return done + text.slice(from);
}

/** What the network that counts so makes links of. */
export const findLinks = (text: string, { unit }: Pick<TextLimits, 'unit'>): Link[] =>
  unit === 'weighted' ? findWeightedLinks(text) : findAddresses(text);

const closing = /[.,;:!?'"*~|$%&…»”’)\]}>]/u;
const opener: Record<string, string> = { ')': '(', ']': '[', '}': '{' };

/** A closing bracket belongs to the address if it was opened there. */
function trimEnd(found: string): string {
  const whole = /^[^<>"“”„«»「」『』]*/u.exec(found)?.[0] ?? '';
  const open: Record<string, number> = { ')': 0, ']': 0, '}': 0 };
  for (const sign of whole) {
    for (const [end, begin] of Object.entries(opener)) {
      if (sign === begin) open[end] = (open[end] ?? 0) + 1;
      if (sign === end) open[end] = (open[end] ?? 0) - 1;
    }
  }
  let end = whole.length;
  while (end > 0 && closing.test(whole[end - 1] ?? '')) {
    const sign = whole[end - 1] ?? '';
    if (sign in opener) {
      if ((open[sign] ?? 0) >= 0) break;
      open[sign] = (open[sign] ?? 0) + 1;
    }
    end -= 1;
  }
  return whole.slice(0, end);
}

/** Bluesky's library takes an address to the next blank, and one sign off its end. */
const cardAddress = /(?<=^|[\s(])(?:https?:\/\/|www\.)\S+/gimu;

/**
 * The address that the card of a text shows: of what is written with `http://`, `https://` or
 * `www.`, the first; to the letter as the link in the text has it.
 */
export function findCardAddress(text: string): string | undefined {
  const linked = [...text.matchAll(cardAddress)].map(({ 0: found, index }) => ({
    start: index,
    url: shortenOnce(found),
  }));
  const others = findAddresses(text).filter(({ start }) =>
    linked.every((one) => one.start !== start),
  );
  return [...linked, ...others]
    .sort((a, b) => a.start - b.start)
    .map(({ url }) => (/^http/i.test(url) ? url : `https://${url}`))
    .find((url) => URL.canParse(url) && hostOf(url).includes('.'));
}

const hostOf = (url: string) => new URL(url).hostname;

function shortenOnce(found: string): string {
  const url = /[.,;:!?]$/.test(found) ? found.slice(0, -1) : found;
  return url.endsWith(')') && !url.includes('(') ? url.slice(0, -1) : url;
}
