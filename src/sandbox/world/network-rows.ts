import { createHash } from 'node:crypto';
import type { Network } from '../../core/network/network.ts';
import { type BlueskyPerson, blueskyPerson, blueskyRow } from '../bluesky/row.ts';
import { type MastodonPerson, mastodonPerson, mastodonRow } from '../mastodon/row.ts';
import { type XPerson, xPerson, xRow } from '../x/row.ts';
import type { NetworkRow } from './network-row.ts';

const rows: Record<Network, NetworkRow> = { x: xRow, bluesky: blueskyRow, mastodon: mastodonRow };

export const rowOf = (network: Network): NetworkRow => rows[network];

/** A person who may publish in the sandbox, with the credentials that the network will ask for. */
export type SandboxAccount = XPerson | BlueskyPerson | MastodonPerson;

export type { BlueskyPerson, MastodonPerson, XPerson };

/** One account on each network. */
export const defaultPeople: [XPerson, BlueskyPerson, MastodonPerson] = [
  xPerson,
  blueskyPerson,
  mastodonPerson,
];

/** Who the network says that a person is; the same on every start. */
export function personId({ network, handle }: Pick<SandboxAccount, 'network' | 'handle'>): string {
  const digest = createHash('sha256').update(`${network}:${handle.toLowerCase()}`).digest();
  return rowOf(network).idOf(digest);
}
