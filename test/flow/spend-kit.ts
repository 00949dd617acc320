import type { Account, XAccount } from '../../src/core/network/account.ts';
import type { Settings } from '../../src/core/settings.ts';
import { openCostLedger, readSpend } from '../../src/flow/spend/spend.ts';
import { openPublisher } from '../../src/networks/open-publisher.ts';
import type { Publisher } from '../../src/ports/publisher.ts';
import type { Store } from '../../src/ports/store.ts';
import {
  defaultPeople,
  type Sandbox,
  type SandboxOptions,
} from '../../src/sandbox/open-sandbox.ts';
import { newFolder } from '../networks/kit.ts';
import { createClock, type MovableClock, openTestSandbox } from '../sandbox/clients.ts';
import { makePlace } from '../store/kit.ts';

/**
 * The sandbox's X with a publisher, and a store that keeps what it costs; all on one clock that is
 * moved by hand.
 */
export interface BilledWorld extends AsyncDisposable {
  clock: MovableClock;
  sandbox: Sandbox;
  store: Store;
  settings: Settings;
  publisher: Publisher;
  /** Posts as if by another app: nothing of it is written down. */
  outsider: Publisher;
  spent(): Promise<number>;
}

export const openAccount = (baseUrl: string, more: Partial<XAccount> = {}): XAccount => {
  const { appKey, appSecret, accessToken, accessSecret } = defaultPeople[0];
  return {
    name: 'x',
    network: 'x',
    baseUrl,
    appKey,
    appSecret,
    accessToken,
    accessSecret,
    maxLength: 280,
    ...more,
  };
};

export const settingsOf = (accounts: Account[]): Settings => ({
  isSandbox: false,
  zone: 'UTC',
  pacing: { mode: 'steady', audience: 'mostly-here', evergreen: 'in-turn' },
  accounts,
  cadences: {},
  queues: {},
  campaigns: {},
  mentions: {},
});

export async function openBilledWorld(
  startAt: string,
  more: Partial<XAccount> = {},
  options: Partial<SandboxOptions> = {},
): Promise<BilledWorld> {
  await using opened = new AsyncDisposableStack();
  const clock = createClock(Date.parse(startAt));
  const place = opened.use(await makePlace());
  const sandbox = opened.use(await openTestSandbox({ clock, limitScale: 1000, ...options }));
  const store = opened.use(await place.open());
  const account = openAccount(sandbox.baseUrls.x, more);
  const settings = settingsOf([account]);
  const ledger = openCostLedger({ store, clock, settings });
  const publisher = await openPublisher(account, { clock, dataFolder: newFolder(), ledger });
  const outsider = await openPublisher(account, { clock, dataFolder: newFolder() });
  const all = opened.move();
  const spent = async () => (await readSpend(store, 'x', clock.now())).microUsd;
  return {
    clock,
    sandbox,
    store,
    settings,
    publisher,
    outsider,
    spent,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
