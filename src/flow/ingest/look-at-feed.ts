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
  if (state.error !== undefined && before.error === undefined) {
    await store.appendJournal([
      makeEntry(context, 'feed', {
        text: `the feed ${feed.url} cannot be read: ${state.error}. It is tried again in ${formatDuration((state.nextAt ?? 0) - clock.now())}; nothing else waits for it`,
        data: { url: feed.url, state: 'broken' },
      }),
    ]);
  } else if (state.error === undefined && before.error !== undefined) {
    await store.appendJournal([
      makeEntry(context, 'feed', {
        text: `the feed ${feed.url} can be read again`,
        data: { url: feed.url, state: 'well' },
      }),
    ]);
  }
  if (state.nextAt !== undefined) await alarms.set('feed', feed.url, state.nextAt);
  return posts.length > 0;
}
