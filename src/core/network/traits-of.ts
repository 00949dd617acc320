import type { Account } from './account.ts';
import { blueskyTraits } from './bluesky-traits.ts';
import type { Limits } from './limits.ts';
import { mastodonTraits } from './mastodon-traits.ts';
import { isNetwork, networks, type Network } from './network.ts';
import type { Traits } from './traits.ts';
import { xTraits } from './x-traits.ts';

const rows: Record<Network, Traits> = {
  x: xTraits,
  bluesky: blueskyTraits,
  mastodon: mastodonTraits,
};

export const traitsOf = (network: Network): Traits => rows[network];

/** The account's own limits, until its network has been asked. */
export function limitsFor({ network, maxLength }: Pick<Account, 'network' | 'maxLength'>): Limits {
  const { limits } = traitsOf(network);
  return { ...limits, text: { ...limits.text, max: maxLength ?? limits.text.max } };
}

/** By the name of a network or one of its other names. */
export const findNetwork = (name: string): Network | undefined =>
  isNetwork(name) ? name : networks.find((network) => traitsOf(network).aliases.includes(name));
