import { openCommands } from '../../app/open-commands.ts';
import { type LimitsOf, readLimits } from '../../commands/checking/limits-of.ts';
import type { Config } from '../../config/config.ts';
import { limitsFor } from '../../core/network/traits-of.ts';
import { StoreError } from '../../ports/store.ts';
import type { LoginCheck } from '../../app/connecting/check-logins.ts';

/**
 * What the account's network said just now, else what it said to the service, else the network's
 * usual limits.
 */
export async function findLimits(config: Config, logins: LoginCheck[]): Promise<LimitsOf> {
  const stored = await readStored(config);
  const told = new Map(
    logins.flatMap(({ account, limits }) => (limits ? [[account, limits]] : [])),
  );
  return (account) => told.get(account.name) ?? stored(account);
}

async function readStored(config: Config): Promise<LimitsOf> {
  try {
    await using context = await openCommands(config, 'cli');
    return await readLimits(context);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return limitsFor;
  }
}
