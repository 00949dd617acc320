import { ownCommand } from '../core/text/own-command.ts';
import { openCommands } from '../app/open-commands.ts';
import { openPublishers } from '../app/open-parts.ts';
import { commandEntry } from '../commands/change.ts';
import { assertAccount } from '../commands/find.ts';
import { toTable } from '../commands/table.ts';
import type { Config } from '../config/config.ts';
import type { Limits } from '../core/network/limits.ts';
import { type Network, networkNames } from '../core/network/network.ts';
import { pickDefined } from '../core/pick-defined.ts';
import { Refusal } from '../core/problem.ts';
import { second } from '../core/time.ts';
import { changeAccount, nudge, readAccount } from '../flow/facts.ts';
import { type Abilities, type Publisher, PublishError } from '../ports/publisher.ts';
import type { CliContext } from './cli-context.ts';

export interface LoginCheck {
  account: string;
  network: Network;
  ok: boolean;
  handle?: string;
  id?: string;
  url?: string;
  error?: string;
  takesQuotes?: boolean;
  /** What the network says of the account. */
  limits?: Limits;
}

/** Asks each network who the account is. Sends nothing. */
export async function checkLogins(config: Config): Promise<LoginCheck[]> {
  const publishers = await openPublishers(config);
  return Promise.all(
    [...publishers.values()].map(async (publisher): Promise<LoginCheck> => {
      const about = { account: publisher.account, network: publisher.network };
      try {
        const signal = AbortSignal.timeout(20 * second);
        const { id, handle, url } = await publisher.identify(signal);
        const { lacks, takesQuotes } = await findAbilities(publisher, signal);
        const limits = await quietly(publisher.limits(signal));
        const who = { ...about, handle, id, url };
        return pickDefined({ ...who, ok: lacks === undefined, error: lacks, takesQuotes, limits });
      } catch (error) {
        return {
          ...about,
          ok: false,
          error: error instanceof PublishError ? explain(error) : String(error),
        };
      }
    }),
  );
}

const findAbilities = async (publisher: Publisher, signal: AbortSignal): Promise<Abilities> =>
  (await quietly(publisher.abilities?.(signal))) ?? {};

/** Who logs in is well; what cannot be found out beyond that is no error. */
async function quietly<T>(answer: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof PublishError)) throw error;
    return undefined;
  }
}

/** A check is not repeated, whatever the service would do. */
const explain = ({ kind, said, message }: PublishError) => (kind === 'not-sent' ? said : message);

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
