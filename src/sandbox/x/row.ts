import type { Instant } from '../../core/time.ts';
import { findXLinks } from '../world/link-rules.ts';
import type { NetworkRow, PersonBase } from '../world/network-row.ts';

export interface XPerson extends PersonBase {
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

export const xPerson: XPerson = {
  network: 'x',
  handle: 'dripline',
  name: 'Dripline',
  followers: 2400,
  appKey: 'sandbox-app-key',
  appSecret: 'sandbox-app-secret',
  accessToken: 'sandbox-access-token',
  accessSecret: 'sandbox-access-secret',
};

/** When X began to count, in milliseconds since 1970. */
const epoch = 1288834974657;

/** In the year 2078: what is left of 63 bits then has to last, as the sandbox's days are short. */
const denseFrom = 2 ** 41 - 2 ** 36;

/** As X makes its ids; then with fewer bits for a millisecond, for another 2,200 years. */
function snowflakeAt(instant: Instant, mark: number): bigint {
  const since = instant - epoch;
  if (since < denseFrom) return (BigInt(since) << 22n) | BigInt(mark & 0x3fffff);
  const base = BigInt(denseFrom) << 22n;
  return base + ((BigInt(since - denseFrom) << 12n) | BigInt(mark & 0xfff));
}

export const xRow: NetworkRow = {
  idOf: (digest) => String(10n ** 15n + (digest.readBigUInt64BE() % 10n ** 15n)),
  handleOf: (name) => name,
  postId: (_author, own) => own,
  ids: {
    at: snowflakeAt,
    write: String,
    read: BigInt,
  },
  // Near to what was measured there.
  decay: { slow: 0.5, half: 0.4, tail: 4 },
  echoes: { reposts: 0.18, replies: 0.14, quotes: 0.03 },
  findLinks: findXLinks,
  shown: [
    ['replies', 'replies'],
    ['reposts', 'reposts'],
    ['likes', 'likes'],
    ['quotes', 'quotes'],
    ['views', 'views'],
  ],
  paths: { person: (handle) => `/${handle}`, post: (handle, own) => `/${handle}/status/${own}` },
  crawlers: [
    { method: 'GET', agent: 'Twitterbot/1.0' },
    {
      method: 'HEAD',
      agent:
        'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 ' +
        '(KHTML, like Gecko) Mobile/15E148',
    },
    {
      method: 'HEAD',
      agent:
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) ' +
        'Chrome/120.0.0.0 Safari/537.36',
    },
    { method: 'HEAD' },
  ],
  mark: 'light-dark(#17202a, #d7dde2)',
};
