import { z } from 'zod';
import type { Account } from '../core/network/account.ts';
import { type Network, networks } from '../core/network/network.ts';
import { pickDefined } from '../core/pick-defined.ts';
import { didYouMean } from '../core/text/suggest.ts';
import { address, hint, secret } from './schema-values.ts';

const siteOf = (own: string) =>
  address.describe(`Where links to its posts lead. Default: ${own}`).optional();

const x = z.strictObject({
  network: z.literal('x'),
  appKey: secret,
  appSecret: secret,
  accessToken: secret,
  accessSecret: secret,
  budget: z
    .string()
    .regex(/^\d+(\.\d+)?\s*USD\/month$/i, hint('not a budget', 'write it as 10 USD/month'))
    .describe('What calls to X may cost in a calendar month (UTC): 10 USD/month')
    .optional(),
  ownReads: z
    .boolean()
    .describe('Whether the app belongs to the account: X charges less for its own reads then')
    .optional(),
  maxLength: z.number().int().min(280).max(25_000).optional(),
  baseUrl: address.optional(),
  site: siteOf('https://x.com'),
});

const bluesky = z.strictObject({
  network: z.literal('bluesky'),
  handle: z.string().min(3),
  password: secret,
  baseUrl: address.optional(),
  videoUrl: address
    .describe('The service that converts its videos. Default: that of Bluesky, for accounts there')
    .optional(),
  site: siteOf('https://bsky.app'),
});

const mastodon = z.strictObject({
  network: z.literal('mastodon'),
  url: address,
  token: secret,
  baseUrl: address.optional(),
});

/** The compiler asks for a network that is missing here. */
const shapes = { x, bluesky, mastodon } satisfies Record<Network, z.ZodObject>;

type RawAccount = z.output<(typeof shapes)[Network]>;

/** An account of any network. All of them may have the keys of `common`. */
export const accountWith = <T extends z.ZodRawShape>(common: T) =>
  z.discriminatedUnion(
    'network',
    [x.extend(common), bluesky.extend(common), mastodon.extend(common)],
    { error: ({ input }) => tellNetwork((input as { network?: unknown } | undefined)?.network) },
  );

const tellNetwork = (given: unknown) =>
  typeof given === 'string'
    ? hint(`unknown network "${given}"`, didYouMean(given, networks))
    : hint('needs a network', `use ${networks.join(', ')}`);

/** Of any network, for "did you mean". */
export const accountKeys: readonly string[] = [
  ...new Set(Object.values(shapes).flatMap(({ shape }) => Object.keys(shape))),
];

export function toAccount(name: string, raw: RawAccount): Account {
  switch (raw.network) {
    case 'x':
      return {
        name,
        network: raw.network,
        baseUrl: raw.baseUrl ?? 'https://api.x.com',
        appKey: raw.appKey,
        appSecret: raw.appSecret,
        accessToken: raw.accessToken,
        accessSecret: raw.accessSecret,
        maxLength: raw.maxLength ?? 280,
        ...pickDefined({ budget: toMicroUsd(raw.budget), ownReads: raw.ownReads, site: raw.site }),
      };
    case 'bluesky':
      return {
        name,
        network: raw.network,
        baseUrl: raw.baseUrl ?? 'https://bsky.social',
        handle: raw.handle.replace(/^@/, ''),
        password: raw.password,
        isPinned: raw.baseUrl !== undefined,
        ...pickDefined({ videoUrl: raw.videoUrl, site: raw.site }),
      };
    case 'mastodon':
      return {
        name,
        network: raw.network,
        baseUrl: raw.baseUrl ?? raw.url,
        token: raw.token,
      };
  }
}

/** `10 USD/month` begins with its number. */
const toMicroUsd = (budget: string | undefined): number | undefined =>
  budget === undefined ? undefined : Math.round(Number.parseFloat(budget) * 1e6);
