import { parseDuration } from '../time.ts';

/** What is wrong with a condition, and in which column, counted from 0. */
export interface Complaint {
  column: number;
  what: string;
  hint: string;
}

export class Misread extends Error {
  readonly complaint: Complaint;
  constructor(column: number, what: string, hint: string) {
    super(what);
    this.complaint = { column, what, hint };
  }
}

export interface Token {
  kind: 'number' | 'duration' | 'word' | 'sign' | 'end';
  text: string;
  value: number;
  column: number;
}

/** The longer ones first. */
const signs = '>= <= != == && || > < = + - * / ( ) ! ≥ ≤ ×'.split(' ');
const spelling = new Map([
  ['==', '='],
  ['&&', 'and'],
  ['||', 'or'],
  ['!', 'not'],
  ['≥', '>='],
  ['≤', '<='],
  ['×', '*'],
]);

/** Throws Misread at a sign that no condition has. */
export function toTokens(text: string): Token[] {
  const tokens: Token[] = [];
  let column = 0;
  while (column < text.length) {
    const rest = text.slice(column);
    const space = /^\s+/.exec(rest)?.[0];
    const token = space ? undefined : readToken(rest, column);
    if (token) tokens.push(token);
    column += space?.length ?? token?.text.length ?? 1;
  }
  return [
    ...tokens.map((token) => ({ ...token, text: spelling.get(token.text) ?? token.text })),
    { kind: 'end', text: '', value: 0, column: text.length },
  ];
}

function readToken(rest: string, column: number): Token {
  const amount = /^\d+(\.\d+)?/.exec(rest)?.[0];
  if (amount !== undefined) {
    const whole = /^[\d.]+[a-z\d.]*/i.exec(rest)?.[0] ?? amount;
    if (whole === amount) return { kind: 'number', text: amount, value: Number(amount), column };
    const duration = parseDuration(whole);
    if (duration !== undefined) return { kind: 'duration', text: whole, value: duration, column };
    throw new Misread(
      column,
      `"${whole}" is neither a number nor a duration`,
      'write 20, 1.5, 90m, 2h or 3d',
    );
  }
  const word = /^[a-z_]+/i.exec(rest)?.[0];
  if (word !== undefined) return { kind: 'word', text: word.toLowerCase(), value: 0, column };
  const sign = signs.find((one) => rest.startsWith(one));
  if (sign === undefined)
    throw new Misread(
      column,
      `"${[...rest][0]}" is not part of a condition`,
      'a condition reads like: likes >= 20 or reposts >= 5',
    );
  return { kind: 'sign', text: sign, value: 0, column };
}
