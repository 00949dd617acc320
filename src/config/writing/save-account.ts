import { isNetwork, type Network } from '../../core/network/network.ts';
import type { Field } from '../../core/network/setup.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { type Problem, Refusal } from '../../core/problem.ts';
import { editYaml, type YamlEdit } from '../../io/yaml-edit.ts';
import { dirname, join } from 'node:path';
import { toFaults } from '../config-now.ts';
import {
  type Connected,
  type ConnectedFile,
  connectedFileOf,
  digestOf,
  type KeptGrant,
  readConnected,
  writePrivately,
} from '../connected/connected-file.ts';
import type { Environment } from '../environment.ts';
import { defaultFile, loadConfig } from '../load.ts';
import { fillQuietly } from '../parse-config.ts';
import { readIfThere, whyNotOwnFile, writeConfig } from './config-file.ts';
import { mayWrite, placeOfSecrets, writeSecrets } from './secret-places.ts';
import { variableOf } from './variable-name.ts';

/** Where credentials are kept: as variables beside the configuration, or in the data folder. */
export type SecretPlace = 'variables' | 'data';

export interface NewAccount {
  name: string;
  network: Network;
  /** Without its credentials. */
  entry: Record<string, string | boolean>;
  /** By key of the configuration. */
  secrets: Record<string, string>;
  place: SecretPlace;
  /** Counts where the configuration has none. */
  zone?: string | undefined;
  grant: Omit<KeptGrant, 'proof'>;
}

export interface Home {
  folder: string;
  /** Anew each time: what is saved changes it. */
  openEnvironment(): Environment;
}

export interface Saved {
  /** What was written, as people know it. */
  files: string[];
  /** What keeps the next start from using it; empty: nothing. */
  faults: readonly Problem[];
}

export const canWriteConfig = ({ folder, openEnvironment }: Home): boolean =>
  whyNotOwnFile(folder, openEnvironment()) === undefined && mayWrite(join(folder, 'config'));

/** Where credentials may be kept here; the first is the usual one. */
export function secretPlacesOf(home: Home): { value: SecretPlace; label: string }[] {
  const { folder } = home;
  const variables = placeOfSecrets(folder);
  const { label } = connectedFileOf(folder, home.openEnvironment());
  const data = { value: 'data' as const, label };
  const isFree = mayWrite(join(folder, variables === '.env' ? '.' : 'secrets'));
  if (!canWriteConfig(home) || !isFree) return [data];
  return [{ value: 'variables', label: variables }, data];
}

/** Adds an account, or gives one that is there its new credentials. */
export function saveAccount(home: Home, account: NewAccount): Saved {
  const environment = home.openEnvironment();
  const connected = readConnected(home.folder, environment);
  const text = readIfThere(home.folder);
  const edit = text === undefined ? undefined : editYaml(text, defaultFile);
  const saving: Saving = { home, environment, connected, edit, account };
  const files = canWriteConfig(home) ? saveInConfig(saving) : saveWhole(saving);
  return { files, faults: faultsAfter(home, account) };
}

/** Of an account that is written elsewhere: since when, and that nothing older is kept here. */
export function recordGrant(
  { folder, openEnvironment }: Home,
  { name, network, secrets, grant }: Pick<NewAccount, 'name' | 'network' | 'secrets' | 'grant'>,
): void {
  const environment = openEnvironment();
  const { file } = connectedFileOf(folder, environment);
  // Without a data folder of its own there is no service here that would tell of it.
  if (!mayWrite(dirname(file))) return;
  const { label: _label, ...before } = readConnected(folder, environment);
  const { [name]: _stale, ...accounts } = before.accounts;
  const grants = { ...before.grants, [name]: { ...grant, proof: proofOf(network, secrets) } };
  writePrivately(file, { ...before, accounts, grants });
}

interface Saving {
  home: Home;
  environment: Environment;
  connected: Connected;
  edit: YamlEdit | undefined;
  account: NewAccount;
}

function saveInConfig(saving: Saving): string[] {
  const { home, connected, edit, account } = saving;
  const { name, network, place, secrets } = account;
  const references = Object.keys(secrets).map((key): [string, string] => [
    key,
    place === 'data' ? writtenOr(saving, key) : `\${${freeVariable(saving, key)}}`,
  ]);
  const values = references.map(([key, text]): [string, string] => [
    /^\$\{(\w+)\}$/.exec(text)?.[1] ?? key,
    secrets[key] ?? '',
  ]);
  if (place === 'variables') writeSecrets(home.folder, new Map(values));
  const { [name]: _before, ...others } = connected.accounts;
  const replaces = place === 'data' ? digestsOf(saving, references) : {};
  const kept = { network, isWhole: false, values: secrets, replaces };
  keep(saving, place === 'data' ? { ...others, [name]: kept } : others);
  const entry = { network, ...account.entry, ...Object.fromEntries(references) };
  const zone = account.zone ?? zoneOf(saving) ?? here();
  const isZoned = typeof edit?.read(['timezone']) === 'string';
  writeConfig(
    home.folder,
    { zone: isZoned ? String(edit?.read(['timezone'])) : zone, accounts: [{ name, entry }] },
    false,
  );
  return [defaultFile, place === 'data' ? connected.label : placeOfSecrets(home.folder)];
}

export const here = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The configuration cannot be written: the data folder holds all of it. */
function saveWhole(saving: Saving): string[] {
  const { connected, edit, account } = saving;
  const { name, network, entry, secrets } = account;
  const isWhole = entryOf(saving) === undefined;
  const values = { ...entry, ...secrets };
  const written = Object.keys(values).map((key): [string, string] => [key, writtenOr(saving, key)]);
  const own = { network, isWhole, values, replaces: isWhole ? {} : digestsOf(saving, written) };
  const hasZone = typeof edit?.read(['timezone']) === 'string';
  const timezone = hasZone ? connected.timezone : (account.zone ?? connected.timezone ?? here());
  keep(saving, { ...connected.accounts, [name]: own }, timezone);
  return [connected.label];
}

function keep(
  { home, environment, connected, account }: Saving,
  accounts: ConnectedFile['accounts'],
  timezone = connected.timezone,
): void {
  const { label: _label, ...before } = connected;
  const proof = proofOf(account.network, account.secrets);
  const grants = { ...before.grants, [account.name]: { ...account.grant, proof } };
  writePrivately(
    connectedFileOf(home.folder, environment).file,
    pickDefined({ ...before, accounts, grants, timezone }),
  );
}

/** Tells whether the credentials are still those that were granted. */
export function proofOf(network: Network, values: object): string {
  const { fields } = traitsOf(network).setup;
  const own = new Map(Object.entries(values));
  const secrets = fields.filter(({ isSecret }) => isSecret).map(({ key }) => own.get(key));
  return digestOf(secrets.join('\n'));
}

const zoneOf = ({ connected }: Saving) => connected.timezone;

function entryOf({ edit, account }: Saving): Record<string, unknown> | undefined {
  const entry = edit?.read(['accounts', account.name]);
  return typeof entry === 'object' && entry !== null ? { ...entry } : undefined;
}

/** As the configuration has it, or as it will have it. */
function writtenOr(saving: Saving, key: string): string {
  const written = entryOf(saving)?.[key];
  if (typeof written === 'string' && written !== '') return written;
  return `\${${variableFor(saving, key)}}`;
}

function digestsOf({ environment }: Saving, written: [string, string][]): Record<string, string> {
  return Object.fromEntries(
    written.flatMap(([key, text]): [string, string][] => {
      const value = fillQuietly(text, environment);
      return value === undefined ? [] : [[key, digestOf(value)]];
    }),
  );
}

function variableFor(saving: Saving, key: string): string {
  const { edit, account } = saving;
  const accounts = edit?.read(['accounts']);
  const others = Object.entries(typeof accounts === 'object' && accounts !== null ? accounts : {});
  const networks = others
    .slice(0, others.findIndex(([name]) => name === account.name) >>> 0)
    .map(([, one]) => (one as { network?: unknown } | null)?.network)
    .filter(isNetwork);
  const field = traitsOf(account.network).setup.fields.find((one) => one.key === key);
  const isFirst = !networks.includes(account.network);
  return variableOf({ name: account.name, isFirst }, field ?? ({ variable: key } as Field));
}

/** One whose value counts when it is written: the environment beats .env. */
function freeVariable(saving: Saving, key: string): string {
  const { environment, account } = saving;
  const named = /^\$\{(\w+)\}$/.exec(writtenOr(saving, key))?.[1] ?? variableFor(saving, key);
  for (let i = 1; i < 100; i += 1) {
    const name = i === 1 ? named : `${named}_${i}`;
    const before = environment.read(name);
    const isOurs =
      before === undefined ||
      before.from.startsWith('.env') ||
      before.from === `the file secrets/${name.toLowerCase()}`;
    if (isOurs || before.value === account.secrets[key]) return name;
  }
  throw new Refusal(`${named} and its like are set in the environment: unset one of them`);
}

function faultsAfter({ folder, openEnvironment }: Home, account: NewAccount): readonly Problem[] {
  try {
    const { accounts } = loadConfig(folder, openEnvironment());
    const own = accounts.find(({ name }) => name === account.name);
    if (own && proofOf(own.network, own) === proofOf(account.network, account.secrets)) return [];
    const what = 'is configured elsewhere as well, and those values count';
    const hint = '`dripline config` shows where each value comes from';
    return [{ where: account.name, what, hint, severity: 'error' }];
  } catch (error) {
    return toFaults(error);
  }
}
