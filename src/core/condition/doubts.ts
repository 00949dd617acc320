import { calculate, compare, flipped, opposite } from './arithmetic.ts';
import type { Amount, Comparison, Condition } from './tree.ts';

/** A comparison of one named number with a constant. `?` stands for any other comparison. */
interface Bound {
  name: string;
  op: Comparison;
  value: number;
}

/** What has to hold together. */
type Clause = Bound[];

const most = 500;

/** Whether no post can ever meet the condition within this age, in milliseconds. */
export const isNever = (condition: Condition, within = Infinity): boolean => {
  const clauses = toClauses(condition, false);
  const inTime: Bound = { name: 'age', op: '<=', value: within };
  return clauses.length <= most && clauses.every((clause) => isImpossible([...clause, inTime]));
};

/** Whether every post meets it, whatever it has. */
export const isAlways = (condition: Condition): boolean => {
  const clauses = toClauses(condition, true);
  return clauses.length <= most && clauses.every(isImpossible);
};

/**
 * Whether a new post without any reaction meets it: the condition asks for little, and not for an
 * age.
 */
export const isMetAtOnce = (condition: Condition): boolean =>
  toClauses(condition, false).some((clause) => clause.length > 0 && clause.every(holdsAtNothing));

const holdsAtNothing = ({ name, op, value }: Bound): boolean =>
  name !== 'percentile' && name !== '?' && compare(op, 0, value);

/** The condition, or its opposite, in disjunctive normal form. */
function toClauses(condition: Condition, isOpposite: boolean): Clause[] {
  switch (condition.kind) {
    case 'not':
      return toClauses(condition.of, !isOpposite);
    case 'all':
    case 'any': {
      const parts = condition.of.map((one) => toClauses(one, isOpposite));
      return (condition.kind === 'any') !== isOpposite ? parts.flat() : combine(parts);
    }
    case 'compare': {
      const bound = toBound(condition);
      return [[bound && isOpposite ? { ...bound, op: opposite[bound.op] } : (bound ?? unknown)]];
    }
    case 'typical':
      return [[unknown]];
  }
}

/** Every combination of one clause of each part, as long as they are not too many. */
const combine = (parts: Clause[][]): Clause[] =>
  parts.reduce(
    (all, part) =>
      all.length * part.length > most * 4
        ? all
        : all.flatMap((clause) => part.map((more) => [...clause, ...more])),
    [[]],
  );

const unknown: Bound = { name: '?', op: '>=', value: 1 };

function toBound({ op, left, right }: Extract<Condition, { kind: 'compare' }>): Bound | undefined {
  const [a, b] = [constantOf(left), constantOf(right)];
  if (a !== undefined && b !== undefined) return { name: '0', op, value: b - a };
  const [leftName, rightName] = [nameOf(left), nameOf(right)];
  if (b !== undefined && leftName) return { name: leftName, op, value: b };
  if (a !== undefined && rightName) return { name: rightName, op: flipped[op], value: a };
  return undefined;
}

function nameOf(amount: Amount): string | undefined {
  if (amount.kind === 'counted') return amount.of;
  return amount.kind === 'age' || amount.kind === 'percentile' ? amount.kind : undefined;
}

function constantOf(amount: Amount): number | undefined {
  if (amount.kind === 'constant') return amount.value;
  if (amount.kind !== 'sum') return undefined;
  return calculate(amount.op, constantOf(amount.left), constantOf(amount.right));
}

const isImpossible = (clause: Clause): boolean =>
  [...Map.groupBy(clause, ({ name }) => name)].some(
    ([name, bounds]) =>
      isEmpty(rangeOf(name, bounds), name) ||
      (name === '0' && bounds.some(({ op, value }) => op === '!=' && value === 0)),
  );

interface Range {
  low: number;
  high: number;
  isLowOpen: boolean;
  isHighOpen: boolean;
}

/** The name "0" is the number 0; everything else begins there. */
const highest: Record<string, number> = { '0': 0, percentile: 100 };

function rangeOf(name: string, bounds: Bound[]): Range {
  const high = highest[name] ?? Infinity;
  const range: Range = { low: 0, high, isLowOpen: false, isHighOpen: false };
  for (const { op, value } of bounds) {
    const isLower = op === '>' || op === '>=' || op === '=';
    if (isLower && (value > range.low || (value === range.low && op === '>')))
      [range.low, range.isLowOpen] = [value, op === '>'];
    const isUpper = op === '<' || op === '<=' || op === '=';
    if (isUpper && (value < range.high || (value === range.high && op === '<')))
      [range.high, range.isHighOpen] = [value, op === '<'];
  }
  return range;
}

const notCounts = new Set(['age', 'percentile', '0', '?']);

/** Counts are whole numbers. */
function isEmpty({ low, high, isLowOpen, isHighOpen }: Range, name: string): boolean {
  if (notCounts.has(name)) return low > high || (low === high && (isLowOpen || isHighOpen));
  const first = isLowOpen ? Math.floor(low) + 1 : Math.ceil(low);
  const last = isHighOpen ? Math.ceil(high) - 1 : Math.floor(high);
  return first > last;
}
