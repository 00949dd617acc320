import type { Network } from '../core/network/network.ts';
import { guardedCall } from '../io/guarded/guarded-call.ts';
import type { Connector } from '../ports/connecting/connector.ts';
import type { ConnectDeps } from './connect-deps.ts';

export type ConnectorOptions = Omit<ConnectDeps, 'call' | 'timeoutFor'> &
  Partial<Pick<ConnectDeps, 'timeoutFor'>>;

/** Loads what this network needs, and no other. */
export async function openConnector(
  network: Network,
  options: ConnectorOptions,
): Promise<Connector> {
  const deps: ConnectDeps = { call: guardedCall, timeoutFor: 15_000, ...options };
  switch (network) {
    case 'x':
      return (await import('./x/connect-x.ts')).openXConnector(deps);
    case 'bluesky':
      return (await import('./bluesky/connect-bluesky.ts')).openBlueskyConnector(deps);
    case 'mastodon':
      return (await import('./mastodon/connect-mastodon.ts')).openMastodonConnector(deps);
  }
}
