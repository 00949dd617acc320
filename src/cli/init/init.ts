import { ownCommand } from '../../core/text/own-command.ts';
import { WrongUsage } from '../../commands/command.ts';
import { openEnvironment } from '../../config/environment.ts';
import { defaultFile, loadConfig } from '../../config/load.ts';
import { isNetwork, type Network, networkNames, networks } from '../../core/network/network.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { Refusal } from '../../core/problem.ts';
import { isZone } from '../../core/time.ts';
import { editYaml } from '../../io/yaml-edit.ts';
import { checkLogins, type LoginCheck } from '../../app/connecting/check-logins.ts';
import { assertOwnFile, readIfThere, writeConfig } from '../../config/writing/config-file.ts';
import { recordGrant, saveAccount } from '../../config/writing/save-account.ts';
import type { Answers } from '../../config/writing/config-text.ts';
import {
  assertWritable,
  placeOfSecrets,
  readDotEnv,
  writeSecrets,
} from '../../config/writing/secret-places.ts';
import { type Asker, openPromptAsker } from './init-prompts.ts';
import { converse, type Given, here, type Outcome } from './init-talk.ts';
import { openTerminal, type Terminal } from '../terminal.ts';

/**
 * Asks in a terminal; without one, takes --network and --timezone. Writes config/dripline.yaml and
 * .env, and checks the logins. Exit 1 with any login that fails.
 */
export async function init(
  folder: string,
  options: Record<string, unknown>,
  asker?: Asker,
): Promise<number> {
  const terminal = openTerminal({ isJson: options['json'] === true, secrets: [] });
  assertOwnFile(folder, openEnvironment(folder));
  assertWritable(folder);
  const given = {
    networks: readNetworks(options['network']),
    zone: readZone(options['timezone']),
    isForced: options['force'] === true,
  };
  const who = asker ?? (terminal.canAsk ? await openPromptAsker() : undefined);
  if (!who) return initSilently(folder, terminal, given);
  const text = readIfThere(folder);
  const { answers, secrets, kept, place, last } = await converse({
    folder,
    asker: who,
    before: text === undefined ? undefined : editYaml(text, defaultFile),
    ...given,
  });
  writeConfig(folder, answers, given.isForced);
  if (place === 'variables') writeSecrets(folder, secrets);
  keepLogins(folder, { kept, place });
  who.say(last, 'What to do next');
  return 0;
}

/** The configuration names variables; `.env`, or the data folder, has the values. */
function keepLogins(folder: string, { kept, place }: Pick<Outcome, 'kept' | 'place'>): void {
  const home = { folder, openEnvironment: () => openEnvironment(folder) };
  for (const { name, network, handle, secrets } of kept) {
    const grant = { at: Date.now(), handle, scopes: [] };
    const account = { name, network, entry: {}, secrets, place, grant };
    if (place === 'data') saveAccount(home, account);
    else recordGrant(home, account);
  }
}

function readNetworks(given: unknown): Network[] | undefined {
  if (!Array.isArray(given)) return undefined;
  const named = (given as string[]).flatMap((one) => one.split(',')).filter(Boolean);
  const strange = named.find((one) => !isNetwork(one));
  if (strange !== undefined)
    throw new WrongUsage(`unknown network "${strange}": use one or more of ${networks.join(', ')}`);
  return networks.filter((one) => named.includes(one));
}

function readZone(given: unknown): string | undefined {
  if (typeof given !== 'string') return undefined;
  if (!isZone(given))
    throw new WrongUsage(`"${given}" is not a time zone: use an IANA name such as Europe/Berlin`);
  return given;
}

/** With no one to ask: every value becomes a variable in .env, to be filled in. */
async function initSilently(
  folder: string,
  terminal: Terminal,
  { networks: chosen = [...networks], zone, isForced }: Given,
): Promise<number> {
  const before = readIfThere(folder);
  if (before !== undefined && !isForced)
    throw new Refusal(
      `${defaultFile} exists already: edit it, run init in a terminal to add to it, or ` +
        'overwrite its values with init --force',
    );
  const written =
    before === undefined ? undefined : editYaml(before, defaultFile).read(['timezone']);
  const ownZone = zone ?? (typeof written === 'string' ? written : here());
  writeConfig(folder, { zone: ownZone, accounts: chosen.map(toEntry) }, isForced);
  const variables = chosen.flatMap((network) =>
    traitsOf(network).setup.fields.map(({ variable }) => variable),
  );
  const known = readDotEnv(folder);
  writeSecrets(folder, new Map(variables.map((variable) => [variable, known.get(variable) ?? ''])));
  const environment = openEnvironment(folder);
  const missing = variables.filter((variable) => !environment.read(variable));
  const checks = missing.length ? [] : await checkLogins(loadConfig(folder));
  tell(terminal, { missing, checks, where: placeOfSecrets(folder) });
  return checks.every(({ ok }) => ok) ? 0 : 1;
}

function toEntry(network: Network): Answers['accounts'][number] {
  const { account, fields } = traitsOf(network).setup;
  const values = fields.map(({ key, variable }) => [key, `\${${variable}}`]);
  return { name: account, entry: { network, ...Object.fromEntries(values) } };
}

interface Told {
  missing: string[];
  checks: LoginCheck[];
  /** Of the credentials. */
  where: string;
}

function tell(terminal: Terminal, { missing, checks, where }: Told) {
  const lines = [`Written: ${defaultFile} and ${where}.`];
  if (missing.length)
    lines.push(
      `Still empty in ${where}: ${missing.join(', ')}.`,
      `Fill them in, then check the logins with \`${ownCommand('accounts')}\`.`,
    );
  for (const { account, network, ok, handle, error } of checks)
    lines.push(
      ok
        ? `${account}: logged in to ${networkNames[network]} as ${handle}`
        : `${account}: ${error}`,
    );
  lines.push(
    'From now on `npm start` publishes for real. The first start waits for ' +
      `\`${ownCommand('resume')}\`.`,
  );
  terminal.print(lines.join('\n'), { written: [defaultFile, where], missing, accounts: checks });
}
