import { ownCommand } from '../core/text/own-command.ts';
import { openCommands } from '../app/open-commands.ts';
import { checkMail } from '../app/people/check-mail.ts';
import { checkLogins } from '../app/connecting/check-logins.ts';
import { confirm as confirmIdentity } from '../commands/verbs/confirm.ts';
import { toTable } from '../commands/table.ts';
import { networkNames } from '../core/network/network.ts';
import type { CliContext } from './cli-context.ts';

/** Exit 1 with any login that fails. */
export async function accounts(cli: CliContext): Promise<number> {
  const { config, terminal, options } = cli;
  if (typeof options['confirm'] === 'string') return confirm(cli, options['confirm']);
  const [logins, servers] = await Promise.all([checkLogins(config), checkMail(config.mail)]);
  const checks = [...logins, ...servers];
  const rows = [
    ...logins.map((one) => [
      one.account,
      networkNames[one.network],
      one.handle ?? '–',
      one.error ?? one.url ?? '',
    ]),
    ...servers.map(({ account, server, ok, error }) => [
      account,
      server,
      ok ? 'yes' : '–',
      error ?? '',
    ]),
  ];
  const text = rows.length
    ? toTable(['account', 'network', 'logged in as', ''], rows)
    : `No accounts are configured. To add one: ${ownCommand('init')}`;
  terminal.print(text, checks);
  return checks.every(({ ok }) => ok) ? 0 : 1;
}

/** The same as the verb, where people look for it. */
async function confirm({ config, terminal }: CliContext, name: string): Promise<number> {
  await using context = await openCommands(config, 'cli');
  const { text, json } = await confirmIdentity.run(context, { args: [name], options: {} });
  terminal.print(text, json);
  return 0;
}
