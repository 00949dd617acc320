import type { Config } from '../config/config.ts';
import type { Account } from '../core/network/account.ts';
import { pickDefined } from '../core/pick-defined.ts';
import { defaultCadence } from '../core/schedule/cadence.ts';
import { accountNamesFact, changeFact, factKey, readFact } from '../flow/facts.ts';
import type { Store } from '../ports/store.ts';

/** What a service works with, as JSON: names may contain what a store does not take in a key. */
const inUse = factKey<string | undefined>('settings', undefined);

/**
 * For the commands that need the store alone: they go on by it when the file has a fault. Nothing
 * secret is in it.
 */
export async function recordSettings(store: Store, config: Config): Promise<void> {
  const { isSandbox, zone, pacing, cadences, queues, campaigns } = config;
  const accounts = config.accounts.map(({ name, network, baseUrl, maxLength, budget }) =>
    pickDefined({ name, network, baseUrl: new URL(baseUrl).origin, maxLength, budget }),
  );
  const feeds = config.feeds.map(({ url, queue }) => pickDefined({ url, queue }));
  const rest = { isSandbox, zone, pacing, cadences, queues, campaigns };
  const text = JSON.stringify({ ...rest, accounts, feeds });
  await changeFact(store, inUse, (before) => (before === text ? undefined : text));
}

/** Those of the last service; what its store tells of them if it was one that recorded none. */
export async function readSettings(store: Store, zone: string): Promise<Partial<Config>> {
  const text = await readFact(store, inUse);
  if (text !== undefined) return JSON.parse(text) as Partial<Config>;
  const names = (await readFact(store, accountNamesFact)) ?? [];
  const latest = await Promise.all(
    names.map(async (account) => store.listDeliveries({ account, limit: 1 })),
  );
  const accounts = latest.flat().map(({ account, network }) => ({ name: account, network }));
  return {
    accounts: accounts as Account[],
    cadences: Object.fromEntries(names.map((name) => [name, { ...defaultCadence, zone }])),
  };
}
