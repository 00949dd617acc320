import type { Limits } from '../core/network/limits.ts';
import type { Identity } from '../core/network/network.ts';
import { noPause, type PauseState } from '../core/pause.ts';
import type { Instant } from '../core/time.ts';
import { type Store, StoreError } from '../ports/store.ts';

/** What is known of an account besides its deliveries. */
export interface AccountFact {
  identity?: Identity;
  /** As the network told them; for previews. */
  limits?: Limits;
  /** Nothing goes out until a person or the network changes that. */
  heldBecause?: string;
  /** The identity that the network told and that differs from the recorded one. */
  stranger?: Identity;
  /** The network cannot be reached, or asked us to wait. */
  backoffUntil?: Instant;
  failures: number;
  lastError?: string;
}

export const keys = {
  pause: 'pause',
  nudge: 'nudge',
  mute: 'mute',
  /** How far a channel of notices has come. */
  notices: (channel: string) => `notices:${channel}`,
  problems: 'problems',
  accounts: 'accounts',
  account: (name: string) => `account:${name}`,
  /** How the echo of posts comes in, as learned from one's own. */
  ages: 'ages',
  byHand: (name: string) => `by-hand:${name}`,
  pace: (name: string) => `pace:${name}`,
  people: (name: string) => `people:${name}`,
  feed: (url: string) => `feed:${url}`,
  service: (worker: string) => `service:${worker}`,
} as const;

/**
 * Reads, changes and writes a fact until nobody came between. Returning undefined leaves it alone.
 */
export async function changeFact<T>(
  store: Store,
  key: string,
  empty: T,
  change: (value: T) => T | undefined,
): Promise<T> {
  for (let tries = 0; tries < 20; tries++) {
    const fact = await store.findFact<T>(key);
    const before = fact?.value ?? empty;
    const after = change(before);
    if (after === undefined) return before;
    if (await store.putFact(key, after, fact?.revision ?? 0)) return after;
  }
  throw new StoreError('unavailable', `somebody else keeps changing "${key}": try again`);
}

export const readPause = async (store: Store): Promise<PauseState> =>
  (await store.findFact<PauseState>(keys.pause))?.value ?? noPause;

export const readAccount = async (store: Store, name: string): Promise<AccountFact> =>
  (await store.findFact<AccountFact>(keys.account(name)))?.value ?? { failures: 0 };

export const changeAccount = (
  store: Store,
  name: string,
  change: (fact: AccountFact) => AccountFact | undefined,
) => changeFact<AccountFact>(store, keys.account(name), { failures: 0 }, change);

/** Tells running services that something was changed that they should look at. */
export const nudge = (store: Store) =>
  changeFact<number>(store, keys.nudge, 0, (count) => count + 1);
