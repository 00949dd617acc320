/** The networks that Dripline publishes to, in the order in which people see them. */
export const networks = ['x', 'bluesky', 'mastodon'] as const;
export type Network = (typeof networks)[number];

export const networkNames: Record<Network, string> = {
  x: 'X',
  bluesky: 'Bluesky',
  mastodon: 'Mastodon',
};

export const isNetwork = (value: unknown): value is Network =>
  (networks as readonly unknown[]).includes(value);

/** A table with a row for each network. */
export const byNetwork = <T>(rowOf: (network: Network) => T): Record<Network, T> =>
  Object.fromEntries(networks.map((network) => [network, rowOf(network)])) as Record<Network, T>;

/** Who the network says that an account is: a DID, an X user id, a Mastodon actor. */
export interface Identity {
  id: string;
  handle: string;
  /** The profile's page. */
  url: string;
}
