import type { Amount, Comparison } from './tree.ts';

export function compare(op: Comparison, left: number, right: number): boolean {
  switch (op) {
    case '>=':
      return left >= right;
    case '>':
      return left > right;
    case '<=':
      return left <= right;
    case '<':
      return left < right;
    case '=':
      return left === right;
    case '!=':
      return left !== right;
  }
}

/** The comparison with its sides swapped. */
export const flipped: Record<Comparison, Comparison> = {
  '>=': '<=',
  '>': '<',
  '<=': '>=',
  '<': '>',
  '=': '=',
  '!=': '!=',
};

/** The comparison that holds exactly where this one does not. */
export const opposite: Record<Comparison, Comparison> = {
  '>=': '<',
  '>': '<=',
  '<=': '>',
  '<': '>=',
  '=': '!=',
  '!=': '=',
};

type Operator = Extract<Amount, { kind: 'sum' }>['op'];

/** Undefined: a division by 0, or an operand that is not known. */
export function calculate(
  op: Operator,
  left: number | undefined,
  right: number | undefined,
): number | undefined {
  if (left === undefined || right === undefined) return undefined;
  switch (op) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0 ? undefined : left / right;
  }
}
