import { didYouMean } from '../text/suggest.ts';

const plain = ['coupon', 'link', 'unsubscribe'];

/** What stands between the braces of `{{name | fallback}}`. */
export const stepVariable = /\{\{([^{}\n]*)\}\}/g;

/** Without a bar there is no fallback. */
export function splitVariable(inside: string): { name: string; fallback?: string } {
  const bar = inside.indexOf('|');
  if (bar < 0) return { name: inside.trim() };
  return { name: inside.slice(0, bar).trim(), fallback: inside.slice(bar + 1) };
}

/** Whether the messages of a sequence know it at all; a person may still lack it. */
export const isStepVariable = (name: string): boolean =>
  plain.includes(name) || /^(?:person|params)\.[^]/.test(name);

export function hintForVariable(name: string): string {
  const choice = didYouMean(name.slice(0, 60), ['person.name', ...plain]);
  return `${choice} A step knows person.FIELD, params.NAME, ${plain.join(', ')}`;
}
