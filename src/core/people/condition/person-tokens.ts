import { Misread } from '../../condition/tokens.ts';
import { parseDuration } from '../../time.ts';

export interface PersonToken {
  kind: 'number' | 'duration' | 'word' | 'text' | 'sign' | 'end';
  text: string;
  value: number;
  column: number;
}

const spaces = /\s+/y;
const number = /\d+(?:\.\d+)?[a-z\d.]*/iy;
const word = /[a-z_][a-z0-9_-]*/iy;
const quoted = /"([^"\n]*)"|'([^'\n]*)'|“([^”\n]*)”/y;
const sign = />=|<=|!=|==|[><=().]/y;

/** Throws Misread at a sign that no condition has. */
export function toPersonTokens(text: string): PersonToken[] {
  const tokens: PersonToken[] = [];
  let column = 0;
  const read = (pattern: RegExp) => {
    pattern.lastIndex = column;
    return pattern.exec(text);
  };
  while (column < text.length) {
    const space = read(spaces);
    if (space) {
      column += space[0].length;
      continue;
    }
    const token = readNumber(read(number)) ?? readOther(read);
    if (!token) {
      const hint = 'a condition reads like: clicked("offer") and not bought';
      const sign = String.fromCodePoint(text.codePointAt(column) ?? 0);
      throw new Misread(column, `"${sign}" is not part of a condition`, hint);
    }
    tokens.push({ ...token.token, column });
    column += token.length;
  }
  return [...tokens, { kind: 'end', text: '', value: 0, column: text.length }];
}

type Found = { token: Omit<PersonToken, 'column'>; length: number } | undefined;

function readNumber(match: RegExpExecArray | null): Found {
  if (!match) return undefined;
  const [text] = match;
  if (/^\d+(\.\d+)?$/.test(text))
    return { token: { kind: 'number', text, value: Number(text) }, length: text.length };
  const value = parseDuration(text);
  if (value !== undefined) return { token: { kind: 'duration', text, value }, length: text.length };
  const hint = 'write 20, 1.5, 90m, 2h or 3d';
  throw new Misread(match.index, `"${text}" is neither a number nor a duration`, hint);
}

function readOther(read: (pattern: RegExp) => RegExpExecArray | null): Found {
  const text = read(quoted);
  if (text) {
    const inner = text[1] ?? text[2] ?? text[3] ?? '';
    return { token: { kind: 'text', text: inner, value: 0 }, length: text[0].length };
  }
  const name = read(word);
  // A field of a person keeps its case; all other words have none.
  if (name) return { token: { kind: 'word', text: name[0], value: 0 }, length: name[0].length };
  const found = read(sign)?.[0];
  if (found === undefined) return undefined;
  const token = { kind: 'sign' as const, text: found === '==' ? '=' : found, value: 0 };
  return { token, length: found.length };
}
