import type { Network } from '../../core/network/network.ts';

/** One thing that an account needs. */
export interface Field {
  /** In the configuration. */
  key: string;
  /** Of the environment, for the first account of its network. */
  variable: string;
  question: string;
  isSecret: boolean;
  /** As people paste it, to how it is written. */
  tidy?(answer: string): string;
  whyNot?(answer: string): string | undefined;
}

export interface Guide {
  /** What the first account is called. */
  account: string;
  /** Where to get the credentials, in two lines. */
  help: [string, string];
  fields: Field[];
}

const isAddress = (text: string) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
const toAddress = (text: string) =>
  (/^https?:\/\//i.test(text) ? text : `https://${text}`).replace(/\/+$/, '');
const whyNoAddress = (text: string) =>
  isAddress(toAddress(text)) && /^\S+$/.test(text)
    ? undefined
    : 'That is no address: it looks like https://mastodon.social';

export const guides: Record<Network, Guide> = {
  x: {
    account: 'x-main',
    help: [
      'developer.x.com → your app → "Keys and tokens". First set its permission to "Read and write".',
      'Take the API key and its secret, then make an access token and its secret for your own account.',
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
  },
  bluesky: {
    account: 'bsky',
    help: [
      'bsky.app → Settings → Privacy and security → App passwords → Add. It looks like abcd-efgh-ijkl-mnop.',
      'Never take the password of the account itself: an app password can be taken back alone.',
    ],
    fields: [
      {
        key: 'handle',
        variable: 'BLUESKY_HANDLE',
        question: 'Handle, such as me.bsky.social',
        isSecret: false,
        tidy: (text) => text.replace(/^@/, ''),
        whyNot: (text) =>
          /^@?[\w-]+(\.[\w-]+)+$/.test(text)
            ? undefined
            : 'A handle has a dot in it, such as me.bsky.social',
      },
      {
        key: 'password',
        variable: 'BLUESKY_APP_PASSWORD',
        question: 'App password',
        isSecret: true,
      },
    ],
  },
  mastodon: {
    account: 'masto',
    help: [
      'On your instance: Preferences → Development → New application, with read:accounts, read:statuses, read:notifications, write:statuses and write:media.',
      'Save it, open it, and take "Your access token".',
    ],
    fields: [
      {
        key: 'url',
        variable: 'MASTODON_URL',
        question: 'Address of the instance, such as https://mastodon.social',
        isSecret: false,
        tidy: toAddress,
        whyNot: whyNoAddress,
      },
      { key: 'token', variable: 'MASTODON_TOKEN', question: 'Access token', isSecret: true },
    ],
  },
};

/** Only asked where there is a choice: a Bluesky account may live on a server of its own. */
export const serverField: Field = {
  key: 'baseUrl',
  variable: 'BLUESKY_SERVER',
  question: 'Server of the account (Enter for https://bsky.social)',
  isSecret: false,
  tidy: (text) => (text === '' ? '' : toAddress(text)),
  whyNot: (text) => (text === '' ? undefined : whyNoAddress(text)),
};

/** A second account of a network has variables of its own. */
export function variableOf(network: Network, account: string, { variable }: Field): string {
  if (account === guides[network].account) return variable;
  return `${account.toUpperCase().replaceAll('-', '_')}_${variable.replace(/^[A-Z]+_/, '')}`.replace(
    /^(?=\d)/,
    '_',
  );
}
