/**
 * An identity that we publish as, from the configuration. `baseUrl` is the address of its API,
 * without a slash at the end.
 */
export type Account = XAccount | BlueskyAccount | MastodonAccount;

interface Common {
  name: string;
  baseUrl: string;
  /** Longest text that the account may post, where that differs between accounts. */
  maxLength?: number;
  /**
   * What may be spent in a calendar month (UTC), in millionths of a USD. Absent: no limit.
   */
  budget?: number;
}

/** Where people look at its posts, as an origin; absent: the network's own site. */
interface Shown {
  site?: string;
}

export interface XAccount extends Common, Shown {
  network: 'x';
  appKey: string;
  appSecret: string;
  accessToken: string;
  accessSecret: string;
  /** Premium: up to 25,000. */
  maxLength: number;
  /**
   * The app belongs to this very account, so that X bills its own posts at the price for owners.
   * Default true.
   */
  ownReads?: boolean;
}

export interface BlueskyAccount extends Common, Shown {
  network: 'bluesky';
  handle: string;
  password: string;
  /**
   * A baseUrl was written in the configuration: the client stays on that host and does not follow
   * the DID document.
   */
  isPinned: boolean;
  /** The service that converts its videos; absent: Bluesky's own, where the account is there. */
  videoUrl?: string;
}

export interface MastodonAccount extends Common {
  network: 'mastodon';
  token: string;
}
