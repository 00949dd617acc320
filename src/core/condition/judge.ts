import { type Counts, scoreOf } from '../engagement.ts';
import { formatDuration } from '../time.ts';
import { calculate, compare } from './arithmetic.ts';
import type { Amount, Condition, Counted } from './tree.ts';

/** What is known of a post at one instant. Undefined: not known, so neither true nor false. */
export interface Known {
  /** Milliseconds since its release. */
  age: number;
  /** Absent: not measured yet. */
  counts?: Counts;
  /** Whether it is (with the odds that a follow-up needs) at least times * typical + plus. */
  isTypical(of: Counted, times: number, plus: number): boolean | undefined;
  /**
   * What is missing for that, in words: `about 4 more, or 5 more hours`; undefined: nothing, or it
   * is not known.
   */
  needs?(of: Counted, times: number, plus: number): string | undefined;
  /** 0 to 100: how many of the account's posts had less at this age. */
  percentile(): number | undefined;
}

/**
 * Three-valued: undefined where it is not known (a number that the network does not give, no
 * sample, too few posts).
 */
export function judge(condition: Condition, known: Known): boolean | undefined {
  switch (condition.kind) {
    case 'all':
      return join(condition.of, known, false);
    case 'any':
      return join(condition.of, known, true);
    case 'not': {
      const truth = judge(condition.of, known);
      return truth === undefined ? undefined : !truth;
    }
    case 'compare': {
      const [left, right] = [amountOf(condition.left, known), amountOf(condition.right, known)];
      return left === undefined || right === undefined
        ? undefined
        : compare(condition.op, left, right);
    }
    case 'typical':
      return known.counts && known.isTypical(condition.of, condition.times, condition.plus);
  }
}

/** One that decides is enough; otherwise one unknown makes the whole unknown. */
function join(conditions: Condition[], known: Known, deciding: boolean): boolean | undefined {
  const truths = conditions.map((one) => judge(one, known));
  if (truths.includes(deciding)) return deciding;
  return truths.includes(undefined) ? undefined : !deciding;
}

export const countOf = (of: Counted, counts: Counts | undefined): number | undefined =>
  of === 'score' ? counts && scoreOf(counts) : counts?.[of];

function amountOf(amount: Amount, known: Known): number | undefined {
  switch (amount.kind) {
    case 'constant':
      return amount.value;
    case 'counted':
      return countOf(amount.of, known.counts);
    case 'age':
      return known.age;
    case 'percentile':
      return known.counts && known.percentile();
    case 'sum':
      return calculate(amount.op, amountOf(amount.left, known), amountOf(amount.right, known));
  }
}

/** The condition with what each comparison has now: `likes >= 20 (likes 12)`. */
export function tellCondition(condition: Condition, known: Known): string {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of
        .map((one) => bracketed(one, condition.kind, known))
        .join(condition.kind === 'all' ? ' and ' : ' or ');
    case 'not':
      return `not (${tellCondition(condition.of, known)})`;
    case 'compare': {
      const names = [...namesIn(condition.left), ...namesIn(condition.right)];
      return `${condition.text}${tellNow(names, known)}`;
    }
    case 'typical': {
      const needs = known.needs?.(condition.of, condition.times, condition.plus);
      const now = `${condition.text}${tellNow([condition.of], known)}`;
      return needs ? `${now}: needs ${needs}` : now;
    }
  }
}

const bracketed = (inner: Condition, outer: 'all' | 'any', known: Known) =>
  outer === 'all' && inner.kind === 'any'
    ? `(${tellCondition(inner, known)})`
    : tellCondition(inner, known);

type Name = Counted | 'age' | 'percentile';

function namesIn(amount: Amount): Name[] {
  if (amount.kind === 'sum') return [...namesIn(amount.left), ...namesIn(amount.right)];
  if (amount.kind === 'counted') return [amount.of];
  return amount.kind === 'constant' ? [] : [amount.kind];
}

function tellNow(names: Name[], known: Known): string {
  const told = [...new Set(names)].flatMap((name) => {
    if (name === 'age') return [`age ${formatDuration(known.age)}`];
    const value = name === 'percentile' ? known.percentile() : countOf(name, known.counts);
    return [`${name} ${value === undefined ? 'not known' : Math.round(value)}`];
  });
  return told.length ? ` (${told.join(', ')})` : '';
}
