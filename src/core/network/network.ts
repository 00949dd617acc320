/** The networks that Dripline speaks to, in the order in which people see them. */
export const networks = ['x', 'bluesky', 'mastodon'] as const;
export type Network = (typeof networks)[number];

export const networkNames: Record<Network, string> = {
  x: 'X',
  bluesky: 'Bluesky',
  mastodon: 'Mastodon',
};

/** Who the network says that an account is: a DID, an X user id, a Mastodon actor. */
export interface Identity {
  id: string;
  handle: string;
  /** The profile's page. */
  url: string;
}
