import type { Account } from '../core/account.ts';
import type { Clock } from '../ports/clock.ts';
import type { CostLedger } from '../ports/cost-ledger.ts';
import type { Publisher } from '../ports/publisher.ts';
import { guardedGet, type GuardedGet } from '../io/guarded-get.ts';

/** Makes the picture of a link card fit: at most so many bytes. Undefined: it is no still picture. */
export type Shrink = (bytes: Buffer, maxBytes: number) => Promise<{ data: Buffer; mime: string; width: number; height: number } | undefined>;

export interface PublisherOptions {
  clock: Clock;
  /** Sessions are kept in `sessions/` below it. */
  dataFolder: string;
  /** Reads the pages of link cards. */
  guardedGet?: GuardedGet;
  /** Without it link cards have no picture. */
  shrink?: Shrink;
  /** Where a network that bills its calls has them written down; without it they are not. */
  ledger?: CostLedger;
  /** For one request, in milliseconds. Default 30 s. */
  timeoutFor?: number;
}

export type Deps = Required<Omit<PublisherOptions, 'shrink' | 'ledger'>> & Pick<PublisherOptions, 'shrink' | 'ledger'>;

/** Loads the library of this account's network, and no other; opens no connection yet. */
export async function openPublisher(account: Account, options: PublisherOptions): Promise<Publisher> {
  const deps: Deps = { guardedGet, timeoutFor: 30_000, ...options };
  switch (account.network) {
    case 'x':
      return (await import('./x-publisher.ts')).openXPublisher(account, deps);
    case 'bluesky':
      return (await import('./bluesky-publisher.ts')).openBlueskyPublisher(account, deps);
    case 'mastodon':
      return (await import('./mastodon-publisher.ts')).openMastodonPublisher(account, deps);
  }
}
