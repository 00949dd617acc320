import { openCommands } from '../../app/open-commands.ts';
import type { Config } from '../../config/config.ts';
import type { Account } from '../../core/network/account.ts';
import type { Limits } from '../../core/network/limits.ts';
import { limitsFor } from '../../core/network/traits-of.ts';
import { readAccount } from '../../flow/facts.ts';
import { StoreError } from '../../ports/store.ts';
import type { LoginCheck } from '../check-accounts.ts';

export type LimitsOf = (account: Account) => Limits;

/**
 * What the account's network said just now, else what it said to the service, else the network's
 * usual limits.
 */
export async function findLimits(config: Config, logins: LoginCheck[]): Promise<LimitsOf> {
  const known = await readStored(config);
  for (const { account, limits } of logins) if (limits) known.set(account, limits);
  return (account) => known.get(account.name) ?? limitsFor(account);
}

async function readStored(config: Config): Promise<Map<string, Limits>> {
  const known = new Map<string, Limits>();
  try {
    await using context = await openCommands(config, 'cli');
    for (const { name, network } of config.accounts) {
      const { limits } = await readAccount(context.store, name);
      if (limits?.network === network) known.set(name, limits);
    }
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
  }
  return known;
}
