import { findLinks } from '../world/link-rules.ts';
import type { NetworkRow, PersonBase } from '../world/network-row.ts';

export interface MastodonPerson extends PersonBase {
  network: 'mastodon';
  token: string;
  /** A person, and no program that says so of itself. */
  isHuman?: true;
}

export const mastodonPerson: MastodonPerson = {
  network: 'mastodon',
  handle: 'dripline',
  name: 'Dripline',
  followers: 600,
  token: 'sandbox-token',
};

export const mastodonRow: NetworkRow = {
  idOf: (digest) => String(10n ** 17n + (digest.readBigUInt64BE() % 10n ** 17n)),
  handleOf: (name) => name,
  postId: (_author, own) => own,
  ids: {
    at: (instant, mark) => (BigInt(instant) << 16n) | BigInt(mark & 0xffff),
    write: String,
    read: BigInt,
  },
  decay: { slow: 0.15, half: 1.5, tail: 8 },
  echoes: { reposts: 0.4, replies: 0.18, quotes: 0.01 },
  findLinks,
  shown: [
    ['replies', 'replies'],
    ['reposts', 'boosts'],
    ['likes', 'favourites'],
    ['quotes', 'quotes'],
  ],
  paths: { person: (handle) => `/@${handle}`, post: (handle, own) => `/@${handle}/${own}` },
  crawlers: [
    {
      method: 'GET',
      agent: 'Mastodon/4.7.0 (http.rb/5.3.1; +https://mastodon.example/) Bot',
    },
  ],
  mark: 'light-dark(#563acc, #a999ff)',
};
