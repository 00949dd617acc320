import { type Complaint, Misread } from '../../condition/tokens.ts';
import { pickDefined } from '../../pick-defined.ts';
import { didYouMean } from '../../text/suggest.ts';
import { type PersonToken, toPersonTokens } from './person-tokens.ts';
import type { Comparison, CountedAct, PersonAmount, PersonCondition } from './person-condition.ts';

export type ParsedPersonCondition = { condition: PersonCondition } | { complaint: Complaint };

const acts: readonly CountedAct[] = ['clicked', 'visited', 'bought', 'replied', 'event'];
/** They may name what they count. */
const nameable: readonly CountedAct[] = ['clicked', 'visited', 'event'];
const measures = ['score', 'touches', 'age'] as const;
const names = [...acts, ...measures, 'person', 'and', 'or', 'not'];
const longest = 1000;
const deepest = 20;

/**
 * Reads `clicked("offer") and not bought`, `score >= 50 or replied`, `event("cart.updated") >= 2`,
 * `person.plan = "pro"`, `age > 3d`. What a person does, used alone, means: at least once. `or`
 * binds least, then `and`, then `not`.
 */
export function parsePersonCondition(text: string): ParsedPersonCondition {
  try {
    if (text.length > longest)
      throw new Misread(longest, `is longer than ${longest} characters`, 'shorten it');
    const reader: Reader = { text, tokens: toPersonTokens(text), at: 0, depth: 0 };
    const condition = readAny(reader);
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

interface Reader {
  text: string;
  tokens: PersonToken[];
  at: number;
  depth: number;
}

const end: PersonToken = { kind: 'end', text: '', value: 0, column: 0 };
const peek = ({ tokens, at }: Reader): PersonToken => tokens[at] ?? tokens.at(-1) ?? end;

function take(reader: Reader): PersonToken {
  const token = peek(reader);
  reader.at += 1;
  return token;
}

const isSign = ({ kind, text }: PersonToken, ...texts: string[]) =>
  kind !== 'text' && kind !== 'end' && texts.includes(text.toLowerCase());

function takeIf(reader: Reader, ...texts: string[]): PersonToken | undefined {
  return isSign(peek(reader), ...texts) ? take(reader) : undefined;
}

const readAny = (reader: Reader): PersonCondition =>
  readJoined(reader, { kind: 'any', word: 'or', read: readAll });

const readAll = (reader: Reader): PersonCondition =>
  readJoined(reader, { kind: 'all', word: 'and', read: readNot });

function readJoined(
  reader: Reader,
  {
    kind,
    word,
    read,
  }: { kind: 'any' | 'all'; word: string; read: (reader: Reader) => PersonCondition },
): PersonCondition {
  const first = read(reader);
  const all = [first];
  while (takeIf(reader, word)) all.push(read(reader));
  return all.length === 1 ? first : { kind, of: all };
}

function readNot(reader: Reader): PersonCondition {
  const not = takeIf(reader, 'not');
  if (!not) return readOne(reader);
  return { kind: 'not', of: deeper(reader, not, readNot) };
}

function deeper<T>(reader: Reader, { column }: PersonToken, read: (reader: Reader) => T): T {
  reader.depth += 1;
  if (reader.depth > deepest)
    throw new Misread(column, 'is nested too deeply', `use at most ${deepest} levels`);
  const value = read(reader);
  reader.depth -= 1;
  return value;
}

function readOne(reader: Reader): PersonCondition {
  const open = takeIf(reader, '(');
  if (open) {
    const inner = deeper(reader, open, readAny);
    if (!takeIf(reader, ')'))
      throw new Misread(peek(reader).column, 'a bracket is not closed', 'add ")"');
    return inner;
  }
  if (isSign(peek(reader), 'person')) return readField(reader);
  return readComparison(reader);
}

/** `person.plan = "pro"` */
function readField(reader: Reader): PersonCondition {
  const { column } = take(reader);
  const hint = 'write person.plan = "pro"';
  if (!takeIf(reader, '.')) throw new Misread(peek(reader).column, 'a field is missing', hint);
  const field = take(reader);
  if (field.kind !== 'word') throw new Misread(field.column, 'a field is missing', hint);
  const is = takeIf(reader, '=', '!=');
  if (!is) throw new Misread(peek(reader).column, 'a field is compared with = or !=', hint);
  const value = take(reader);
  if (value.kind !== 'text') throw new Misread(value.column, 'a text in quotes is missing', hint);
  return {
    kind: 'field',
    field: field.text,
    is: is.text as '=' | '!=',
    value: value.text,
    text: textFrom(reader, column),
  };
}

interface Read {
  amount: PersonAmount;
  unit: 'number' | 'duration';
  column: number;
}

function readComparison(reader: Reader): PersonCondition {
  const left = readAmount(reader);
  const sign = takeIf(reader, '>=', '>', '<=', '<', '=', '!=');
  if (!sign) {
    if (left.amount.kind !== 'count')
      throw new Misread(
        left.column,
        'a number alone is not a condition',
        'compare it: score >= 50',
      );
    const right: PersonAmount = { kind: 'constant', value: 1 };
    const text = textFrom(reader, left.column);
    return { kind: 'compare', op: '>=', left: left.amount, right, text };
  }
  const right = readAmount(reader);
  if (left.unit !== right.unit)
    throw new Misread(
      sign.column,
      'compares a number with a duration',
      'write age >= 3d, and score >= 50',
    );
  const op = sign.text as Comparison;
  const text = textFrom(reader, left.column);
  return { kind: 'compare', op, left: left.amount, right: right.amount, text };
}

function readAmount(reader: Reader): Read {
  const token = take(reader);
  const { column, text, kind, value } = token;
  if (kind === 'number') return { column, unit: 'number', amount: { kind: 'constant', value } };
  if (kind === 'duration')
    return { column, unit: 'duration', amount: { kind: 'constant', value, isDuration: true } };
  if (kind === 'end')
    throw new Misread(column, 'ends too early', 'something is missing, as in score >= 50');
  const named = text.toLowerCase();
  const act = acts.find((one) => one === named);
  if (kind === 'word' && act) return { column, unit: 'number', amount: readAct(reader, act) };
  const measure = measures.find((one) => one === named);
  if (kind === 'word' && measure)
    return { column, unit: measure === 'age' ? 'duration' : 'number', amount: { kind: measure } };
  if (kind === 'word' && names.includes(named))
    throw new Misread(
      column,
      `"${text}" is not expected here`,
      'as in clicked("offer") and bought',
    );
  if (kind === 'word') throw new Misread(column, `unknown word "${text}"`, didYouMean(text, names));
  throw new Misread(column, `"${text}" is not expected here`, 'as in clicked("offer")');
}

function readAct(reader: Reader, of: CountedAct): PersonAmount {
  const open = takeIf(reader, '(');
  if (!open) {
    if (of === 'event')
      throw new Misread(
        peek(reader).column,
        'an event needs its name',
        'write event("cart.updated")',
      );
    return { kind: 'count', of };
  }
  if (!nameable.includes(of))
    throw new Misread(open.column, `${of} takes no name`, `write ${of} alone`);
  const name = take(reader);
  if (name.kind !== 'text' || name.text.trim() === '')
    throw new Misread(name.column, 'a name in quotes is missing', `write ${of}("…")`);
  if (!takeIf(reader, ')'))
    throw new Misread(peek(reader).column, 'a bracket is not closed', 'add ")"');
  return pickDefined({ kind: 'count' as const, of, like: name.text.trim() });
}

/** As it is written, up to what was read last. */
function textFrom({ text, tokens, at }: Reader, column: number): string {
  return text.slice(column, tokens[at]?.column ?? text.length).trim();
}
