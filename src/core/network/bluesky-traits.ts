import { minute } from '../time.ts';
import {
  type AddressOwner,
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
  type WrongAddress,
} from './post-address.ts';
import { type Setup, toServer, whyNoServer } from './setup.ts';
import { domainMentions } from '../text/mention-rules.ts';
import type { Traits } from './traits.ts';

/** Bluesky's pages copy a handle with marks that nobody sees, or as the address of its profile. */
const toHandle = (text: string): string =>
  text
    .slice(0, 500)
    .replaceAll(/\p{Cf}/gu, '')
    .trim()
    .replace(/^https?:\/\/bsky\.app\/profile\/([^/?#]*).*$/i, '$1')
    .replace(/^@/, '');

function whyNoHandle(text: string): string | undefined {
  const handle = toHandle(text);
  if (/^[^@\s]+@[^@\s]+$/.test(handle))
    return 'This is a mail address. Enter the handle, such as me.bsky.social';
  if (/^[\w-]+(\.[\w-]+)+$/.test(handle)) return undefined;
  return 'A handle has a dot in it, such as me.bsky.social';
}

const setup: Setup = {
  account: 'bsky',
  help: [
    'bsky.app → Settings → Privacy and security → App passwords → Add. ' +
      'It looks like abcd-efgh-ijkl-mnop.',
    'Never use the password of the account itself. An app password can be revoked alone.',
  ],
  fields: [
    {
      key: 'handle',
      variable: 'BLUESKY_HANDLE',
      question: 'Handle, such as me.bsky.social',
      isSecret: false,
      tidy: toHandle,
      whyNot: whyNoHandle,
    },
    {
      key: 'password',
      variable: 'BLUESKY_APP_PASSWORD',
      question: 'App password',
      isSecret: true,
    },
  ],
  // An account may live on a server of its own.
  optionalFields: [
    {
      key: 'baseUrl',
      variable: 'BLUESKY_SERVER',
      question: 'Server of the account (empty for https://bsky.social)',
      isSecret: false,
      tidy: (text) => (text === '' ? '' : toServer(text)),
      whyNot: (text) => (text === '' ? undefined : whyNoServer(text)),
    },
  ],
  sandbox: {
    server: 'baseUrl',
    site: 'site',
    login: { handle: 'dripline.test', password: 'sand-boxx-pass-word' },
  },
};

export const blueskyPosts = 'app.bsky.feed.post';

const ownSite = 'https://bsky.app';

export const toBlueskyProfile = (handle: string, site = ownSite): string =>
  `${site}/profile/${handle}`;

export const toBlueskyUrl = (handle: string, rkey: string, site?: string): string =>
  `${toBlueskyProfile(handle, site)}/post/${rkey}`;

const record = /^at:\/\/([^/]+)\/app\.bsky\.feed\.post\/([\w.:~-]+)$/;
const page = /^\/profile\/([^/]+)\/post\/([\w.:~-]+)(?:\/|$)/;

const readAddress: ReadAddress = (address, owner) => {
  const { identity, baseUrl, site } = owner;
  if (address.trim().startsWith('at://')) {
    const [, repo, rkey] = record.exec(address.trim()) ?? [];
    return repo && rkey ? ofAccount(repo, rkey, owner) : notARecord(address);
  }
  const url = parseWebAddress(address);
  if (!url) return notAnAddress(address);
  const hosts = [baseUrl, site, identity?.url].map(hostOf);
  if (!['bsky.app', 'www.bsky.app', ...hosts].includes(url.host))
    return otherSite(url.host, 'Bluesky');
  const [, actor, rkey] = page.exec(decodePath(url.pathname)) ?? [];
  if (!actor || !rkey)
    return notAPost(url, toBlueskyUrl(identity?.handle ?? 'name', '3kabc', site));
  return ofAccount(actor, rkey, owner);
};

/** Only the account's DID makes the id of a post; its handle may change. */
function ofAccount(
  actor: string,
  rkey: string,
  { identity, site }: AddressOwner,
): PostAddress | WrongAddress {
  if (!identity)
    return {
      code: 'not-logged-in',
      reason: 'Bluesky has not told yet who the account is: run `accounts` first',
    };
  if (![identity.id, identity.handle].some((name) => isSameName(name, actor.replace(/^@/, ''))))
    return otherAccount(actor, identity.handle);
  return {
    id: `at://${identity.id}/${blueskyPosts}/${rkey}`,
    url: toBlueskyUrl(identity.handle, rkey, site),
  };
}

const example = `at://did:plc:abc/${blueskyPosts}/3kabc`;

const notARecord = (address: string): WrongAddress => ({
  code: 'not-a-post',
  reason: `${address} is not the address of a post: it looks like ${example}`,
});

export const blueskyTraits: Traits = {
  aliases: ['bsky', 'bsky.app'],
  limits: {
    network: 'bluesky',
    text: { max: 300, unit: 'grapheme', maxBytes: 3000 },
    media: {
      maxCount: 4,
      mimeTypes: ['image/jpeg', 'image/png', 'image/webp'],
      maxBytes: 1_900_000,
      maxSide: 2000,
      video: {
        mimeTypes: ['video/mp4'],
        maxBytes: 300_000_000,
        maxFor: 10 * minute,
        isH264Only: true,
        maxCaptions: 20_000,
      },
    },
  },
  cardBy: 'us',
  hasWarningField: false,
  hasVisibility: false,
  refusesRepeats: false,
  hasRecordHash: true,
  tellsViews: false,
  // Assumed to be slower than X.
  ageCurve: { slow: 0.25, halfFor: 1, tailFor: 6 },
  echoes: { reposts: 0.24, replies: 0.16, quotes: 0.03 },
  backOffFor: 5 * minute,
  mentions: domainMentions,
  readAddress,
  setup,
  look: {
    glyph: {
      path:
        'M12 11C10.5 7.5 7 4.6 4.8 4.5 2.9 4.4 3.1 8 3.5 10.2c.5 2.6 2.4 3.1 4.9 2.8' +
        '-2.8.6-4 2.2-2.2 4.4 2.4 2.8 4.8.4 5.8-2.4 1 2.8 3.4 5.2 5.8 2.4 1.8-2.2.6-3.8-2.2-4.4 ' +
        '2.5.3 4.4-.2 4.9-2.8.4-2.2.6-5.8-1.3-5.7C17 4.6 13.5 7.5 12 11z',
      isFilled: true,
    },
    link: 'light-dark(#0a5fc4, #6aaeff)',
  },
};
