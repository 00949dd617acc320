import { formatDuration } from '../../core/time.ts';
import type { FeedSource, FeedState } from '../../ports/source.ts';
import { type Context, makeEntry } from '../context.ts';
import { changeFact, factKey, readFact } from '../facts.ts';
import { ingestPosts } from './ingest.ts';

const noFeed: FeedState = { seen: [], isKnown: false, failures: 0 };

export const feedFact = (url: string) => factKey<FeedState>(`feed:${url}`, noFeed);

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
  const before = await readFact(store, feedFact(feed.url));
  const { state, posts } = await feed.look(before, clock.now(), signal);
  // Posts first: an item is marked as seen only when it is safe.
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
  await changeFact(store, feedFact(feed.url), () => state);
  await tellFeed(context, feed.url, { before, state });
  if (state.nextAt !== undefined) await alarms.set('feed', feed.url, state.nextAt);
  return posts.length > 0;
}

async function tellFeed(
  context: Context,
  url: string,
  { before, state }: { before: FeedState; state: FeedState },
): Promise<void> {
  const { store, clock } = context;
  if ((state.error === undefined) === (before.error === undefined)) return;
  const retryIn = formatDuration((state.nextAt ?? 0) - clock.now());
  const retry = `Dripline will try again in ${retryIn}; nothing else waits for it`;
  const entry =
    state.error === undefined
      ? makeEntry(context, 'feed', {
          text: `the feed ${url} can be read again`,
          data: { url, state: 'well' },
        })
      : makeEntry(context, 'feed', {
          text: `the feed ${url} cannot be read: ${state.error}. ${retry}`,
          data: { url, state: 'broken' },
        });
  await store.appendJournal([entry]);
}
