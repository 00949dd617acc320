import type { Account } from '../../core/network/account.ts';
import type { Limits } from '../../core/network/limits.ts';
import { limitsFor } from '../../core/network/traits-of.ts';
import { readAccount } from '../../flow/facts.ts';
import type { CommandContext } from '../command.ts';

export type LimitsOf = (account: Account) => Limits;

/** What each account's network said to the service, else the network's usual limits. */
export async function readLimits({
  store,
  settings,
}: Pick<CommandContext, 'store' | 'settings'>): Promise<LimitsOf> {
  const known = new Map<string, Limits>();
  for (const { name, network } of settings.accounts) {
    const { limits } = await readAccount(store, name);
    if (limits?.network === network) known.set(name, limits);
  }
  return (account) => known.get(account.name) ?? limitsFor(account);
}
