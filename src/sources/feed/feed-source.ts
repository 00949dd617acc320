import type { Post } from '../../core/post/post.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { withoutCredentials } from '../../core/text/credentials.ts';
import { type Instant, minute, second } from '../../core/time.ts';
import { type GetAnswer, guardedGet } from '../../io/guarded-get.ts';
import { within } from '../../ports/deadline.ts';
import type { FeedLook, FeedOrigin, FeedSource, FeedState } from '../../ports/source.ts';
import { fetchImage, type StoredImage } from './feed-image.ts';
import { FeedError, type FeedItem } from './feed-items.ts';
import { type FeedRules, toFeedPost } from './feed-post.ts';
import { isUsable, notesOf } from './feed-notes.ts';
import { type Entry, findNew, isKnownFeed } from './item-identity.ts';
import {
  failed,
  lookEvery,
  maxBytes,
  retryAfter,
  succeeded,
  tell,
  tellStatus,
  waitOf,
} from './feed-waits.ts';
import { readEntries, type ReadEntries } from './read-feed.ts';
import { ownTurn } from '../../ports/own-turn.ts';

export interface FeedOptions {
  /** Where the items' pictures are kept. */
  mediaFolder: string;
  /** For feeds on this machine. */
  allowLoopback?: boolean;
  /** For one answer, in milliseconds. Default 30 s. */
  timeoutFor?: number;
}

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
    formerUrl: rules.address === rules.url ? undefined : rules.address,
    networks: rules.networks,
    queue: rules.queue,
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
      return nothingNew({
        ...succeeded(before, waitOf(answer, now, before.ttlFor), now),
        readAt: now,
      });
    if (status !== 200) throw new FeedError(tellStatus(status));
    return await takeIn(looking, before, { answer, feed: await readEntries(answer) });
  } catch (error) {
    // A stopping service is not a failure of the feed.
    if (signal.aborted) return nothingNew(before);
    const notBefore = retryAfter(answer, now);
    return nothingNew(failed(before, { error: tell(error), notBefore, now }));
  }
}

const ask = ({ rules, options, signal }: Looking, before: FeedState): Promise<GetAnswer> =>
  guardedGet(rules.address ?? rules.url, {
    signal,
    maxBytes,
    timeoutFor: options.timeoutFor ?? 30 * second,
    allowLoopback: options.allowLoopback ?? false,
    allowPrivate: rules.allowPrivate ?? false,
    headers: pickDefined({
      accept: accepted,
      'if-none-match': before.etag,
      'if-modified-since': before.lastModified,
    }),
  });

async function takeIn(
  looking: Looking,
  before: FeedState,
  { answer, feed }: { answer: GetAnswer; feed: ReadEntries },
): Promise<FeedLook> {
  const { now } = looking;
  const { entries } = feed;
  const { fresh, old, isFlood } = findNew(before, entries);
  const { held: _held, answer: said, etag: _etag, lastModified: _modified, ...rest } = before;
  const state = pickDefined({
    ...succeeded(rest, waitOf(answer, now, feed.ttlFor), now),
    readAt: now,
    movedTo: answer.movedTo && withoutCredentials(answer.movedTo),
    ttlFor: feed.ttlFor,
  });
  // The answer is asked for in full again, since a person may say what to do with it.
  if (isKnownFeed(before) && isFlood && said === undefined) {
    const held = { count: fresh.length, of: entries.length };
    return nothingNew({ ...state, held, nextAt: now + lookEvery });
  }
  const isTaken = isKnownFeed(before) && said !== 'skip';
  const made = await makePosts(looking, isTaken ? fresh : [], feed.lang);
  const unusable = new Set(made.unusable.map(({ key }) => key));
  const told = new Set(before.unusable);
  return {
    ...made,
    notes: notesOf(looking.rules.url, {
      unusable: made.unusable.filter(({ key }) => !told.has(key)),
      old: isTaken ? old : [],
    }),
    state: pickDefined({
      ...state,
      ...rememberAll(before, entries, unusable),
      isKnown: isKnownFeed(before) || entries.length > 0,
      firstAt: isKnownFeed(before) ? (before.firstAt ?? before.checkedAt) : now,
      etag: answer.headers.etag || undefined,
      lastModified: answer.headers['last-modified'] || undefined,
    }),
  };
}

function rememberAll(before: FeedState, entries: Entry[], unusable: ReadonlySet<string>) {
  const seen = entries.filter(({ key }) => !unusable.has(key));
  const keys = seen.map(({ key }) => key);
  const marks = seen.flatMap((one) => one.marks);
  return {
    seen: remember(before.seen, keys),
    marks: remember(before.marks ?? [], marks),
    unusable: unusable.size ? [...unusable] : undefined,
  };
}

const nothingNew = (state: FeedState): FeedLook => ({
  state,
  posts: [],
  origins: new Map(),
  notes: [],
});

async function makePosts(looking: Looking, entries: Entry[], lang: string | undefined) {
  const { rules, now, signal } = looking;
  const ordered = oldestFirst(entries);
  const images = await fetchImages(
    ordered.map(({ item }) => item),
    looking,
  );
  signal.throwIfAborted();
  const posts: Post[] = [];
  const origins = new Map<string, FeedOrigin>();
  const unusable: Entry[] = [];
  for (const [index, entry] of ordered.entries()) {
    const { item, key, marks, latest } = entry;
    const post = toFeedPost(rules, { item, image: images.get(item), lang, now, index });
    if (isUsable(post)) {
      posts.push(post);
      origins.set(post.id, { marks: [key, ...marks], latest });
    } else unusable.push(entry);
    // Thousands of them would block the event loop for seconds.
    if (index % 50 === 49) await ownTurn();
  }
  return { posts, origins, unusable };
}

/** Keeps all items that are in the feed now, and the newest of those that have left it. */
function remember(before: string[], current: string[]): string[] {
  const now = new Set(current);
  // Feeds have the newest first.
  return [...before.filter((key) => !now.has(key)), ...[...now].reverse()].slice(
    -Math.max(keptKeys, 2 * now.size),
  );
}

/** By date where all have one; else in the feed's order reversed, as it lists the newest first. */
function oldestFirst(entries: Entry[]): Entry[] {
  const turned = entries.toReversed();
  return turned.every(({ item }) => item.date !== undefined)
    ? turned.sort((a, b) => (a.item.date ?? 0) - (b.item.date ?? 0))
    : turned;
}

async function fetchImages(
  items: FeedItem[],
  { rules, options, signal }: Looking,
): Promise<Map<FeedItem, StoredImage>> {
  const found = new Map<FeedItem, StoredImage>();
  const waiting = items.filter(({ image }) => image !== undefined);
  const fetchNext = async (until: AbortSignal): Promise<void> => {
    for (let item; (item = waiting.shift());) {
      const image = await fetchImage(item.image?.url ?? '', options.mediaFolder, {
        signal: until,
        allowLoopback: options.allowLoopback ?? false,
        allowPrivate: rules.allowPrivate ?? false,
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
