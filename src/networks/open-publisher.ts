import type { Account } from '../core/network/account.ts';
import type { Publisher } from '../ports/publisher.ts';
import { guardedGet } from '../io/guarded-get.ts';
import type { Deps, PublisherOptions } from './publisher-deps.ts';

/**
 * Loads the library of this account's network, and no other, so that nothing waits for it later;
 * opens no connection yet.
 */
export async function openPublisher(
  account: Account,
  options: PublisherOptions,
): Promise<Publisher> {
  const deps: Deps = { guardedGet, timeoutFor: 30_000, ...options };
  switch (account.network) {
    case 'x':
      return (await import('./x/publisher.ts')).openXPublisher(account, deps);
    case 'bluesky':
      await import('@atproto/api');
      return (await import('./bluesky/publisher.ts')).openBlueskyPublisher(account, deps);
    case 'mastodon':
      return (await import('./mastodon/publisher.ts')).openMastodonPublisher(account, deps);
  }
}
