import type { Limits } from '../core/network/limits.ts';
import type { Identity } from '../core/network/network.ts';
import { noPause, type PauseState } from '../core/pause-state.ts';
import type { Problem } from '../core/problem.ts';
import type { Instant } from '../core/time.ts';
import { type Store, StoreError } from '../ports/store.ts';

/** The name of a small value in the store, with its type and what it is before it is written. */
export interface FactKey<T> {
  key: string;
  empty: T;
}

export function factKey<T>(key: string, empty: T): FactKey<T> {
  return { key, empty };
}

export async function readFact<T>(
  store: Pick<Store, 'findFact'>,
  { key, empty }: FactKey<T>,
): Promise<T> {
  return (await store.findFact<T>(key))?.value ?? empty;
}

/**
 * Reads, changes and writes a fact until no other writer came between. Returning undefined leaves
 * it alone.
 */
export async function changeFact<T>(
  store: Store,
  { key, empty }: FactKey<T>,
  change: (value: T) => T | undefined,
): Promise<T> {
  for (let tries = 0; tries < 20; tries++) {
    const fact = await store.findFact<T>(key);
    const before = fact?.value ?? empty;
    const after = change(before);
    if (after === undefined) return before;
    if (await store.putFact(key, after, fact?.revision ?? 0)) return after;
  }
  throw new StoreError('unavailable', `another process keeps changing "${key}". Try again`);
}

/** Problems of the folder by path, for whoever shows them. */
export type FolderProblems = Record<string, Problem[]>;

export const problemsFact = factKey<FolderProblems>('problems', {});

/** What is known of an account besides its deliveries. */
export interface AccountFact {
  identity?: Identity;
  /** As the network told them; for previews. */
  limits?: Limits;
  /** Nothing is published until a person or the network changes that. */
  heldBecause?: string;
  /** It is held since its network's clock disagrees with the others. */
  isClockWrong?: true;
  /** The identity that the network told and that differs from the recorded one. */
  stranger?: Identity;
  /** The network cannot be reached, or asked us to wait. */
  backoffUntil?: Instant;
  /** The network itself has asked for that wait. */
  isAskedToWait?: true;
  failures: number;
  /** Nothing could be published since then. */
  troubledSince?: Instant;
  /** Only a person can end that trouble. */
  needsPerson?: true;
  /** Someone was told of it. */
  isTroubleTold?: true;
  lastError?: string;
}

const accountPrefix = 'account:';
const accountFact = (name: string) =>
  factKey<AccountFact>(`${accountPrefix}${name}`, { failures: 0 });

export const readAccount = (store: Store, name: string): Promise<AccountFact> =>
  readFact(store, accountFact(name));

export const changeAccount = (
  store: Store,
  name: string,
  change: (fact: AccountFact) => AccountFact | undefined,
) => changeFact(store, accountFact(name), change);

export const accountKey = (name: string): string => accountFact(name).key;

/** The name of the account that a fact of this key is about. */
export const accountOfKey = (key: string): string | undefined =>
  key.startsWith(accountPrefix) ? key.slice(accountPrefix.length) : undefined;

export const pauseFact = factKey<PauseState>('pause', noPause);

export const readPause = (store: Store): Promise<PauseState> => readFact(store, pauseFact);

/** The accounts that the service met at its last start, sorted. */
export const accountNamesFact = factKey<string[] | undefined>('accounts', undefined);

const nudgeFact = factKey('nudge', 0);

export const countNudges = (store: Store): Promise<number> => readFact(store, nudgeFact);

/** Tells running services that something was changed that they should look at. */
export const nudge = (store: Store) => changeFact(store, nudgeFact, (count) => count + 1);
