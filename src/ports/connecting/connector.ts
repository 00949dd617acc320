import type { Network } from '../../core/network/network.ts';
import type { Field } from '../../core/network/setup.ts';
import type { Instant } from '../../core/time.ts';

/** One way to connect an account: what is asked for, in words for people. */
export interface Way {
  key: string;
  title: string;
  help: string[];
  /** Where to get what is asked for. */
  link?: { url: string; label: string };
  fields: WayField[];
  /** It leads over the network's own consent page. */
  asksNetwork: boolean;
}

export interface WayField extends Omit<Field, 'variable'> {
  isOptional?: boolean;
}

/** What the network granted. */
export interface Grant {
  /** As in the configuration, without the credentials. */
  entry: Record<string, string | boolean>;
  /** By key of the configuration. */
  secrets: Record<string, string>;
  /** In the network's own words; empty where it has none. */
  scopes: string[];
  /** Why it is not enough to publish, or what to know of it. */
  notes: string[];
  expiresAt?: Instant;
  /** Gives it back, where the network takes it: nobody wants it. */
  revoke?(signal: AbortSignal): Promise<void>;
}

/** The network asks the person first, on a page of its own. */
export interface Consent {
  url: string;
  /** How the answer comes: by the browser to our callback, or as a code that the person types. */
  answer: 'callback' | 'code';
  /** What the code is called there. */
  codeName: string;
  finish(answer: string, signal: AbortSignal): Promise<Grant>;
}

export type Begun = { grant: Grant } | { consent: Consent };

/** An app that a server knows us as. */
export interface KnownApp {
  clientId: string;
  clientSecret: string;
  redirects: string[];
  scopes: string;
  at: Instant;
}

/** Registrations, which servers count: kept for each server. */
export interface KnownApps {
  read(server: string): KnownApp | undefined;
  write(server: string, app: KnownApp | undefined): void;
}

export interface BeginOptions {
  signal: AbortSignal;
  /** Comes back with the answer. */
  state: string;
  /** Where the browser finds us; absent: the person types the code. */
  callback?: string | undefined;
}

/**
 * How accounts of one network are connected. Throws a Refusal for whatever a person can answer:
 * a wrong value, a server that cannot be reached, a consent that was not given.
 */
export interface Connector {
  readonly network: Network;
  /** The first is the usual one. */
  ways: Way[];
  /** `values` by the keys of the way's fields, tidied. */
  begin(way: string, values: Record<string, string>, options: BeginOptions): Promise<Begun>;
}
