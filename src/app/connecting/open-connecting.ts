import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { connectedFileOf, readConnected } from '../../config/connected/connected-file.ts';
import { openEnvironment } from '../../config/environment.ts';
import { loadConfig, readConfig } from '../../config/load.ts';
import { readIfThere } from '../../config/writing/config-file.ts';
import {
  here,
  type Home,
  proofOf,
  saveAccount,
  type SecretPlace,
  secretPlacesOf,
} from '../../config/writing/save-account.ts';
import type { Account } from '../../core/network/account.ts';
import type { Network } from '../../core/network/network.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CheckedLogin, Connecting, KnownGrant } from '../../ports/connecting/connecting.ts';
import type { Grant } from '../../ports/connecting/connector.ts';
import { checkLogins } from './check-logins.ts';
import { openKnownApps } from './known-apps.ts';

/** What runs now, as far as it matters here. */
type Running = Pick<Config, 'root' | 'isSandbox' | 'accounts'>;

interface Options {
  clock: Clock;
  /** Whoever types a server's address sits at this machine: it may be in a private network. */
  isAtHome?: boolean;
}

/** Connects accounts of the configuration in a folder. */
export function openConnecting(config: Running, { clock, isAtHome = false }: Options): Connecting {
  const { root } = config;
  const home: Home = { folder: root, openEnvironment: () => openEnvironment(root) };
  const leaveFor = isAtHome ? () => ({ allowPrivate: true }) : leaveOf(config);
  return {
    async connector(network) {
      const { openConnector } = await import('../../networks/open-connectors.ts');
      const { file } = connectedFileOf(root, home.openEnvironment());
      const apps = openKnownApps(join(dirname(file), 'apps.json'));
      return openConnector(network, { clock, apps, leaveFor });
    },
    known: (name) => valuesOf(realAccounts(config).find((one) => one.name === name)),
    check: (network, grant) => checkGrant(home, network, grant),
    places: () => secretPlacesOf(home),
    missingZone: () => missingZone(home),
    freeName: (network) => freeName(namesIn(config, home), network),
    isTaken: (name) => namesIn(config, home).includes(name),
    save: ({ name, network, grant, handle, place, zone }) =>
      saveAccount(home, {
        name,
        network,
        ...withoutKnown(grant, valuesOf(realAccounts(config).find((one) => one.name === name))),
        place: place as SecretPlace,
        zone,
        grant: { at: clock.now(), handle, ...pickDefined(scopesOf(grant)) },
      }),
    grants: () => readGrants(config, home),
  };
}

const scopesOf = ({ scopes, expiresAt }: Grant) => ({ scopes, expiresAt });

/** The sandbox's own accounts are nobody's. */
const realAccounts = ({ isSandbox, accounts }: Running): Account[] => (isSandbox ? [] : accounts);

const isLoopback = (url: string) =>
  /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);

/** Where an account is already, it may be connected again; the sandbox is on loopback. */
function leaveOf(config: Running) {
  const origins = new Set(realAccounts(config).map(({ baseUrl }) => new URL(baseUrl).origin));
  const isOnLoopback = config.isSandbox || [...origins].some(isLoopback);
  return (origin: string) => ({
    allowLoopback: isOnLoopback,
    allowPrivate: origins.has(origin) && !isLoopback(origin),
  });
}

/** By key of the configuration; the server of an account stands under more than one. */
function valuesOf(account: Account | undefined): Record<string, string> {
  if (!account) return {};
  const { network, baseUrl } = account;
  const { fields, optionalFields = [], sandbox } = traitsOf(network).setup;
  const all = new Map(Object.entries({ ...account, [sandbox.server]: baseUrl }));
  const known = [...fields, ...optionalFields].map(({ key }): [string, unknown] => [
    key,
    all.get(key),
  ]);
  return Object.fromEntries(
    known.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** What is known already stays as it is written. */
function withoutKnown({ entry, secrets }: Grant, known: Record<string, string>) {
  const changed = Object.entries(entry).filter(([key, value]) => known[key] !== value);
  return { entry: Object.fromEntries(changed), secrets };
}

const connecting = 'connecting';

/** As the service would, with an empty data folder: a stored session hides a wrong password. */
async function checkGrant(
  { folder, openEnvironment: open }: Home,
  network: Network,
  { entry, secrets }: Grant,
): Promise<CheckedLogin> {
  const data = mkdtempSync(join(tmpdir(), 'dripline-connect-'));
  try {
    const values = { ...entry, ...secrets };
    const account = { network, isWhole: true, values, replaces: {} };
    const accounts = { [connecting]: account };
    const connected = {
      version: 1 as const,
      timezone: 'UTC',
      accounts,
      grants: {},
      label: network,
    };
    const config = readConfig('', network, { folder, environment: open(), connected });
    const [check] = await checkLogins({ ...config, folders: { ...config.folders, data } });
    return check ?? { ok: false };
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

function missingZone({ folder, openEnvironment: open }: Home): string | undefined {
  const isZoned = /^timezone:[ \t]*\S/m.test(readIfThere(folder) ?? '');
  return isZoned || readConnected(folder, open()).timezone !== undefined ? undefined : here();
}

/** Of the service that runs, and of the next one. */
function namesIn(config: Running, home: Home): string[] {
  const running = realAccounts(config).map(({ name }) => name);
  return [...new Set([...running, ...nextAccounts(home).map(({ name }) => name)])];
}

function nextAccounts({ folder, openEnvironment: open }: Home): Account[] {
  try {
    return realAccounts(loadConfig(folder, open()));
  } catch {
    return [];
  }
}

function freeName(taken: readonly string[], network: Network): string {
  const usual = traitsOf(network).setup.account;
  for (let i = 1; ; i += 1) {
    const name = i === 1 ? usual : `${usual}-${i}`;
    if (!taken.includes(name)) return name;
  }
}

function readGrants(config: Running, home: Home): Record<string, KnownGrant> {
  const { grants } = readQuietly(home);
  if (!Object.keys(grants).length) return {};
  const next = nextAccounts(home);
  return Object.fromEntries(
    Object.entries(grants).flatMap(([name, { proof, ...grant }]): [string, KnownGrant][] => {
      const find = (all: Account[]) =>
        all.find((one) => one.name === name && proofOf(one.network, one) === proof);
      const running = find(realAccounts(config));
      const account = running ?? find(next);
      const { network } = account ?? {};
      return account ? [[name, { ...grant, network, isInUse: running !== undefined }]] : [];
    }),
  );
}

function readQuietly({ folder, openEnvironment: open }: Home) {
  try {
    return readConnected(folder, open());
  } catch {
    return { grants: {} };
  }
}
