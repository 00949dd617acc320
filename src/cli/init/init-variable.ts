import type { Network } from '../../core/network/network.ts';
import type { Field } from '../../core/network/setup.ts';
import { traitsOf } from '../../core/network/traits-of.ts';

/** A second account of a network has its own variables. */
export function variableOf(network: Network, account: string, { variable }: Field): string {
  if (account === traitsOf(network).setup.account) return variable;
  const prefix = account.toUpperCase().replaceAll('-', '_');
  return `${prefix}_${variable.replace(/^[A-Z]+_/, '')}`.replace(/^(?=\d)/, '_');
}
