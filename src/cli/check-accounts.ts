import { ownCommand } from '../core/text/own-command.ts';
import { openCommands } from '../app/open-commands.ts';
import { checkLogins } from '../app/connecting/check-logins.ts';
import { commandEntry } from '../commands/change.ts';
import { assertAccount } from '../commands/find.ts';
import { toTable } from '../commands/table.ts';
import { networkNames } from '../core/network/network.ts';
import { Refusal } from '../core/problem.ts';
import { changeAccount, nudge, readAccount } from '../flow/facts.ts';
import type { CliContext } from './cli-context.ts';

/** Exit 1 with any login that fails. */
export async function accounts(cli: CliContext): Promise<number> {
  const { config, terminal, options } = cli;
  if (typeof options['confirm'] === 'string') return confirm(cli, options['confirm']);
  const checks = await checkLogins(config);
  const text = checks.length
    ? toTable(
        ['account', 'network', 'logged in as', ''],
        checks.map((one) => [
          one.account,
          networkNames[one.network],
          one.handle ?? '–',
          one.error ?? one.url ?? '',
        ]),
      )
    : `No accounts are configured. To add one: ${ownCommand('init')}`;
  terminal.print(text, checks);
  return checks.every(({ ok }) => ok) ? 0 : 1;
}

/** The operator confirms that the account has a new identity under the same name. */
async function confirm({ config, terminal }: CliContext, name: string): Promise<number> {
  await using context = await openCommands(config, 'cli');
  await assertAccount(context, name);
  const { stranger } = await readAccount(context.store, name);
  if (!stranger) throw new Refusal(`${name} has nothing to confirm`);
  await changeAccount(
    context.store,
    name,
    ({ stranger: _stranger, heldBecause: _held, ...fact }) => ({ ...fact, identity: stranger }),
  );
  await context.store.appendJournal([
    commandEntry(context, {
      type: 'confirmed',
      text: `${name} is ${stranger.handle} (${stranger.id}) from now on`,
      data: { command: crypto.randomUUID(), verb: 'accounts --confirm', before: [] },
      about: { account: name },
    }),
  ]);
  await nudge(context.store);
  terminal.print(`${name} is ${stranger.handle} from now on.`, {
    account: name,
    identity: stranger,
  });
  return 0;
}
