import type { Amount, Comparison, Condition } from './tree.ts';

/** A comparison of one known number with a constant; everything else may or may not hold. */
interface Bound {
  name: string;
  op: Comparison;
  value: number;
}

type Clause = Bound[];

const most = 500;

/** Whether no post can ever meet the condition within this age, in milliseconds. */
export const isNever = (condition: Condition, within = Infinity): boolean => {
  const clauses = toClauses(condition, false);
  return (
    clauses.length <= most &&
    clauses.every((clause) => isImpossible([...clause, { name: 'age', op: '<=', value: within }]))
  );
};

/** Whether every post meets it, whatever it has. */
export const isAlways = (condition: Condition): boolean => {
  const clauses = toClauses(condition, true);
  return clauses.length <= most && clauses.every(isImpossible);
};

/**
 * Whether a post without any likes meets it at the first look: a rule that asks for little, and not
 * for an age.
 */
export const isMetAtOnce = (condition: Condition): boolean =>
  toClauses(condition, false).some(
    (clause) =>
      clause.length > 0 &&
      clause.every(
        ({ name, op, value }) => name !== 'percentile' && name !== '?' && holdsAtNothing(op, value),
      ),
  );

function holdsAtNothing(op: Comparison, value: number): boolean {
  return op === '<'
    ? value > 0
    : op === '<='
      ? value >= 0
      : op === '='
        ? value === 0
        : op === '!='
          ? value !== 0
          : op === '>='
            ? value <= 0
            : value < 0;
}

/** The condition, or its opposite, as alternatives of what must hold together. */
function toClauses(condition: Condition, isOpposite: boolean): Clause[] {
  switch (condition.kind) {
    case 'not':
      return toClauses(condition.of, !isOpposite);
    case 'all':
    case 'any': {
      const parts = condition.of.map((one) => toClauses(one, isOpposite));
      if ((condition.kind === 'any') !== isOpposite) return parts.flat();
      return parts.reduce(
        (all, part) =>
          all.length * part.length > most * 4
            ? all
            : all.flatMap((clause) => part.map((more) => [...clause, ...more])),
        [[]],
      );
    }
    case 'compare': {
      const bound = toBound(condition);
      return [[bound ? (isOpposite ? { ...bound, op: opposite[bound.op] } : bound) : unknown]];
    }
    case 'typical':
      return [[unknown]];
  }
}

const unknown: Bound = { name: '?', op: '>=', value: 1 };
const opposite: Record<Comparison, Comparison> = {
  '>=': '<',
  '>': '<=',
  '<=': '>',
  '<': '>=',
  '=': '!=',
  '!=': '=',
};
const flipped: Record<Comparison, Comparison> = {
  '>=': '<=',
  '>': '<',
  '<=': '>=',
  '<': '>',
  '=': '=',
  '!=': '!=',
};

function toBound({ op, left, right }: Extract<Condition, { kind: 'compare' }>): Bound | undefined {
  const [a, b] = [constantOf(left), constantOf(right)];
  if (a !== undefined && b !== undefined) return { name: '0', op, value: b - a };
  if (b !== undefined && nameOf(left)) return { name: nameOf(left) ?? '?', op, value: b };
  if (a !== undefined && nameOf(right))
    return { name: nameOf(right) ?? '?', op: flipped[op], value: a };
  return undefined;
}

const nameOf = (amount: Amount): string | undefined =>
  amount.kind === 'counted'
    ? amount.of
    : amount.kind === 'age' || amount.kind === 'percentile'
      ? amount.kind
      : undefined;

function constantOf(amount: Amount): number | undefined {
  if (amount.kind === 'constant') return amount.value;
  if (amount.kind !== 'sum') return undefined;
  const [left, right] = [constantOf(amount.left), constantOf(amount.right)];
  if (left === undefined || right === undefined) return undefined;
  return amount.op === '+'
    ? left + right
    : amount.op === '-'
      ? left - right
      : amount.op === '*'
        ? left * right
        : left / right;
}

/** Counts are whole and not below 0; an age is no count, and the name "0" is nothing but 0. */
function isImpossible(clause: Clause): boolean {
  const names = new Set(clause.map(({ name }) => name));
  return [...names].some((name) => {
    let [low, high] = [0, name === '0' ? 0 : name === 'percentile' ? 100 : Infinity];
    let [isAbove, isBelow] = [false, false];
    for (const { op, value } of clause.filter((one) => one.name === name)) {
      if (['>', '>=', '='].includes(op) && (value > low || (value === low && op === '>')))
        [low, isAbove] = [value, op === '>'];
      if (['<', '<=', '='].includes(op) && (value < high || (value === high && op === '<')))
        [high, isBelow] = [value, op === '<'];
      if (op === '!=' && name === '0' && value === 0) return true;
    }
    const isCount = name !== 'age' && name !== 'percentile' && name !== '0' && name !== '?';
    const first = isCount ? (isAbove ? Math.floor(low) + 1 : Math.ceil(low)) : low;
    const last = isCount ? (isBelow ? Math.ceil(high) - 1 : Math.floor(high)) : high;
    return first > last || (!isCount && first === last && (isAbove || isBelow));
  });
}
