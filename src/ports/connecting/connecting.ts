import type { Network } from '../../core/network/network.ts';
import type { Problem } from '../../core/problem.ts';
import type { Instant } from '../../core/time.ts';
import type { Connector, Grant } from './connector.ts';

/** What the network says of a login that was just granted. */
export interface CheckedLogin {
  ok: boolean;
  handle?: string;
  id?: string;
  url?: string;
  /** Why it cannot be used, in a sentence. */
  error?: string;
}

/** An account as it will be saved. */
export interface AccountToSave {
  name: string;
  network: Network;
  grant: Grant;
  handle: string;
  /** Of `places`. */
  place: string;
  /** For a configuration that has none. */
  zone?: string | undefined;
}

export interface SavedAccount {
  files: string[];
  /** What keeps the next start from using it; empty: nothing. */
  faults: readonly Problem[];
}

/** How an account was connected. */
export interface KnownGrant {
  at: Instant;
  handle: string;
  scopes: string[];
  expiresAt?: Instant | undefined;
  network?: Network | undefined;
  /** The service that runs works with it; otherwise the next one will. */
  isInUse: boolean;
}

/** Connects accounts, for surfaces. What it does takes effect at the next start. */
export interface Connecting {
  connector(network: Network): Promise<Connector>;
  /** What the configuration says of an account, by key; secrets too. Empty: there is none. */
  known(name: string): Record<string, string>;
  check(network: Network, grant: Grant): Promise<CheckedLogin>;
  /** Where credentials may be kept; the first is the usual one. */
  places(): { value: string; label: string }[];
  /** The configuration has no time zone yet: the usual one of this machine. */
  missingZone(): string | undefined;
  freeName(network: Network): string;
  isTaken(name: string): boolean;
  save(account: AccountToSave): SavedAccount;
  /** By account: those whose credentials are still the ones that were granted. */
  grants(): Record<string, KnownGrant>;
}
