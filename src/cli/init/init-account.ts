import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../../config/environment.ts';
import { readConfig } from '../../config/load.ts';
import { isNetwork, type Network, networkNames } from '../../core/network/network.ts';
import type { Field } from '../../core/network/setup.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { checkLogins, type LoginCheck } from '../../app/connecting/check-logins.ts';
import type { Asker } from './init-prompts.ts';
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

async function askAll({ asker, environment }: Surroundings, draft: Draft): Promise<void> {
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
      known: knownOf({ environment }, draft, field),
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
  { environment }: Pick<Surroundings, 'environment'>,
  draft: Draft,
  field: Field,
): string | undefined {
  const written = draft.entry[field.key];
  if (typeof written === 'string' && !reference.test(written)) return written;
  const variable = variableIn(draft, field);
  return draft.secrets.get(variable) ?? environment.read(variable)?.value;
}

const missingOf = (around: Surroundings, draft: Draft): string[] =>
  traitsOf(draft.network)
    .setup.fields.filter((field) => knownOf(around, draft, field) === undefined)
    .map(({ question }) => question);

/**
 * Logs in as the service would, but with an empty data folder: a stored session would hide a wrong
 * password.
 */
async function checkDraft(
  { environment }: Surroundings,
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
      { folder, environment: values },
    );
    const [check] = await checkLogins({ ...config, folders: { ...config.folders, data: folder } });
    if (check) return check;
    throw new Error(`${name} was not checked`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
