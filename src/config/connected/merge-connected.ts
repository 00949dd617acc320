import { pickDefined } from '../../core/pick-defined.ts';
import { type Connected, type ConnectedAccount, digestOf } from './connected-file.ts';

type Origins = Map<string, string>;
type Value = ConnectedAccount['values'][string];

/**
 * The value that was connected for this place of the configuration. What the configuration says
 * there counts only if it has been changed since: the newer word wins. `configured` is undefined
 * where it names a variable that is not set.
 */
export function findConnected(
  connected: Connected | undefined,
  path: readonly PropertyKey[],
  configured: () => string | undefined,
): Value | undefined {
  const [top, name, key, ...deeper] = path.map(String);
  if (top !== 'accounts' || name === undefined || key === undefined || deeper.length)
    return undefined;
  const account = ownOf(connected?.accounts, name);
  const value = ownOf(account?.values, key);
  if (account === undefined || value === undefined) return undefined;
  const now = configured();
  return now === undefined || digestOf(now) === ownOf(account.replaces, key) ? value : undefined;
}

/** Accounts and keys of which the configuration says nothing. */
export function addConnected(
  filled: unknown,
  { connected, origins }: { connected: Connected | undefined; origins: Origins },
): unknown {
  if (!connected || !isMap(filled)) return filled;
  const written = filled['accounts'] ?? {};
  if (!isMap(written)) return filled;
  const accounts = { ...written };
  for (const [name, account] of Object.entries(connected.accounts)) {
    const before = ownOf(written, name);
    const isOther = isMap(before) && before['network'] !== account.network;
    if (isOther || (before === undefined ? !account.isWhole : !isMap(before))) continue;
    const own = isMap(before) ? before : {};
    for (const key of Object.keys({ network: '', ...account.values }))
      if (!Object.hasOwn(own, key)) origins.set(`accounts.${name}.${key}`, connected.label);
    accounts[name] = { network: account.network, ...account.values, ...own };
  }
  if (!Object.keys(accounts).length) return filled;
  return { ...pickDefined({ timezone: connected.timezone }), ...filled, accounts };
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const ownOf = <T>(map: Record<string, T> | undefined, key: string): T | undefined =>
  map && Object.hasOwn(map, key) ? map[key] : undefined;
