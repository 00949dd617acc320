import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { WrongUsage } from '../../commands/command.ts';
import { openEnvironment } from '../../config/environment.ts';
import { loadConfig } from '../../config/load.ts';
import { isNetwork, type Network, networkNames, networks } from '../../core/network/network.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { Refusal } from '../../core/problem.ts';
import { isZone } from '../../core/time.ts';
import { editYaml } from '../../io/yaml-edit.ts';
import { checkLogins, type LoginCheck } from '../check-accounts.ts';
import { type Answers, editConfig, newConfig } from './init-config.ts';
import { readDotEnv, writeDotEnv } from './init-env.ts';
import { type Asker, openPromptAsker } from './init-prompts.ts';
import { converse, type Given, here } from './init-talk.ts';
import { openTerminal, type Terminal } from '../terminal.ts';

const label = 'config/dripline.yaml';

/**
 * Asks in front of a terminal; elsewhere takes --network and --timezone. Writes
 * config/dripline.yaml and .env, and checks what can be checked.
 */
export async function init(
  folder: string,
  options: Record<string, unknown>,
  asker?: Asker,
): Promise<void> {
  const terminal = openTerminal({ isJson: options['json'] === true, secrets: [] });
  const named = openEnvironment(folder).read('DRIPLINE_CONFIG');
  if (named)
    throw new Refusal(
      `DRIPLINE_CONFIG names another configuration (${named.value}, in ${named.from}), and init writes ${label}: unset it first`,
    );
  const given = {
    networks: readNetworks(options['network']),
    zone: readZone(options['timezone']),
    isForced: options['force'] === true,
  };
  const who = asker ?? (terminal.canAsk ? await openPromptAsker() : undefined);
  if (!who) return initSilently(folder, terminal, given);
  const text = readIfThere(folder);
  const { answers, secrets, last } = await converse({
    folder,
    asker: who,
    before: text === undefined ? undefined : editYaml(text, label),
    ...given,
  });
  writeConfig(folder, answers, given.isForced);
  writeDotEnv(folder, secrets);
  who.say(last, 'What to do next');
}

function readNetworks(given: unknown): Network[] | undefined {
  if (!Array.isArray(given)) return undefined;
  const named = (given as string[]).flatMap((one) => one.split(',')).filter(Boolean);
  const strange = named.find((one) => !isNetwork(one));
  if (strange !== undefined)
    throw new WrongUsage(`unknown network "${strange}": say one or more of ${networks.join(', ')}`);
  return networks.filter((one) => named.includes(one));
}

function readZone(given: unknown): string | undefined {
  if (typeof given !== 'string') return undefined;
  if (!isZone(given))
    throw new WrongUsage(`"${given}" is no time zone: use an IANA name such as Europe/Berlin`);
  return given;
}

/** With nobody to ask: every value behind a name in .env, to be filled in. */
async function initSilently(
  folder: string,
  terminal: Terminal,
  { networks: chosen = [...networks], zone, isForced }: Given,
): Promise<void> {
  if (existsSync(join(folder, label)) && !isForced)
    throw new Refusal(
      `${label} is there already: edit it, say init in a terminal to add to it, or init --force to overwrite its values`,
    );
  const accounts = chosen.map((network) => ({
    name: traitsOf(network).setup.account,
    entry: {
      network,
      ...Object.fromEntries(
        traitsOf(network).setup.fields.map(({ key, variable }) => [key, `\${${variable}}`]),
      ),
    },
  }));
  const variables = chosen.flatMap((network) =>
    traitsOf(network).setup.fields.map(({ variable }) => variable),
  );
  const known = readDotEnv(folder);
  const before = readIfThere(folder);
  const written = before === undefined ? undefined : editYaml(before, label).read(['timezone']);
  writeConfig(
    folder,
    { zone: zone ?? (typeof written === 'string' ? written : here()), accounts },
    isForced,
  );
  writeDotEnv(folder, new Map(variables.map((variable) => [variable, known.get(variable) ?? ''])));
  const environment = openEnvironment(folder);
  const missing = variables.filter((variable) => !environment.read(variable));
  const checks = missing.length ? [] : await checkLogins(loadConfig(folder));
  tell(terminal, missing, checks);
  if (checks.some(({ ok }) => !ok)) process.exitCode = 1;
}

function readIfThere(folder: string): string | undefined {
  const file = join(folder, label);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** What was there before is kept beside it. */
function writeConfig(folder: string, answers: Answers, isForced: boolean) {
  const file = join(folder, label);
  const before = readIfThere(folder);
  let text = newConfig(answers);
  if (before !== undefined) {
    const edit = editYaml(before, label);
    editConfig(edit, answers, isForced);
    text = edit.text();
    if (text !== before) writeFileSync(`${file}.old`, before);
  }
  mkdirSync(dirname(file), { recursive: true });
  copySchema(dirname(file));
  if (text === before) return;
  writeFileSync(`${file}.part`, text);
  renameSync(`${file}.part`, file);
}

/** For completion in editors. A checkout has it there already. */
function copySchema(folder: string) {
  const name = 'dripline.schema.json';
  if (!existsSync(join(folder, name)))
    writeFileSync(
      join(folder, name),
      readFileSync(new URL(`../../../config/${name}`, import.meta.url)),
    );
}

function tell(terminal: Terminal, missing: string[], checks: LoginCheck[]) {
  const lines = [`Written: ${label} and .env.`];
  if (missing.length)
    lines.push(
      `Still empty in .env: ${missing.join(', ')}. Fill them in, then say \`npx dripline accounts\` to check the logins.`,
    );
  for (const { account, network, ok, handle, error } of checks)
    lines.push(
      ok
        ? `${account}: logged in to ${networkNames[network]} as ${handle}`
        : `${account}: ${error}`,
    );
  lines.push(
    'From now on `npm start` posts for real. The first start waits for `npx dripline resume`.',
  );
  terminal.print(lines.join('\n'), { written: [label, '.env'], missing, accounts: checks });
}
