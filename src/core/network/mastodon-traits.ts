import { createHash } from 'node:crypto';
import { minute } from '../time.ts';
import type { Identity } from './network.ts';
import {
  decodePath,
  hostOf,
  isSameName,
  notAnAddress,
  notAPost,
  otherAccount,
  otherSite,
  parseWebAddress,
  type PostAddress,
  type ReadAddress,
} from './post-address.ts';
import { type Setup, toServer, whyNoServer } from './setup.ts';
import { serverMentions } from '../text/mention-rules.ts';
import type { Traits } from './traits.ts';

const setup: Setup = {
  account: 'masto',
  help: [
    'On your instance: Preferences → Development → New application, with read:accounts, ' +
      'read:statuses, read:notifications, write:statuses and write:media.',
    'Save it, open it, and take "Your access token".',
  ],
  fields: [
    {
      key: 'url',
      variable: 'MASTODON_URL',
      question: 'Address of the instance, such as https://mastodon.social',
      isSecret: false,
      tidy: toServer,
      whyNot: whyNoServer,
    },
    { key: 'token', variable: 'MASTODON_TOKEN', question: 'Access token', isSecret: true },
  ],
  sandbox: { server: 'url', login: { token: 'sandbox-token' } },
};

/** Pages of Mastodon for people, its ActivityPub names, and pages of GoToSocial and Pleroma. */
const posts = [
  /^\/(?:web\/|deck\/)?@(?<user>[^/]+)\/(?<id>\d+)(?:\/|$)/,
  /^\/@(?<user>[^/]+)\/statuses\/(?<id>\w+)(?:\/|$)/,
  /^\/users\/(?<user>[^/]+)\/statuses\/(?<id>\w+)(?:\/|$)/,
  /^\/(?:web|deck)\/statuses\/(?<id>\w+)(?:\/|$)/,
  /^\/notice\/(?<id>\w+)(?:\/|$)/,
];

const readAddress: ReadAddress = (address, { identity, baseUrl }) => {
  const url = parseWebAddress(address);
  if (!url) return notAnAddress(address);
  const hosts = [hostOf(identity?.url), hostOf(baseUrl)].filter(Boolean);
  if (!hosts.includes(url.host)) return otherSite(url.host, `the account's server ${hosts[0]}`);
  const path = decodePath(url.pathname);
  const found = findSnacPost(url.origin, path) ?? findPost(url.origin, path, nameOf(identity));
  if (!found) return notAPost(url, `https://${url.host}/@${nameOf(identity) ?? 'name'}/123`);
  const { user, ...post } = found;
  if (user === undefined || !identity || isOwn(user, identity, hosts)) return post;
  return otherAccount(`@${user}`, `@${identity.handle}`);
};

interface Found extends PostAddress {
  user?: string | undefined;
}

function findPost(origin: string, path: string, me: string | undefined): Found | undefined {
  const found = posts.map((one) => one.exec(path)).find((match) => match !== null);
  const { id, user } = found?.groups ?? {};
  if (!found || id === undefined) return undefined;
  const name = user?.split('@')[0] ?? me;
  if (name === undefined || path.startsWith('/notice/'))
    return { id, user, url: origin + found[0].replace(/\/$/, '') };
  return { id, user, url: `${origin}/@${name}/${/^\d+$/.test(id) ? id : `statuses/${id}`}` };
}

/** snac's own id of a post, in its API: when it was made, and the hash of its address. */
function findSnacPost(origin: string, path: string): Found | undefined {
  const [page, user, second] = /^.*\/([^/]+)\/p\/(\d{10})\.\d+(?=\/|$)/.exec(path) ?? [];
  if (page === undefined || second === undefined) return undefined;
  const hash = createHash('md5')
    .update(origin + page)
    .digest('hex');
  return { id: second + hash, url: origin + page, user };
}

const nameOf = (identity: Identity | undefined) => identity?.handle.split('@')[0];

/** A server may show its own people with their host as well. */
function isOwn(user: string, identity: Identity, hosts: string[]): boolean {
  const [name = '', host] = user.split('@');
  return isSameName(name, nameOf(identity) ?? '') && (host === undefined || hosts.includes(host));
}

export const mastodonTraits: Traits = {
  aliases: ['masto', 'mstdn'],
  limits: {
    network: 'mastodon',
    text: {
      max: 500,
      unit: 'grapheme',
      urlLength: 23,
      shortensMentions: true,
      countsWarning: true,
    },
    media: {
      maxCount: 4,
      mimeTypes: ['image/jpeg', 'image/png', 'image/webp'],
      maxBytes: 16 * 1024 * 1024,
      maxPixels: 33_177_600,
      maxAlt: 1500,
      video: {
        mimeTypes: ['video/mp4', 'video/quicktime', 'video/webm'],
        maxBytes: 99 * 1024 * 1024,
        maxRate: 120,
        maxPixels: 8_294_400,
      },
      gif: { maxBytes: 16 * 1024 * 1024, maxPixels: 1280 * 720 },
    },
  },
  cardBy: 'network',
  cardLeadsPast: true,
  hasWarningField: true,
  hasVisibility: true,
  refusesRepeats: false,
  hasRecordHash: false,
  tellsViews: false,
  answersByName: true,
  // Assumed to be the slowest: its timelines have no ranking.
  ageCurve: { slow: 0.15, halfFor: 1.5, tailFor: 8 },
  echoes: { reposts: 0.4, replies: 0.18, quotes: 0.01 },
  backOffFor: 5 * minute,
  mentions: serverMentions,
  readAddress,
  setup,
  look: {
    glyph: {
      path:
        'M6.5 4h11A2.5 2.5 0 0 1 20 6.5v7a3.5 3.5 0 0 1-3.5 3.5H13l-4 3v-3H7.5A3.5 3.5 0 0 1 4 ' +
        '13.5v-7A2.5 2.5 0 0 1 6.5 4zM8 13V9.4a2 2 0 0 1 4 0V12m0-2.6a2 2 0 0 1 4 0V13',
    },
    link: 'light-dark(#4a3ec2, #b0a6ff)',
    paper: 'light-dark(#fff, #16151f)',
    faceRadius: '9px',
  },
};
