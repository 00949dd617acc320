import { pickDefined } from '../../core/pick-defined.ts';
import { plural } from '../../core/plural.ts';
import type { Settings } from '../../core/settings.ts';
import { formatDuration } from '../../core/time.ts';
import type { FeedLook, FeedOrigin, FeedSource, FeedState } from '../../ports/source.ts';
import { type Context, makeEntry } from '../context.ts';
import { changeFact, factKey, readFact } from '../facts.ts';
import { openKeyedLock } from '../keyed-lock.ts';
import { accountsFor, ingestPosts } from './ingest.ts';

const noFeed: FeedState = { seen: [], isKnown: false, failures: 0 };

export const feedFact = (url: string) => factKey<FeedState>(`feed:${url}`, noFeed);

// What one feed announces, another one must know before it decides.
const intake = openKeyedLock();

/**
 * Looks at one feed and takes in what is new. A feed that breaks is told about once, and once more
 * when it is back.
 */
export async function lookAtFeed(
  context: Context,
  feed: FeedSource,
  signal: AbortSignal,
): Promise<boolean> {
  const { store, clock, alarms } = context;
  await adoptState(context, feed);
  const before = await readFact(store, feedFact(feed.url));
  const look = await feed.look(before, clock.now(), signal);
  const { posts, state } = await intake('feeds', () => takeIn(context, feed, { before, look }));
  await tellFeed(context, feed.url, { before, state });
  await tellNotes(context, feed.url, look.notes);
  if (state.nextAt !== undefined) await alarms.set('feed', feed.url, state.nextAt);
  return posts.length > 0;
}

/** An older version kept the state under the address with its credentials. */
async function adoptState({ store, alarms }: Context, { url, formerUrl }: FeedSource) {
  if (formerUrl === undefined) return;
  const former = await store.findFact<FeedState>(feedFact(formerUrl).key);
  if (!former) return;
  await changeFact(store, feedFact(url), (state) =>
    state.isKnown || state.checkedAt !== undefined ? undefined : former.value,
  );
  await store.removeFact(feedFact(formerUrl).key, former.revision);
  await alarms.cancel('feed', formerUrl);
}

interface Looked {
  before: FeedState;
  look: FeedLook;
}

async function takeIn(context: Context, feed: FeedSource, { before, look }: Looked) {
  const { store } = context;
  const fact = feedFact(feed.url);
  const isNew = await openIsNew(context, feed, before);
  const posts = look.posts.filter(({ id }) => isNew(look.origins.get(id)));
  const announced = [
    ...(before.announced ?? []),
    ...posts.flatMap(({ id }) => look.origins.get(id)?.marks ?? []),
  ].slice(-mostAnnounced);
  // Another feed must not announce them too, even if this process ends before the next line.
  if (posts.length) await changeFact(store, fact, (latest) => ({ ...latest, announced }));
  // Posts before the state: an item is marked as seen only when it is safe.
  await ingestPosts(
    context,
    posts.map((post) => ({
      id: post.id,
      path: post.file,
      source: feed.url,
      hash: post.hash,
      mark: '',
      hasOwnId: true,
      post,
    })),
  );
  const state = pickDefined({ ...look.state, announced: announced.length ? announced : undefined });
  // What a person said in the meantime is for the next look.
  await changeFact(store, fact, ({ answer }) =>
    pickDefined({ ...state, answer: answer === before.answer ? state.answer : answer }),
  );
  return { posts, state };
}

const mostAnnounced = 6000;

/**
 * Not what another feed for one of the same accounts has announced, or has seen before it could be
 * new here.
 */
async function openIsNew(context: Context, feed: FeedSource, { readAt }: FeedState) {
  const { store, feeds, settings } = context;
  const own = new Set(accountNames(feed, settings));
  const announced = new Set<string>();
  const seen = new Set<string>();
  for (const other of feeds) {
    if (other.url === feed.url || !accountNames(other, settings).some((name) => own.has(name)))
      continue;
    const state = await readFact(store, feedFact(other.url));
    for (const mark of state.announced ?? []) announced.add(mark);
    for (const mark of [...state.seen, ...(state.marks ?? [])]) seen.add(mark);
  }
  return ({ marks, latest }: FeedOrigin = { marks: [] }): boolean => {
    if (marks.some((mark) => announced.has(mark))) return false;
    // The first look of another feed may have been in between: then no feed has announced it.
    const isSince = readAt !== undefined && latest !== undefined && latest > readAt;
    return isSince || !marks.some((mark) => seen.has(mark));
  };
}

const accountNames = ({ networks, queue }: FeedSource, settings: Settings): string[] =>
  accountsFor(pickDefined({ networks, queue, overrides: {} }), settings).map(({ name }) => name);

async function tellFeed(
  context: Context,
  url: string,
  { before, state }: { before: FeedState; state: FeedState },
): Promise<void> {
  const { store } = context;
  const entries = [
    tellError(context, url, { before, state }),
    before.held === undefined && state.held !== undefined && tellHeld(context, url, state.held),
    state.movedTo !== undefined &&
      state.movedTo !== before.movedTo &&
      makeEntry(context, 'feed', {
        text:
          `the feed ${url} has moved for good to ${state.movedTo}. It is read there for now: ` +
          'change its url in the configuration',
        data: { url, state: 'moved' },
      }),
  ];
  const told = entries.filter((one) => one !== undefined && one !== false);
  if (told.length) await store.appendJournal(told);
}

const tellHeld = (context: Context, url: string, { count, of }: { count: number; of: number }) =>
  makeEntry(context, 'feed', {
    text:
      `the feed ${url} is held: ${count} of its ${plural(of, 'item')} are new at once, as when ` +
      `its addresses have changed. To post them, say \`feeds --post ${url}\`. ` +
      `To take them for known, say \`feeds --skip ${url}\``,
    data: { url, state: 'held' },
  });

function tellError(
  context: Context,
  url: string,
  { before, state }: { before: FeedState; state: FeedState },
) {
  if ((state.error === undefined) === (before.error === undefined)) return undefined;
  if (state.error === undefined)
    return makeEntry(context, 'feed', {
      text: `the feed ${url} can be read again`,
      data: { url, state: 'well' },
    });
  const retryIn = formatDuration((state.nextAt ?? 0) - context.clock.now());
  const retry = `Dripline will try again in ${retryIn}; nothing else waits for it`;
  return makeEntry(context, 'feed', {
    text: `the feed ${url} cannot be read: ${state.error}. ${retry}`,
    data: { url, state: 'broken' },
  });
}

async function tellNotes(context: Context, url: string, notes: FeedLook['notes']): Promise<void> {
  if (!notes.length) return;
  await context.store.appendJournal(
    notes.map(({ text, isForOperators }) =>
      makeEntry(context, 'feed', { text, data: { url, state: isForOperators ? 'item' : 'old' } }),
    ),
  );
}
