import type { Act } from '../act.ts';
import type { CountedAct, PersonAmount, PersonCondition } from './person-condition.ts';

/** What is known of a person at one instant. */
export interface KnownPerson {
  /** Milliseconds since entering. */
  age: number;
  score: number;
  /** How often the person was written to in the sequence. */
  touches: number;
  fields: Readonly<Record<string, string>>;
  /** Since entering; of clicks and visits those of persons alone. */
  acts: readonly Act[];
  /** The step whose dispatch this is. */
  stepOf(dispatch: string): string | undefined;
}

/** Total: whatever a person did not do has not happened. */
export function judgePerson(condition: PersonCondition, known: KnownPerson): boolean {
  switch (condition.kind) {
    case 'all':
      return condition.of.every((one) => judgePerson(one, known));
    case 'any':
      return condition.of.some((one) => judgePerson(one, known));
    case 'not':
      return !judgePerson(condition.of, known);
    case 'field': {
      const value = Object.hasOwn(known.fields, condition.field)
        ? known.fields[condition.field]
        : undefined;
      const isSame = fold(value ?? '') === fold(condition.value);
      return condition.is === '=' ? isSame : !isSame;
    }
    case 'compare':
      return compare(
        condition.op,
        amountOf(condition.left, known),
        amountOf(condition.right, known),
      );
  }
}

const fold = (text: string) => text.normalize('NFC').trim().toLowerCase();

function compare(op: string, left: number, right: number): boolean {
  if (op === '>=') return left >= right;
  if (op === '>') return left > right;
  if (op === '<=') return left <= right;
  if (op === '<') return left < right;
  return op === '=' ? left === right : left !== right;
}

function amountOf(amount: PersonAmount, known: KnownPerson): number {
  if (amount.kind === 'constant') return amount.value;
  if (amount.kind === 'count') return countActs(known, amount.of, amount.like);
  return known[amount.kind];
}

function countActs(
  { acts, stepOf }: KnownPerson,
  of: CountedAct,
  like: string | undefined,
): number {
  return acts.filter(
    (act) => act.kind === of && act.verdict !== 'unsure' && isLike(act, like, stepOf),
  ).length;
}

/** A step by its name, with or without its number; else an address, in which `*` is anything. */
function isLike(act: Act, like: string | undefined, stepOf: KnownPerson['stepOf']): boolean {
  if (like === undefined) return true;
  if (act.kind === 'event') return act.name === like;
  const step = act.dispatch === undefined ? undefined : stepOf(act.dispatch);
  if (act.kind === 'clicked' && step !== undefined && step === stepNameOf(like)) return true;
  return act.url !== undefined && matchesAddress(act.url, like);
}

/** `020-first-steps` and `first-steps` are one step. */
export const stepNameOf = (written: string): string => written.replace(/^\d+[-_. ]+/, '');

/** A pattern that begins with `/` is about the path alone. */
export function matchesAddress(url: string, pattern: string): boolean {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const about = pattern.startsWith('/') ? (parsed?.pathname ?? url) : url;
  return matchesPattern(about, pattern);
}

/** Linear: each piece between stars is looked for once, from where the last one ended. */
function matchesPattern(text: string, pattern: string): boolean {
  const pieces = pattern.split('*');
  const [first = ''] = pieces;
  if (pieces.length === 1) return text === first;
  const last = pieces.at(-1) ?? '';
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return at <= end;
}
