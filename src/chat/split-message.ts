import { plural } from '../core/plural.ts';

export interface Limits {
  length: number;
  most: number;
  /** How long a character is once it is escaped. */
  cost?: (letter: string) => number;
}

const one = (letter: string) => letter.length;

/**
 * Splits a text into at most `most` pieces of at most `length` characters, counted as they are
 * sent, between lines if possible. A last piece says how much is left out.
 */
export function splitText(text: string, { length, most, cost = one }: Limits): string[] {
  const pieces: string[] = [];
  let from = 0;
  for (;;) {
    const end = endOf(text, from, { length, cost });
    if (end === text.length && pieces.length < most) return [...pieces, text.slice(from)];
    if (pieces.length >= most) break;
    pieces.push(text.slice(from, end));
    from = text[end] === '\n' ? end + 1 : end;
  }
  const left = plural(text.slice(from).split('\n').length, 'more line');
  return [...pieces, `… and ${left}. The command line and the dashboard show all of it.`];
}

/** Whole characters only: never between the two halves of a surrogate pair. */
function endOf(
  text: string,
  from: number,
  { length, cost }: Required<Pick<Limits, 'length' | 'cost'>>,
): number {
  let [spent, at] = [0, from];
  while (at < text.length) {
    const letter = String.fromCodePoint(text.codePointAt(at) ?? 0);
    const price = cost(letter);
    if (at > from && spent + price > length) break;
    spent += price;
    at += letter.length;
  }
  if (at === text.length) return at;
  const line = text.lastIndexOf('\n', at);
  return line - from > (at - from) / 2 ? line : at;
}
