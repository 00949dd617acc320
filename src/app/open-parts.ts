import { basename, join } from 'node:path';
import type { Config } from '../config/config.ts';
import { pickDefined } from '../core/pick-defined.ts';
import { defaultTiming } from '../flow/context.ts';
import type { GuardedGet } from '../io/guarded-get.ts';
import { useProxies } from '../io/outgoing-proxy.ts';
import type { Clock } from '../ports/clock.ts';
import type { CostLedger } from '../ports/cost-ledger.ts';
import type { PostFiles } from '../ports/post-files.ts';
import type { Publisher } from '../ports/publisher.ts';
import { clockOf } from './clock-of.ts';

/** The names that posts may refer to. */
export const namesOf = (config: Config) => ({
  accounts: config.accounts.map(({ name, network }) => ({ name, network })),
  queues: Object.keys(config.queues),
  campaigns: Object.keys(config.campaigns),
  mentions: Object.keys(config.mentions),
  countsLinks: config.links !== undefined,
});

export async function openFolderOf(config: Config, settleFor: number) {
  const { openFolder } = await import('../sources/folder/posts-folder.ts');
  const { posts, media } = config.folders;
  // Samples are for trying out: they never meet a real account.
  return openFolder({
    postsFolder: posts,
    mediaFolder: media,
    label: basename(posts),
    zone: config.zone,
    names: namesOf(config),
    settleFor,
    ...pickDefined({ skip: config.isSandbox ? undefined : ['samples'] }),
  });
}

/** The same folder, for whoever writes in it. */
export async function openPostFilesOf(config: Config): Promise<PostFiles> {
  const { openPostFiles } = await import('../sources/writing/open-post-files.ts');
  const { openImages } = await import('../media/images.ts');
  const { posts, media, data } = config.folders;
  return openPostFiles({
    postsFolder: posts,
    mediaFolder: media,
    label: basename(posts),
    zone: config.zone,
    names: namesOf(config),
    images: openImages({ dataFolder: data }),
    asideFolder: join(data, 'incoming'),
  });
}

export interface PublisherParts {
  /** For one request, in milliseconds. */
  timeoutFor?: number;
  guardedGet?: GuardedGet | undefined;
  /** Where calls that are billed are written down: only where there is a store. */
  ledger?: CostLedger;
}

export async function openPublishers(
  config: Config,
  clock: Clock = clockOf(config),
  { timeoutFor = defaultTiming.publishFor, guardedGet, ledger }: PublisherParts = {},
): Promise<Map<string, Publisher>> {
  useProxies(config.proxies);
  if (!config.accounts.length) return new Map();
  const { openPublisher } = await import('../networks/open-publisher.ts');
  const { shrink } = await import('../media/encode.ts');
  const get = guardedGet ?? (await openCardGet(config));
  return new Map(
    await Promise.all(
      config.accounts.map(async (account): Promise<[string, Publisher]> => [
        account.name,
        await openPublisher(account, {
          clock,
          dataFolder: config.folders.data,
          shrink,
          timeoutFor,
          guardedGet: get,
          ...pickDefined({ ledger }),
        }),
      ]),
    ),
  );
}

/**
 * The sandbox's own pages lie on this machine; whoever publishes for real must not be led to its
 * neighbours.
 */
async function openCardGet({ isSandbox }: Config): Promise<GuardedGet> {
  const { guardedGet } = await import('../io/guarded-get.ts');
  return (url, options) => guardedGet(url, { ...options, allowLoopback: isSandbox });
}

export const feedMediaOf = ({ folders }: Config) => join(folders.data, 'feed-media');

export async function openFeeds(config: Config) {
  if (!config.feeds.length) return [];
  const { openFeed } = await import('../sources/feed/feed-source.ts');
  return config.feeds.map((feed) => openFeed(feed, { mediaFolder: feedMediaOf(config) }));
}
