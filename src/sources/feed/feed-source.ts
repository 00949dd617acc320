import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Post } from '../../core/post/post.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { hour, type Instant, minute, second } from '../../core/time.ts';
import { type GetAnswer, GetError, guardedGet } from '../../io/guarded-get.ts';
import { within } from '../../ports/deadline.ts';
import type { FeedLook, FeedSource, FeedState } from '../../ports/source.ts';
import { fetchImage, type StoredImage } from './feed-image.ts';
import { FeedError, type FeedItem, type ReadFeed } from './feed-items.ts';
import { type FeedRules, toFeedPost } from './feed-post.ts';
import { readFeed } from './read-feed.ts';

export interface FeedOptions {
  /** Where the items' pictures are kept. */
  mediaFolder: string;
  /** For feeds on this machine. */
  allowLoopback?: boolean;
  /** For one answer, in milliseconds. Default 30 s. */
  timeoutFor?: number;
}

const lookEvery = 15 * minute;
const firstBackoffFor = 5 * minute;
const maxBackoffFor = 6 * hour;
/** The longest wait that a feed may ask for: one wrong header must not silence it for a year. */
const maxWaitFor = 24 * hour;
const maxBytes = 8 * 1024 * 1024;
const keptKeys = 5000;
const maxImageTime = 2 * minute;

const accepted = [
  'application/rss+xml',
  'application/atom+xml',
  'application/feed+json',
  'application/json;q=0.9',
  'application/xml;q=0.9',
  'text/xml;q=0.9',
  '*/*;q=0.5',
].join(', ');

export function openFeed(rules: FeedRules, options: FeedOptions): FeedSource {
  return {
    url: rules.url,
    look: (state, now, signal) => look({ rules, options, signal, now }, state),
  };
}

interface Looking {
  rules: FeedRules;
  options: FeedOptions;
  signal: AbortSignal;
  now: Instant;
}

async function look(looking: Looking, before: FeedState): Promise<FeedLook> {
  const { signal, now } = looking;
  let answer: GetAnswer | undefined;
  try {
    answer = await ask(looking, before);
    const { status } = answer;
    if (answer.notModified)
      return { state: succeeded(before, waitOf(answer, now, before.ttlFor), now), posts: [] };
    if (status !== 200) throw new FeedError(tellStatus(status));
    return await takeIn(looking, before, { answer, feed: await readFeed(answer) });
  } catch (error) {
    // A stopping service is not a failure of the feed.
    if (signal.aborted) return { state: before, posts: [] };
    const notBefore = retryAfter(answer, now);
    return { state: failed(before, { error: tell(error), notBefore, now }), posts: [] };
  }
}

const ask = ({ rules, options, signal }: Looking, before: FeedState): Promise<GetAnswer> =>
  guardedGet(rules.url, {
    signal,
    maxBytes,
    timeoutFor: options.timeoutFor ?? 30 * second,
    allowLoopback: options.allowLoopback ?? false,
    headers: pickDefined({
      accept: accepted,
      'if-none-match': before.etag,
      'if-modified-since': before.lastModified,
    }),
  });

async function takeIn(
  looking: Looking,
  before: FeedState,
  { answer, feed }: { answer: GetAnswer; feed: ReadFeed },
): Promise<FeedLook> {
  const { rules, now, signal } = looking;
  const seen = new Set(before.seen);
  const fresh = new Map<string, FeedItem>();
  const current = feed.items.map((item) => ({ key: shortKey(item.key), item }));
  if (before.isKnown)
    for (const { key, item } of current)
      if (!seen.has(key) && !fresh.has(key)) fresh.set(key, item);
  const items = oldestFirst([...fresh.values()]);
  const images = await fetchImages(items, looking);
  signal.throwIfAborted();
  const posts: Post[] = [];
  for (const [index, item] of items.entries()) {
    posts.push(toFeedPost(rules, { item, image: images.get(item), lang: feed.lang, now, index }));
    // Thousands of them would block the event loop for seconds.
    if (index % 50 === 49) await setImmediate();
  }
  const keys = current.map(({ key }) => key);
  const state = pickDefined({
    ...succeeded(before, waitOf(answer, now, feed.ttlFor), now),
    isKnown: true,
    seen: remember(before.seen, keys),
    etag: answer.headers.etag || undefined,
    lastModified: answer.headers['last-modified'] || undefined,
    ttlFor: feed.ttlFor,
  });
  return { state, posts };
}

/** Guids can have any length; the keys in the store do not. */
const shortKey = (key: string) => createHash('sha256').update(key).digest('base64url').slice(0, 16);

/** Keeps all items that are in the feed now, and the newest of those that have left it. */
function remember(before: string[], current: string[]): string[] {
  const now = new Set(current);
  // Feeds have the newest first.
  return [...before.filter((key) => !now.has(key)), ...[...now].reverse()].slice(
    -Math.max(keptKeys, 2 * now.size),
  );
}

/** By date where all have one; else in the feed's order reversed, as it lists the newest first. */
function oldestFirst(items: FeedItem[]): FeedItem[] {
  const turned = items.toReversed();
  return turned.every(({ date }) => date !== undefined)
    ? turned.sort((a, b) => (a.date ?? 0) - (b.date ?? 0))
    : turned;
}

async function fetchImages(
  items: FeedItem[],
  { options, signal }: Looking,
): Promise<Map<FeedItem, StoredImage>> {
  const found = new Map<FeedItem, StoredImage>();
  const waiting = items.filter(({ image }) => image !== undefined);
  const fetchNext = async (until: AbortSignal): Promise<void> => {
    for (let item; (item = waiting.shift());) {
      const image = await fetchImage(item.image?.url ?? '', options.mediaFolder, {
        signal: until,
        allowLoopback: options.allowLoopback ?? false,
        timeoutFor: options.timeoutFor ?? 15 * second,
      });
      if (image) found.set(item, image);
    }
  };
  const fetchAll = (until: AbortSignal) =>
    Promise.all(Array.from({ length: 4 }, () => fetchNext(until)));
  // Items whose image is not there by then are posted without it.
  if (waiting.length)
    await within({ signal, limitFor: maxImageTime }, fetchAll).catch(() => undefined);
  return found;
}

function succeeded(before: FeedState, waitFor: number, now: Instant): FeedState {
  const { error: _error, ...rest } = before;
  return { ...rest, failures: 0, checkedAt: now, nextAt: now + waitFor };
}

/** How long the feed is left alone: as it asks by its headers and its `ttl`, within our limits. */
function waitOf(answer: GetAnswer, now: Instant, ttlFor = 0): number {
  const cacheControl = answer.headers['cache-control'] ?? '';
  const maxAge = /(?:^|[\s,])max-age\s*=\s*"?(\d+)/i.exec(cacheControl)?.[1] ?? 0;
  const retryFor = (retryAfter(answer, now) ?? now) - now;
  const asked = Math.max(Number(maxAge) * second, ttlFor, retryFor);
  return Math.max(lookEvery, Math.min(asked, maxWaitFor));
}

interface Failure {
  error: string;
  notBefore: Instant | undefined;
  now: Instant;
}

function failed(before: FeedState, { error, notBefore, now }: Failure): FeedState {
  const failures = before.failures + 1;
  const backoff = Math.min(firstBackoffFor * 2 ** (failures - 1), maxBackoffFor);
  return {
    ...before,
    failures,
    checkedAt: now,
    error,
    nextAt: Math.max(now + backoff, Math.min(notBefore ?? 0, now + maxWaitFor)),
  };
}

/** Seconds, or a date. */
function retryAfter(answer: GetAnswer | undefined, now: Instant): Instant | undefined {
  const text = answer?.headers['retry-after'];
  if (text === undefined || text === '') return undefined;
  const at = /^\d+$/.test(text) ? now + Number(text) * second : Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

const statusHints: Record<number, string> = {
  401: ' and does not let Dripline read the feed',
  403: ' and does not let Dripline read the feed',
  404: ', there is no such page: check the URL',
  410: ', the feed is gone for good: remove it from the configuration',
  429: ' because it was asked too often',
};

const tellStatus = (status: number) => `the server answered ${status}${statusHints[status] ?? ''}`;

function tell(error: unknown): string {
  if (error instanceof GetError && error.kind === 'forbidden')
    return `${error.message}: Dripline only reads addresses on the public web`;
  if (error instanceof GetError && error.kind === 'too-large')
    return `the feed is larger than ${maxBytes / 1024 / 1024} MB`;
  return error instanceof Error ? error.message : String(error);
}
