/**
 * A text in pieces of at most so many characters, cut between lines where that can be done. What
 * goes beyond `most` pieces is left out, and told.
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
  const left = rest.split('\n').length;
  return [
    ...pieces,
    `… and ${left} more ${left === 1 ? 'line' : 'lines'}: the command line and the dashboard have all of it.`,
  ];
}

function cutAt(text: string, length: number): number {
  const line = text.lastIndexOf('\n', length);
  if (line > length / 2) return line;
  const before = text.charCodeAt(length - 1);
  // Never between the two halves of a character.
  return before >= 0xd8_00 && before <= 0xdb_ff ? length - 1 : length;
}
