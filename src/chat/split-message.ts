import { plural } from '../core/plural.ts';

/**
 * Splits a text into at most `most` pieces of at most `length` characters, between lines if
 * possible. A last piece says how much is left out.
 */
export function splitText(
  text: string,
  { length, most }: { length: number; most: number },
): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > length && pieces.length < most) {
    const at = cutAt(rest, length);
    pieces.push(rest.slice(0, at));
    rest = rest.slice(at).replace(/^\n/, '');
  }
  if (pieces.length < most) return [...pieces, rest];
  const left = plural(rest.split('\n').length, 'more line');
  return [...pieces, `… and ${left}. The command line and the dashboard show all of it.`];
}

function cutAt(text: string, length: number): number {
  const line = text.lastIndexOf('\n', length);
  if (line > length / 2) return line;
  const before = text.charCodeAt(length - 1);
  // Not between the two halves of a surrogate pair.
  return before >= 0xd8_00 && before <= 0xdb_ff ? length - 1 : length;
}
