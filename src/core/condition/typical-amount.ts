import { flipped } from './arithmetic.ts';
import { Misread } from './tokens.ts';
import type { Amount, Comparison, Condition } from './tree.ts';

/**
 * While a condition is parsed, `typical` is a number like others; it becomes a node of its own, or
 * a complaint.
 */
export type TypicalAmount = Amount | { kind: 'typical' };

interface Read {
  op: Comparison;
  left: TypicalAmount;
  right: TypicalAmount;
  column: number;
  text: string;
}

/** Undefined where nothing is compared with typical. */
export function toTypical({ op, left, right, column, text }: Read): Condition | undefined {
  if (!hasTypical(left) && !hasTypical(right)) return undefined;
  const isSwapped = hasTypical(left);
  const [counted, bound, sign] = isSwapped ? [right, left, flipped[op]] : [left, right, op];
  if (counted.kind !== 'counted')
    throw new Misread(
      column,
      'typical is compared with one number',
      'write score >= 1.5 * typical, or likes >= 2 * typical',
    );
  if (sign !== '>=' && sign !== '>')
    throw new Misread(
      column,
      '"<" cannot be used with typical',
      'few likes may just be early or bad luck: use otherwise: true in a rule of its own',
    );
  const line = toLine(bound);
  if (!line || line.times <= 0)
    throw new Misread(
      column,
      'typical can be multiplied by a number and added to',
      'as in score >= 1.5 * typical + 3',
    );
  return { kind: 'typical', of: counted.of, times: line.times, plus: line.plus, text };
}

export const hasTypical = (amount: TypicalAmount): boolean =>
  amount.kind === 'typical' ||
  (amount.kind === 'sum' && (hasTypical(amount.left) || hasTypical(amount.right)));

/** The amount as times * typical + plus. */
function toLine(amount: TypicalAmount): { times: number; plus: number } | undefined {
  if (amount.kind === 'typical') return { times: 1, plus: 0 };
  if (amount.kind === 'constant') return { times: 0, plus: amount.value };
  if (amount.kind !== 'sum') return undefined;
  const [a, b] = [toLine(amount.left), toLine(amount.right)];
  if (!a || !b) return undefined;
  switch (amount.op) {
    case '+':
      return { times: a.times + b.times, plus: a.plus + b.plus };
    case '-':
      return { times: a.times - b.times, plus: a.plus - b.plus };
    case '*':
      return a.times && b.times
        ? undefined
        : { times: a.times * b.plus + b.times * a.plus, plus: a.plus * b.plus };
    case '/':
      return b.times || b.plus === 0
        ? undefined
        : { times: a.times / b.plus, plus: a.plus / b.plus };
  }
}
