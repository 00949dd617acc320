import { createHash } from 'node:crypto';

interface Common {
  handle: string;
  name?: string;
  followers?: number;
}

export interface XPerson extends Common {
  network: 'x';
  appKey: string;
  appSecret: string;
  accessToken: string;
  accessSecret: string;
  /**
   * The app is this account's own, so that X bills its own posts at the price for owners. Default
   * true.
   */
  ownsApp?: boolean;
}

export interface BlueskyPerson extends Common {
  network: 'bluesky';
  /** An app password. */
  password: string;
}

export interface MastodonPerson extends Common {
  network: 'mastodon';
  token: string;
}

/** Somebody who may publish in the sandbox, with the credentials that the network will ask for. */
export type SandboxAccount = XPerson | BlueskyPerson | MastodonPerson;

/**
 * One account on each network, for whoever starts without a configuration. Good on loopback alone,
 * so no secret.
 */
export const defaultPeople: [XPerson, BlueskyPerson, MastodonPerson] = [
  {
    network: 'x',
    handle: 'dripline',
    name: 'Dripline',
    followers: 2400,
    appKey: 'sandbox-app-key',
    appSecret: 'sandbox-app-secret',
    accessToken: 'sandbox-access-token',
    accessSecret: 'sandbox-access-secret',
  },
  {
    network: 'bluesky',
    handle: 'dripline.test',
    name: 'Dripline',
    followers: 900,
    password: 'sand-boxx-pass-word',
  },
  {
    network: 'mastodon',
    handle: 'dripline',
    name: 'Dripline',
    followers: 600,
    token: 'sandbox-token',
  },
];

/** Who the network says that a person is; the same on every start. */
export function personId(person: Pick<SandboxAccount, 'network' | 'handle'>): string {
  const digest = createHash('sha256')
    .update(`${person.network}:${person.handle.toLowerCase()}`)
    .digest();
  switch (person.network) {
    case 'x':
      return String(10n ** 15n + (digest.readBigUInt64BE() % 10n ** 15n));
    case 'mastodon':
      return String(10n ** 17n + (digest.readBigUInt64BE() % 10n ** 17n));
    case 'bluesky':
      return `did:plc:${base32(digest).slice(0, 24)}`;
  }
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** RFC 4648 in lower case and without padding, as CIDs and DIDs have it. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let value = 0;
  let bits = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(value >> bits) & 31];
    }
  }
  return bits > 0 ? text + alphabet[(value << (5 - bits)) & 31] : text;
}
