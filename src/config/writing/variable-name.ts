import type { Field } from '../../core/network/setup.ts';

/** A second account of a network has its own variables; the first one the plain names. */
export function variableOf(
  { name, isFirst }: { name: string; isFirst: boolean },
  { variable }: Field,
): string {
  if (isFirst) return variable;
  const prefix = name.toUpperCase().replaceAll('-', '_');
  const own = `${prefix}_${variable.replace(/^[A-Z]+_/, '')}`.replace(/^(?=\d)/, '_');
  return own === variable ? `ACCOUNT_${own}` : own;
}
