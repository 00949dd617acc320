import { findLinks } from '../world/link-rules.ts';
import type { NetworkRow, PersonBase } from '../world/network-row.ts';
import { base32, toTid } from './encodings.ts';

export interface BlueskyPerson extends PersonBase {
  network: 'bluesky';
  /** An app password. */
  password: string;
  /** Its e-mail address is not confirmed: it may publish no video. */
  isUnverified?: boolean;
  /** Its app password may write and read messages. */
  mayChat?: boolean;
  /** Whose messages it takes; absent: it has set nothing. */
  chatFrom?: 'all' | 'none' | 'following';
  /** Handles of those that it follows. */
  follows?: string[];
}

export const blueskyPerson: BlueskyPerson = {
  network: 'bluesky',
  handle: 'dripline.test',
  name: 'Dripline',
  followers: 900,
  password: 'sand-boxx-pass-word',
};

export const blueskyRow: NetworkRow = {
  idOf: (digest) => `did:plc:${base32(digest).slice(0, 24)}`,
  handleOf: (name) => `${name}.test`,
  postId: (author, own) => `at://${author}/app.bsky.feed.post/${own}`,
  ids: {
    at: (instant, mark) => (BigInt(instant) * 1000n + BigInt(mark % 1000)) << 10n,
    write: toTid,
  },
  decay: { slow: 0.25, half: 1, tail: 6 },
  echoes: { reposts: 0.24, replies: 0.16, quotes: 0.03 },
  findLinks,
  shown: [
    ['replies', 'replies'],
    ['reposts', 'reposts'],
    ['likes', 'likes'],
    ['quotes', 'quotes'],
  ],
  paths: {
    person: (handle) => `/profile/${handle}`,
    post: (handle, own) => `/profile/${handle}/post/${own}`,
  },
  // The card comes with the record: nobody asks the page.
  crawlers: [],
  mark: 'light-dark(#0a6fd6, #5fb0ff)',
};
