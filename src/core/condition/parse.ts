import { measures } from '../engagement.ts';
import { pickDefined } from '../pick-defined.ts';
import { didYouMean } from '../text/suggest.ts';
import { type Complaint, Misread, type Token, toTokens } from './tokens.ts';
import type { Amount, Comparison, Condition, Counted } from './tree.ts';
import { toTypical, type TypicalAmount } from './typical-amount.ts';

export type Parsed = { condition: Condition } | { complaint: Complaint };

export const countedNames: readonly Counted[] = [...measures, 'score'];
const names = [...countedNames, 'typical', 'percentile', 'age', 'and', 'or', 'not'];

/**
 * Reads `likes >= 20 or reposts >= 5 and not (age < 2h)`, `score >= 1.5 * typical`, `percentile >=
 * 90`. `or` binds least, then `and`, then `not`, then comparisons, then arithmetic. What cannot be
 * read is a complaint with its column.
 */
export function parseCondition(text: string): Parsed {
  try {
    checkSize(text);
    const reader: Reader = { text, tokens: toTokens(text), at: 0 };
    const condition = asTruth(readAny(reader));
    const rest = peek(reader);
    if (rest.kind !== 'end')
      throw new Misread(
        rest.column,
        `"${rest.text}" is not expected here`,
        'join conditions with and, or',
      );
    return { condition };
  } catch (error) {
    if (error instanceof Misread) return { complaint: error.complaint };
    throw error;
  }
}

const longest = 1000;
const deepest = 20;

/** Whatever reads or judges a condition goes as deep as it is nested. */
function checkSize(text: string) {
  if (text.length > longest)
    throw new Misread(
      longest,
      `is longer than ${longest} characters`,
      'shorten it, or split it into several rules',
    );
  let depth = 0;
  for (const { index, 0: sign } of text.matchAll(/[()]/g)) {
    if (sign === ')') depth = Math.max(0, depth - 1);
    else if (sign === '(') depth += 1;
    if (depth > deepest)
      throw new Misread(
        index,
        'is nested too deeply',
        `use at most ${deepest} brackets in brackets`,
      );
  }
}

interface Reader {
  text: string;
  tokens: Token[];
  at: number;
}

/** A piece that is a condition or an amount: which of the two, only what follows tells. */
type Piece = { column: number } & (
  | { truth: Condition; hasTypical: boolean }
  | { amount: TypicalAmount; unit: 'number' | 'duration' }
);

const peek = ({ tokens, at }: Reader): Token =>
  tokens[at] ?? { kind: 'end', text: '', value: 0, column: 0 };
const take = (reader: Reader): Token => {
  const token = peek(reader);
  reader.at++;
  return token;
};
const takeIf = (reader: Reader, ...texts: string[]): Token | undefined =>
  texts.includes(peek(reader).text) && peek(reader).kind !== 'end' ? take(reader) : undefined;

function asTruth(piece: Piece): Condition {
  if ('truth' in piece) return piece.truth;
  throw new Misread(piece.column, 'a number alone is not a condition', 'compare it: likes >= 20');
}

function readAny(reader: Reader): Piece {
  return readJoined(reader, joints.any, (inner) => readJoined(inner, joints.all, readNot));
}

const joints = {
  any: { kind: 'any', word: 'or' },
  all: { kind: 'all', word: 'and' },
} as const;

function readJoined(
  reader: Reader,
  { kind, word }: (typeof joints)['any' | 'all'],
  read: (reader: Reader) => Piece,
): Piece {
  const first = read(reader);
  if (peek(reader).text !== word) return first;
  const all = [first];
  while (takeIf(reader, word)) all.push(read(reader));
  return {
    column: first.column,
    truth: { kind, of: all.map(asTruth) },
    hasTypical: all.some((one) => 'truth' in one && one.hasTypical),
  };
}

function readNot(reader: Reader): Piece {
  const not = takeIf(reader, 'not');
  if (!not) return readComparison(reader);
  const piece = readNot(reader);
  const truth = asTruth(piece);
  if ('truth' in piece && piece.hasTypical)
    throw new Misread(
      not.column,
      '"not" cannot be used with typical or percentile',
      'too few numbers are not a "not": use otherwise: true in a rule of its own',
    );
  return { column: not.column, truth: { kind: 'not', of: truth }, hasTypical: false };
}

function readComparison(reader: Reader): Piece {
  const left = readSum(reader);
  const sign = takeIf(reader, ...comparisons);
  if (!sign) return left;
  const right = readSum(reader);
  const more = takeIf(reader, ...comparisons);
  if (more) throw new Misread(more.column, 'compares twice', 'write likes >= 5 and likes <= 20');
  const [a, b] = [asComparable(left), asComparable(right)];
  if (a.unit !== b.unit && !isZero(a.amount) && !isZero(b.amount))
    throw new Misread(
      sign.column,
      'compares a number with a duration',
      'write age >= 2h, and likes >= 20',
    );
  const text = textFrom(left.column, reader);
  return { column: left.column, ...toComparison(a.amount, b.amount, { sign, text }) };
}

const comparisons = ['>=', '>', '<=', '<', '=', '!='];

type Measurable = Extract<Piece, { unit: string }>;

function asComparable(piece: Piece): Measurable {
  if ('amount' in piece) return piece;
  const hint = 'compare numbers: likes >= 20';
  throw new Misread(piece.column, 'a condition cannot be compared', hint);
}

/** The text of the condition from a column up to what was read last. */
function textFrom(column: number, { text, tokens, at }: Reader): string {
  const last = tokens[at - 1];
  return text.slice(column, (last?.column ?? 0) + (last?.text.length ?? 0)).trim();
}

function toComparison(
  left: TypicalAmount,
  right: TypicalAmount,
  { sign, text }: { sign: Token; text: string },
): { truth: Condition; hasTypical: boolean } {
  const op = sign.text as Comparison;
  const typical = toTypical({ op, left, right, column: sign.column, text });
  if (typical) return { truth: typical, hasTypical: true };
  const [a, b] = [left as Amount, right as Amount];
  const hasPercentile = mentions(a, 'percentile') || mentions(b, 'percentile');
  if (hasPercentile) checkPercentile(a, b, sign);
  return { truth: { kind: 'compare', op, left: a, right: b, text }, hasTypical: hasPercentile };
}

const isZero = (amount: TypicalAmount) => amount.kind === 'constant' && amount.value === 0;

export const mentions = (amount: Amount, kind: Amount['kind']): boolean =>
  amount.kind === kind ||
  (amount.kind === 'sum' && (mentions(amount.left, kind) || mentions(amount.right, kind)));

/** In a small account, noise alone gives a post a low percentile. */
function checkPercentile(left: Amount, right: Amount, { text, column }: Token) {
  const isUpward =
    (left.kind === 'percentile' && ['>=', '>'].includes(text)) ||
    (right.kind === 'percentile' && ['<=', '<'].includes(text));
  if (!isUpward)
    throw new Misread(
      column,
      'percentile can only be used with >= or >',
      'write percentile >= 90; for the rest use otherwise: true',
    );
}

function readSum(reader: Reader): Piece {
  return readArithmetic(reader, ['+', '-'], (inner) =>
    readArithmetic(inner, ['*', '/'], readUnary),
  );
}

function readArithmetic(reader: Reader, signs: string[], read: (reader: Reader) => Piece): Piece {
  let left = read(reader);
  for (let sign; (sign = takeIf(reader, ...signs));) {
    const right = read(reader);
    if ('truth' in left || 'truth' in right)
      throw new Misread(
        sign.column,
        `"${sign.text}" needs numbers`,
        'as in score >= 1.5 * typical',
      );
    const unit = unitOf(sign, left.unit, right.unit);
    const op = sign.text as '+' | '-' | '*' | '/';
    left = {
      column: left.column,
      amount: { kind: 'sum', op, left: left.amount as Amount, right: right.amount as Amount },
      unit,
    };
  }
  return left;
}

function unitOf(
  { text, column }: Token,
  left: 'number' | 'duration',
  right: 'number' | 'duration',
) {
  if (left === right) {
    if (text === '/') return 'number';
    if (text !== '*' || left === 'number') return left;
  } else if (text === '*' || (text === '/' && left === 'duration')) return 'duration';
  throw new Misread(column, 'mixes numbers and durations', 'as in age >= 2 * 12h');
}

function readUnary(reader: Reader): Piece {
  const token = take(reader);
  if (token.kind === 'number' || token.kind === 'duration')
    return {
      column: token.column,
      amount: pickDefined({
        kind: 'constant' as const,
        value: token.value,
        isDuration: token.kind === 'duration' ? true : undefined,
      }),
      unit: token.kind,
    };
  if (token.text === '-') {
    const of = readUnary(reader);
    if ('truth' in of)
      throw new Misread(token.column, '"-" needs a number', 'as in likes - reposts >= 5');
    return {
      ...of,
      column: token.column,
      amount: {
        kind: 'sum',
        op: '-',
        left: { kind: 'constant', value: 0 },
        right: of.amount as Amount,
      },
    };
  }
  if (token.text === '(') {
    const inner = readAny(reader);
    const close = take(reader);
    if (close.text !== ')')
      throw new Misread(
        close.column,
        'a bracket is not closed',
        `it was opened in column ${token.column + 1}: add ")"`,
      );
    return { ...inner, column: token.column };
  }
  return readName(token);
}

function readName(token: Token): Piece {
  const { column, text } = token;
  if (token.kind === 'end')
    throw new Misread(
      column,
      'ends too early',
      'something is missing at the end, as in likes >= 20',
    );
  if (token.kind === 'sign')
    throw new Misread(
      column,
      `"${text}" is where a number or a name should be`,
      'as in likes >= 20',
    );
  if ((countedNames as readonly string[]).includes(text))
    return { column, amount: { kind: 'counted', of: text as Counted }, unit: 'number' };
  if (text === 'age') return { column, amount: { kind: 'age' }, unit: 'duration' };
  if (text === 'percentile') return { column, amount: { kind: 'percentile' }, unit: 'number' };
  if (text === 'typical') return { column, amount: { kind: 'typical' }, unit: 'number' };
  throw new Misread(column, `unknown word "${text}"`, didYouMean(text, names));
}
