import { minute, second } from '../time.ts';
import {
  hostOf,
  isSameName,
  notAnAddress,
  notAPost,
  otherAccount,
  otherSite,
  parseWebAddress,
  type ReadAddress,
} from './post-address.ts';
import { type Setup, toServer, whyNoServer } from './setup.ts';
import { shortMentions } from '../text/mention-rules.ts';
import type { Traits } from './traits.ts';
import { xBilling } from './x-prices.ts';

const setup: Setup = {
  account: 'x-main',
  help: [
    'developer.x.com → your app → "Keys and tokens". ' +
      'First set its permission to "Read and write".',
    'Take the API key and its secret. ' +
      'Then make an access token and its secret for your own account.',
  ],
  fields: [
    { key: 'appKey', variable: 'X_APP_KEY', question: 'API key', isSecret: true },
    { key: 'appSecret', variable: 'X_APP_SECRET', question: 'API key secret', isSecret: true },
    { key: 'accessToken', variable: 'X_ACCESS_TOKEN', question: 'Access token', isSecret: true },
    {
      key: 'accessSecret',
      variable: 'X_ACCESS_SECRET',
      question: 'Access token secret',
      isSecret: true,
    },
  ],
  // For proxies, and to try it out with `dripline sandbox`.
  optionalFields: [
    {
      key: 'baseUrl',
      variable: 'X_SERVER',
      question: 'Address of the API of X (empty for https://api.x.com)',
      isSecret: false,
      tidy: (text) => (text === '' ? '' : toServer(text)),
      whyNot: (text) => (text === '' ? undefined : whyNoServer(text)),
    },
  ],
  sandbox: {
    server: 'baseUrl',
    site: 'site',
    login: {
      appKey: 'sandbox-app-key',
      appSecret: 'sandbox-app-secret',
      accessToken: 'sandbox-access-token',
      accessSecret: 'sandbox-access-secret',
    },
  },
};

const ownSite = 'https://x.com';

export const toXProfile = (handle: string, site = ownSite): string =>
  `${site}/${encodeURIComponent(handle)}`;

export const toXUrl = (handle: string, id: string, site?: string): string =>
  `${toXProfile(handle, site)}/status/${id}`;

const sites = ['x.com', 'twitter.com'].flatMap((host) => [host, `www.${host}`, `mobile.${host}`]);
const post = /^\/(?:i\/web|(\w+))\/status(?:es)?\/(\d{1,19})(?:\/|$)/;

const readAddress: ReadAddress = (address, { identity, baseUrl, site }) => {
  const url = parseWebAddress(address);
  if (!url) return notAnAddress(address);
  if (![...sites, ...[baseUrl, site, identity?.url].map(hostOf)].includes(url.host))
    return otherSite(url.host, 'X');
  const [, user, id] = post.exec(url.pathname) ?? [];
  if (id === undefined) return notAPost(url, toXUrl(identity?.handle ?? 'name', '123', site));
  // The address that apps share names no account.
  const named = user === 'i' ? undefined : user;
  if (named !== undefined && identity && !isSameName(named, identity.handle))
    return otherAccount(`@${named}`, `@${identity.handle}`);
  return { id, url: toXUrl(identity?.handle ?? named ?? 'i', id, site) };
};

export const xTraits: Traits = {
  aliases: ['twitter', 'x.com', 'twitter.com'],
  limits: {
    network: 'x',
    text: { max: 280, unit: 'weighted', urlLength: 23 },
    media: {
      maxCount: 4,
      mimeTypes: ['image/jpeg', 'image/png', 'image/webp'],
      maxBytes: 5_000_000,
      maxSide: 4096,
      maxAlt: 1000,
      video: {
        mimeTypes: ['video/mp4', 'video/quicktime'],
        maxBytes: 512_000_000,
        minFor: 500,
        maxFor: 140 * second,
        maxRate: 60,
        maxLongSide: 1280,
        maxShortSide: 1024,
        minSide: 32,
        maxRatio: 3,
        isH264Only: true,
        maxCaptions: 1_000_000,
      },
      gif: { maxBytes: 15_000_000, maxFrames: 350, maxLongSide: 1280, maxShortSide: 1080 },
    },
  },
  cardBy: 'network',
  hasWarningField: false,
  hasVisibility: false,
  refusesRepeats: true,
  hasRecordHash: false,
  maxCashtags: 1,
  tellsViews: true,
  answersByName: true,
  answersOnce: true,
  billing: xBilling,
  // Near to what was measured there.
  ageCurve: { slow: 0.5, halfFor: 0.4, tailFor: 4 },
  echoes: { reposts: 0.18, replies: 0.14, quotes: 0.03 },
  backOffFor: 15 * minute,
  mentions: shortMentions,
  readAddress,
  setup,
  look: {
    glyph: { path: 'M5 5l14 14M19 5L5 19' },
    link: 'light-dark(#0c65b0, #6bb8f5)',
  },
};
