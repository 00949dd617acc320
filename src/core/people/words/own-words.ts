import { findAddresses } from '../../text/links.ts';

/** More than this of an answer is not looked at. */
const longest = 2000;

/** Lines that a client puts before what it quotes, and what stands in quotation marks. */
const quotedLine = /^\s*(?:>|RE: https?:|RT @).*$/gim;
const inQuotes = /["“”„«»「『]([^"“”„«»「」『』\n]{1,500})["“”«»」』]/gu;
const addressed =
  /[\p{L}\p{N}._%+-]{0,64}[@＠][\p{L}\p{N}._-]{1,253}(?:@[\p{L}\p{N}._-]{1,253})?/gu;
const bareHost = /(?<![\p{L}\p{N}])(?:[\p{L}\p{N}-]{1,63}\.){1,5}\p{L}{2,24}(?:\/\S{0,500})?/gu;

/**
 * What somebody said, without what is quoted, addresses and mentions. A word or two in quotation
 * marks are the author's own.
 */
export function toOwnWords(text: string): string {
  let words = text.slice(0, longest).replaceAll(quotedLine, ' ');
  words = words.replaceAll(inQuotes, (whole, inside: string) =>
    inside.trim().split(/\s+/).length > 2 ? ' ' : whole,
  );
  for (const { start, end } of findAddresses(words).toReversed())
    words = `${words.slice(0, start)} ${words.slice(end)}`;
  return words.replaceAll(addressed, ' ').replaceAll(bareHost, ' ').replaceAll(/\s+/g, ' ').trim();
}

/** One spelling for all of a word's: case, accents, width and what is not seen do not matter. */
export const foldWord = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036f\p{Cf}\ufe0e\ufe0f]/gu, '')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC');

/** Scripts that put no blanks between words. */
const scripts = ['Han', 'Hiragana', 'Katakana', 'Thai', 'Lao', 'Khmer', 'Myanmar'];
const dense = new RegExp(scripts.map((one) => `\\p{Script=${one}}`).join('|'), 'u');
const word = /[\p{L}\p{N}\p{M}_'’-]+/gu;

/** The words as they stand, each by itself, folded. */
export const wordsOf = (text: string): string[] =>
  [...foldWord(text).matchAll(word)]
    .map(([one]) => one.replaceAll(/^[-_'’]+|[-_'’]+$/g, ''))
    .filter((one) => one !== '');

const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

/** Where a text may be cut, so that a word of a dense script stands alone between two cuts. */
function standsAlone(text: string, wanted: string): boolean {
  const folded = foldWord(text);
  const cuts = new Set([folded.length]);
  for (const { index } of segmenter.segment(folded)) cuts.add(index);
  for (let at = folded.indexOf(wanted); at >= 0; at = folded.indexOf(wanted, at + 1))
    if (cuts.has(at) && cuts.has(at + wanted.length)) return true;
  return false;
}

/** Whether the word is said, as a word of its own. `own` comes from `toOwnWords`. */
export function saysWord(own: string, wanted: string): boolean {
  const folded = foldWord(wanted);
  if (folded === '') return false;
  return wordsOf(own).includes(folded) || (dense.test(folded) && standsAlone(own, folded));
}
