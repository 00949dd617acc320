import type { PersonCondition } from './person-condition.ts';

/** As it was written, but for spaces and needless parentheses. */
export function tellCondition(condition: PersonCondition): string {
  switch (condition.kind) {
    case 'all':
      return condition.of.map((one) => within(one, ['any'])).join(' and ');
    case 'any':
      return condition.of.map((one) => within(one, [])).join(' or ');
    case 'not':
      return `not ${within(condition.of, ['all', 'any'])}`;
    default:
      return condition.text;
  }
}

const within = (one: PersonCondition, inParentheses: PersonCondition['kind'][]): string =>
  inParentheses.includes(one.kind) ? `(${tellCondition(one)})` : tellCondition(one);
