import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Post } from '../../core/post/post.ts';
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
/** What a feed asks for is heeded up to here: one wrong header must not silence it for a year. */
const maxWaitFor = 24 * hour;
const maxBytes = 8 * 1024 * 1024;
const keptKeys = 5000;
const maxImageTime = 2 * minute;

const wanted =
  'application/rss+xml, application/atom+xml, application/feed+json, application/json;q=0.9, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5';

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
  const { rules, options, signal, now } = looking;
  let answer: GetAnswer | undefined;
  try {
    answer = await guardedGet(rules.url, {
      signal,
      maxBytes,
      timeoutFor: options.timeoutFor ?? 30 * second,
      allowLoopback: options.allowLoopback ?? false,
      headers: {
        accept: wanted,
        ...(before.etag === undefined ? {} : { 'if-none-match': before.etag }),
        ...(before.lastModified === undefined ? {} : { 'if-modified-since': before.lastModified }),
      },
    });
    if (answer.notModified) return { state: well(before, answer, before.ttlFor, now), posts: [] };
    if (answer.status !== 200) throw new FeedError(tellStatus(answer.status));
    return await takeIn(looking, before, answer, await readFeed(answer));
  } catch (error) {
    // Stopping is no fault of the feed.
    if (signal.aborted) return { state: before, posts: [] };
    return { state: failed(before, tell(error), retryAfter(answer, now), now), posts: [] };
  }
}

async function takeIn(
  looking: Looking,
  before: FeedState,
  answer: GetAnswer,
  feed: ReadFeed,
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
    // Thousands of them would keep everything else waiting for seconds.
    if (index % 50 === 49) await setImmediate();
  }
  const {
    etag: _etag,
    lastModified: _lastModified,
    ttlFor: _ttlFor,
    ...rest
  } = well(before, answer, feed.ttlFor, now);
  const state: FeedState = {
    ...rest,
    isKnown: true,
    seen: remember(
      before.seen,
      current.map(({ key }) => key),
    ),
    ...(answer.headers.etag ? { etag: answer.headers.etag } : {}),
    ...(answer.headers['last-modified'] ? { lastModified: answer.headers['last-modified'] } : {}),
    ...(feed.ttlFor === undefined ? {} : { ttlFor: feed.ttlFor }),
  };
  return { state, posts };
}

/** Guids can be as long as they like; what is remembered of them is not. */
const shortKey = (key: string) => createHash('sha256').update(key).digest('base64url').slice(0, 16);

/** Everything that stands in the feed now is kept, and of what has left it the newest. */
function remember(before: string[], current: string[]): string[] {
  const now = new Set(current);
  // Feeds have the newest first.
  return [...before.filter((key) => !now.has(key)), ...[...now].reverse()].slice(
    -Math.max(keptKeys, 2 * now.size),
  );
}

/**
 * Feeds list the newest first; where dates tell otherwise, or nothing, that order is turned around.
 */
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
  // What is not there by then goes without.
  if (waiting.length)
    await within({ signal, limitFor: maxImageTime }, fetchAll).catch(() => undefined);
  return found;
}

function well(
  before: FeedState,
  answer: GetAnswer,
  ttlFor: number | undefined,
  now: Instant,
): FeedState {
  const { error: _error, ...rest } = before;
  const maxAge = /(?:^|[\s,])max-age\s*=\s*"?(\d+)/i.exec(
    answer.headers['cache-control'] ?? '',
  )?.[1];
  const asked = Math.max(
    Number(maxAge ?? 0) * second,
    ttlFor ?? 0,
    (retryAfter(answer, now) ?? now) - now,
  );
  return {
    ...rest,
    failures: 0,
    checkedAt: now,
    nextAt: now + Math.max(lookEvery, Math.min(asked, maxWaitFor)),
  };
}

function failed(
  before: FeedState,
  error: string,
  notBefore: Instant | undefined,
  now: Instant,
): FeedState {
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

function tellStatus(status: number): string {
  if (status === 404) return 'the server answers 404, there is no such page: is the address right?';
  if (status === 410)
    return 'the server answers 410, the feed is gone for good: take it out of the configuration';
  if (status === 401 || status === 403)
    return `the server answers ${status}, it does not let us read it`;
  if (status === 429) return 'the server answers 429, we ask too often';
  return `the server answers ${status}`;
}

function tell(error: unknown): string {
  if (error instanceof GetError && error.kind === 'forbidden')
    return `${error.message}: only addresses on the public web are read`;
  if (error instanceof GetError && error.kind === 'too-large')
    return `it is larger than ${maxBytes / 1024 / 1024} MB`;
  return error instanceof Error ? error.message : String(error);
}
