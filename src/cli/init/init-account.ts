import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connected } from '../../config/connected/connected-file.ts';
import type { Environment } from '../../config/environment.ts';
import { readConfig } from '../../config/load.ts';
import { isNetwork, type Network, networkNames } from '../../core/network/network.ts';
import type { Field } from '../../core/network/setup.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { Refusal } from '../../core/problem.ts';
import type { Connecting } from '../../ports/connecting/connecting.ts';
import type { Connector, Grant, Way } from '../../ports/connecting/connector.ts';
import { checkLogins, type LoginCheck } from '../../app/connecting/check-logins.ts';
import { type Asker, GivenUp } from './init-prompts.ts';
import { variableOf } from '../../config/writing/variable-name.ts';

/** An account that is being set up. */
export interface Draft {
  name: string;
  network: Network;
  isNew: boolean;
  /** No other account of its network stands before it. */
  isFirst: boolean;
  /** As written in the configuration: `${NAME}`, or the value itself. */
  entry: Record<string, unknown>;
  /** For .env. */
  secrets: Map<string, string>;
}

export const newDraft = (network: Network, name: string, isFirst: boolean): Draft => ({
  name,
  network,
  isFirst,
  isNew: true,
  entry: { network },
  secrets: new Map(),
});

/** The accounts of a configuration. */
export function toDrafts(accounts: Record<string, unknown>): Draft[] {
  const networks = new Set<Network>();
  return Object.entries(accounts).flatMap(([name, written]) => {
    const entry = { ...(written as Record<string, unknown> | null) };
    const { network } = entry;
    if (!isNetwork(network)) return [];
    const isFirst = !networks.has(network);
    networks.add(network);
    return { name, network, isNew: false, isFirst, entry, secrets: new Map() };
  });
}

export interface Surroundings {
  asker: Asker;
  folder: string;
  environment: Environment;
  /** What the data folder keeps already. */
  connected: Connected;
  connecting: Pick<Connecting, 'connector'>;
}

/**
 * Asks for what is missing, tries to log in, and offers to correct the answers. Undefined: the
 * account is left out.
 */
export async function settleAccount(
  around: Surroundings,
  draft: Draft,
): Promise<{ draft: Draft; check?: LoginCheck } | undefined> {
  const what = `${draft.name} on ${networkNames[draft.network]}`;
  if (draft.isNew) await askAll(around, draft);
  for (;;) {
    const check = await tryLogin(around, draft, what);
    if (check?.ok) return { draft, check };
    const next = await askNext(around.asker, draft, what);
    if (next === 'drop') return undefined;
    if (next === 'keep') return pickDefined({ draft, check });
    await askAll(around, draft);
  }
}

/** Undefined: a value is missing. */
async function tryLogin(
  around: Surroundings,
  draft: Draft,
  what: string,
): Promise<LoginCheck | undefined> {
  const { asker } = around;
  const missing = missingOf(around, draft);
  if (!missing.length)
    return asker.wait(`${what}: logging in`, checkDraft(around, draft), (one) =>
      tellCheck(what, one),
    );
  const verb = missing.length === 1 ? 'is' : 'are';
  asker.say(`${what}: ${missing.join(', ')} ${verb} still empty`);
  return undefined;
}

const askNext = (asker: Asker, { isNew }: Draft, what: string) =>
  asker.choose<'correct' | 'keep' | 'drop'>(`${what} cannot log in yet. What now?`, [
    { value: 'correct', label: 'Correct it' },
    { value: 'keep', label: 'Keep it as it is, and fix it later' },
    ...(isNew ? [{ value: 'drop' as const, label: 'Leave this account out' }] : []),
  ]);

const tellCheck = (what: string, { ok, handle, error }: LoginCheck) =>
  ok ? `${what}: logged in as ${handle}` : `${what}: ${error}`;

/** By the network's own consent, or by what is pasted. */
async function askAll(around: Surroundings, draft: Draft): Promise<void> {
  const connector = await around.connecting.connector(draft.network);
  if (!connector.ways.some(({ asksNetwork }) => asksNetwork)) return askFields(around, draft);
  const chosen = await around.asker.choose(
    `How should ${draft.name} log in to ${networkNames[draft.network]}?`,
    connector.ways.map(({ key, title }) => ({ value: key, label: title })),
  );
  const way = connector.ways.find(({ key }) => key === chosen);
  if (!way?.asksNetwork) return askFields(around, draft);
  try {
    await askConsent(around, draft, { connector, way });
  } catch (error) {
    // Nothing is given up: the account may be corrected, or left out.
    if (!(error instanceof Refusal) || error instanceof GivenUp) throw error;
    around.asker.say(`${error.message}.`);
  }
}

async function askConsent(
  around: Surroundings,
  draft: Draft,
  { connector, way }: { connector: Connector; way: Way },
): Promise<void> {
  const { asker } = around;
  asker.say(way.help.join('\n'), way.title);
  const { setup } = traitsOf(draft.network);
  const known = new Map([...setup.fields, ...(setup.optionalFields ?? [])].map((f) => [f.key, f]));
  const values: Record<string, string> = {};
  for (const { isOptional = false, ...field } of way.fields) {
    const own = { variable: '', ...known.get(field.key), ...field };
    const before = own.variable === '' ? undefined : knownOf(around, draft, own);
    values[field.key] = await ask(asker, own, { known: before, isOptional });
  }
  const signal = AbortSignal.timeout(60_000);
  const begun = await connector.begin(way.key, values, { signal, state: randomUUID() });
  if ('grant' in begun) return takeGrant(around, draft, begun.grant);
  const { url, codeName, finish } = begun.consent;
  asker.say(url, 'Open this in a browser, and allow it');
  const code = await asker.text({
    message: `The ${codeName} that you are shown`,
    whyNot: (answer) => (answer === '' ? 'This is needed' : undefined),
  });
  takeGrant(around, draft, await finish(code, AbortSignal.timeout(60_000)));
}

function takeGrant(around: Surroundings, draft: Draft, { entry, secrets, notes }: Grant): void {
  Object.assign(draft.entry, entry);
  for (const field of traitsOf(draft.network).setup.fields) {
    const value = secrets[field.key];
    if (value === undefined) continue;
    const variable = freeVariable(around, variableIn(draft, field));
    draft.entry[field.key] = `\${${variable}}`;
    draft.secrets.set(variable, value);
  }
  for (const note of notes) around.asker.say(`${note}.`);
}

/** The environment overrides .env: another name is needed where it has this one. */
function freeVariable({ environment }: Surroundings, name: string): string {
  const isTaken = (one: string) => {
    const { from = '.env' } = environment.read(one) ?? {};
    return !from.startsWith('.env') && from !== `the file secrets/${one.toLowerCase()}`;
  };
  for (let i = 1; ; i += 1) {
    const one = i === 1 ? name : `${name}_${i}`;
    if (!isTaken(one)) return one;
  }
}

async function askFields(around: Surroundings, draft: Draft): Promise<void> {
  const { asker, environment } = around;
  const { help, fields, optionalFields = [] } = traitsOf(draft.network).setup;
  asker.say(help.join('\n'), `${networkNames[draft.network]}: where to find it`);
  for (const field of [...fields, ...optionalFields]) {
    const variable = variableIn(draft, field);
    const outside = environment.read(variable);
    // The environment overrides .env: an answer here would have no effect.
    if (outside && !outside.from.startsWith('.env') && !draft.secrets.has(variable)) {
      draft.entry[field.key] = `\${${variable}}`;
      asker.say(`${field.question}: taken from ${outside.from}`);
      continue;
    }
    const answer = await ask(asker, field, {
      known: knownOf(around, draft, field),
      isOptional: optionalFields.includes(field),
    });
    if (answer === '') delete draft.entry[field.key];
    else if (!field.isSecret) draft.entry[field.key] = answer;
    else {
      draft.entry[field.key] = `\${${variable}}`;
      draft.secrets.set(variable, answer);
    }
  }
}

async function ask(
  asker: Asker,
  field: Field,
  { known, isOptional }: { known: string | undefined; isOptional: boolean },
): Promise<string> {
  const { question, isSecret, tidy = (text) => text, whyNot } = field;
  const why = (answer: string) => {
    if (answer !== '') return whyNot?.(answer);
    return known !== undefined || isOptional ? undefined : 'This is needed';
  };
  if (isSecret) {
    const answer = await asker.secret({
      message: known === undefined ? question : `${question} (Enter keeps the present one)`,
      whyNot: why,
    });
    return answer === '' ? (known ?? '') : answer;
  }
  return tidy(await asker.text(pickDefined({ message: question, whyNot: why, initial: known })));
}

const reference = /^\$\{(\w+)\}$/;

function variableIn(draft: Draft, field: Field): string {
  return reference.exec(String(draft.entry[field.key] ?? ''))?.[1] ?? variableOf(draft, field);
}

/** The value so far, from the configuration itself or from the variable that it names. */
function knownOf(
  { environment, connected }: Pick<Surroundings, 'environment' | 'connected'>,
  draft: Draft,
  field: Field,
): string | undefined {
  const written = draft.entry[field.key];
  if (typeof written === 'string' && !reference.test(written)) return written;
  const variable = variableIn(draft, field);
  const kept = connected.accounts[draft.name]?.values[field.key];
  const own = draft.secrets.get(variable) ?? environment.read(variable)?.value;
  return own ?? (kept === undefined ? undefined : String(kept));
}

const missingOf = (around: Surroundings, draft: Draft): string[] =>
  traitsOf(draft.network)
    .setup.fields.filter((field) => knownOf(around, draft, field) === undefined)
    .map(({ question }) => question);

function onlyOf(connected: Connected, name: string): Connected {
  const own = connected.accounts[name];
  return { ...connected, accounts: own ? { [name]: own } : {} };
}

/**
 * Logs in as the service would, but with an empty data folder: a stored session would hide a wrong
 * password.
 */
async function checkDraft(
  { environment, connected }: Surroundings,
  { name, entry, secrets }: Draft,
): Promise<LoginCheck> {
  const folder = mkdtempSync(join(tmpdir(), 'dripline-init-'));
  try {
    const values: Environment = {
      read: (variable) =>
        secrets.has(variable)
          ? { value: secrets.get(variable) ?? '', from: 'here' }
          : environment.read(variable),
    };
    const config = readConfig(
      JSON.stringify({ timezone: 'UTC', accounts: { [name]: entry } }),
      name,
      { folder, environment: values, connected: onlyOf(connected, name) },
    );
    const [check] = await checkLogins({ ...config, folders: { ...config.folders, data: folder } });
    if (check) return check;
    throw new Error(`${name} was not checked`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
