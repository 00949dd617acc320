import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { WrongUsage } from '../commands/command.ts';
import { openEnvironment } from '../config/environment.ts';
import { loadConfig } from '../config/load.ts';
import { type Network, networkNames, networks } from '../core/network.ts';
import { Refusal } from '../core/problem.ts';
import { isZone } from '../core/time.ts';
import { type LoginCheck, checkLogins } from './accounts.ts';
import { openTerminal, type Terminal } from './terminal.ts';

interface Field {
  /** Environment variable. */
  name: string;
  question: string;
  isSecret: boolean;
}

interface Guide {
  account: string;
  /** Where to get the credential, in a line or two. */
  help: string;
  fields: Field[];
  yaml: string;
}

const guides: Record<Network, Guide> = {
  x: {
    account: 'x-main',
    help: 'X: developer.x.com → your app → "Keys and tokens". The app needs "Read and write"; take the API key and secret, and an access token and secret for your account.',
    fields: [
      { name: 'X_APP_KEY', question: 'API key', isSecret: true },
      { name: 'X_APP_SECRET', question: 'API key secret', isSecret: true },
      { name: 'X_ACCESS_TOKEN', question: 'Access token', isSecret: true },
      { name: 'X_ACCESS_SECRET', question: 'Access token secret', isSecret: true },
    ],
    yaml: '{ network: x, appKey: "${X_APP_KEY}", appSecret: "${X_APP_SECRET}",\n              accessToken: "${X_ACCESS_TOKEN}", accessSecret: "${X_ACCESS_SECRET}" }',
  },
  bluesky: {
    account: 'bsky',
    help: 'Bluesky: Settings → Privacy and security → App passwords → Add. Never the password of the account itself.',
    fields: [
      { name: 'BLUESKY_HANDLE', question: 'Handle, such as me.bsky.social', isSecret: false },
      { name: 'BLUESKY_APP_PASSWORD', question: 'App password', isSecret: true },
    ],
    yaml: '{ network: bluesky, handle: "${BLUESKY_HANDLE}", password: "${BLUESKY_APP_PASSWORD}" }',
  },
  mastodon: {
    account: 'masto',
    help: 'Mastodon: Preferences → Development → New application, with read:accounts, read:statuses, write:statuses and write:media; take "Your access token".',
    fields: [
      { name: 'MASTODON_URL', question: 'Address of the instance, such as https://mastodon.social', isSecret: false },
      { name: 'MASTODON_TOKEN', question: 'Access token', isSecret: true },
    ],
    yaml: '{ network: mastodon, url: "${MASTODON_URL}", token: "${MASTODON_TOKEN}" }',
  },
};

/** Asks (or takes --network and --timezone), writes config/dripline.yaml and .env, and checks what can be checked. */
export async function init(folder: string, options: Record<string, unknown>): Promise<void> {
  const terminal = openTerminal({ isJson: options['json'] === true, secrets: [] });
  const file = join(folder, 'config', 'dripline.yaml');
  if (existsSync(file) && options['force'] !== true)
    throw new Refusal('config/dripline.yaml is there already: edit it, or say init --force to write it anew (the old one is kept as dripline.yaml.old)');
  const named = openEnvironment(folder).read('DRIPLINE_CONFIG');
  if (named)
    throw new Refusal(`DRIPLINE_CONFIG names another configuration (${named.value}, in ${named.from}), and init writes config/dripline.yaml: unset it first`);
  const chosen = await chooseNetworks(terminal, options);
  const zone = await chooseZone(terminal, options);
  const values = await askCredentials(terminal, chosen, readEnv(folder));
  mkdirSync(dirname(file), { recursive: true });
  if (existsSync(file)) writeFileSync(`${file}.old`, readFileSync(file));
  writeFileSync(file, toYaml(chosen, zone));
  copySchema(dirname(file));
  writeEnv(folder, chosen, values);
  const environment = openEnvironment(folder);
  const missing = chosen.flatMap((network) => guides[network].fields).filter(({ name }) => !values.get(name) && !environment.read(name));
  const checks = missing.length ? [] : await checkLogins(loadConfig(folder));
  tell(terminal, missing, checks);
  if (checks.some(({ ok }) => !ok)) process.exitCode = 1;
}

async function chooseNetworks(terminal: Terminal, options: Record<string, unknown>): Promise<Network[]> {
  const given = Array.isArray(options['network']) ? (options['network'] as string[]).flatMap((one) => one.split(',')) : undefined;
  const named =
    given ?? (terminal.canAsk ? (await terminal.ask('Which networks? (x, bluesky, mastodon; Enter for all) ')).split(/[\s,]+/).filter(Boolean) : []);
  const strange = named.find((one) => !(networks as readonly string[]).includes(one));
  if (strange !== undefined) throw new WrongUsage(`"${strange}" is no network that is known: say x, bluesky, mastodon`);
  return named.length ? networks.filter((one) => named.includes(one)) : [...networks];
}

async function chooseZone(terminal: Terminal, options: Record<string, unknown>): Promise<string> {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zone =
    typeof options['timezone'] === 'string'
      ? options['timezone']
      : terminal.canAsk
        ? (await terminal.ask(`Time zone? (Enter for ${here}) `)).trim() || here
        : here;
  if (!isZone(zone)) throw new WrongUsage(`"${zone}" is no time zone: use an IANA name such as Europe/Berlin`);
  return zone;
}

async function askCredentials(terminal: Terminal, chosen: Network[], known: Map<string, string>): Promise<Map<string, string>> {
  const values = new Map(known);
  if (!terminal.canAsk) return values;
  for (const network of chosen) {
    terminal.print(`\n${guides[network].help}`, undefined);
    for (const { name, question } of guides[network].fields) {
      const answer = (await terminal.ask(`${question}${values.get(name) ? ' (Enter keeps the one that is there)' : ''}: `)).trim();
      if (answer) values.set(name, answer);
    }
  }
  return values;
}

/** For completion in editors. A checkout has it there already. */
function copySchema(folder: string) {
  const name = 'dripline.schema.json';
  if (!existsSync(join(folder, name))) writeFileSync(join(folder, name), readFileSync(new URL(`../../config/${name}`, import.meta.url)));
}

function readEnv(folder: string): Map<string, string> {
  const file = join(folder, '.env');
  if (!existsSync(file)) return new Map();
  return new Map(
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line) => {
        const match = /^([A-Z_][A-Z0-9_]*)=(.*)$/.exec(line.trim());
        return match?.[1] ? [[match[1], (match[2] ?? '').replace(/^(["'])(.*)\1$/, '$2')] as [string, string]] : [];
      }),
  );
}

/** Lines that are there stay; what is new is added at the end. For the owner alone. */
function writeEnv(folder: string, chosen: Network[], values: Map<string, string>) {
  const file = join(folder, '.env');
  let text = existsSync(file) ? readFileSync(file, 'utf8') : '# Credentials for Dripline. Keep this file to yourself.\n';
  for (const { name } of chosen.flatMap((network) => guides[network].fields)) {
    const line = `${name}=${quote(values.get(name) ?? '')}`;
    const there = new RegExp(`^${name}=.*$`, 'm');
    text = there.test(text) ? text.replace(there, () => line) : `${text}${text.endsWith('\n') ? '' : '\n'}${line}\n`;
  }
  writeFileSync(file, text, { mode: 0o600 });
}

function quote(value: string): string {
  if (/^[\w@%+=:,./-]*$/.test(value)) return value;
  const mark = ["'", '`', '"'].find((one) => !value.includes(one));
  if (mark === undefined)
    throw new Refusal('a value with all of \' " ` in it cannot stand in .env: write it to a file, and set its name with _FILE at the end to that file');
  return `${mark}${value}${mark}`;
}

function toYaml(chosen: Network[], zone: string): string {
  const accounts = chosen.map((network) => `  ${`${guides[network].account}:`.padEnd(9)} ${guides[network].yaml}`).join('\n');
  return `# yaml-language-server: $schema=./dripline.schema.json
# Dripline. Values like \${NAME} come from the environment or from .env; \`npx dripline config\` shows where each came from.

timezone: ${zone}

# Who we publish as. The names on the left are yours to choose; they appear in ids such as hello@bsky.
accounts:
${accounts}

# How densely, and when. An account may have a cadence of its own.
cadence:
  perDay: 1-2                  # a number, or a range
  windows: ["08:00-12:00", "16:00-21:00"]
  days: [mon, tue, wed, thu, fri]
  minGap: 90m
  # blackout: ["2026-12-24/2026-12-26"]

# Named queues, for \`queue: tips\` in a post.
# queues:
#   tips: { perDay: 1, windows: ["12:00-14:00"] }

# Feeds add posts of their own; what stands in a feed at the first look is not posted.
# feeds:
#   - { url: https://example.com/feed.xml, template: "{{title}}", perDay: 2 }

# UTM tags for the \`link\` of posts with \`campaign: spring\`.
# campaigns:
#   spring: { utm: { source: "{{network}}", campaign: spring } }
`;
}

function tell(terminal: Terminal, missing: Field[], checks: LoginCheck[]) {
  const lines = ['Written: config/dripline.yaml and .env.'];
  if (missing.length)
    lines.push(`Still empty in .env: ${missing.map(({ name }) => name).join(', ')}. Fill them in, then say \`npx dripline accounts\` to check the logins.`);
  for (const { account, network, ok, handle, error } of checks)
    lines.push(ok ? `${account}: logged in to ${networkNames[network as Network]} as ${handle}` : `${account}: ${error}`);
  lines.push('From now on `npm start` posts for real. The first start waits for `npx dripline resume`.');
  terminal.print(lines.join('\n'), { written: ['config/dripline.yaml', '.env'], missing: missing.map(({ name }) => name), accounts: checks });
}
