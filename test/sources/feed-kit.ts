import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FeedLook, FeedState } from '../../src/ports/source.ts';
import type { FeedRules } from '../../src/sources/feed/feed-post.ts';
import { type FeedOptions, openFeed } from '../../src/sources/feed/feed-source.ts';
import { serveWeb, type Web } from './web.ts';

export const start = Date.parse('2026-11-24T08:00:00Z');
export const noFeed: FeedState = { seen: [], isKnown: false, failures: 0 };

export interface Answer {
  body?: string | Buffer;
  status?: number;
  headers?: Record<string, string>;
}

/** A feed on loopback whose answers are changed between looks. */
export interface Feed extends AsyncDisposable {
  web: Web;
  url: string;
  answer: Answer;
  /** Other addresses of the same server. */
  files: Record<string, Answer>;
  state: FeedState;
  folder: string;
  now: number;
  /** Looks, keeps the state, moves the clock to the next look. */
  look(rules?: Partial<FeedRules>, options?: Partial<FeedOptions>): Promise<FeedLook>;
}

export async function makeFeed(
  body: string | Buffer = '',
  headers: Record<string, string> = { 'content-type': 'application/xml' },
): Promise<Feed> {
  const folder = await mkdtemp(join(tmpdir(), 'dripline-feed-'));
  const web = await serveWeb((request, response) => {
    const {
      body: text = '',
      status = 200,
      headers: own = {},
    } = feed.files[request.url ?? ''] ?? feed.answer;
    response.writeHead(status, own).end(text);
  });
  const feed: Feed = {
    web,
    url: `${web.url}/blog/feed.xml`,
    answer: { body, headers },
    files: {},
    state: noFeed,
    folder,
    now: start,
    async look(rules = {}, options = {}) {
      const source = openFeed(
        { url: feed.url, template: '{{title}} {{link}}', approval: false, ...rules },
        { mediaFolder: join(folder, 'feed-media'), allowLoopback: true, ...options },
      );
      const seen = await source.look(feed.state, feed.now, AbortSignal.timeout(20_000));
      feed.state = seen.state;
      feed.now = seen.state.nextAt ?? feed.now;
      return seen;
    },
    [Symbol.asyncDispose]: async () => {
      await web[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return feed;
}

/** Everything that the feed holds, as posts: the first look at it has been. */
export async function postsOf(
  body: string | Buffer,
  {
    rules = {},
    headers = {},
    files = {},
  }: {
    rules?: Partial<FeedRules>;
    headers?: Record<string, string>;
    files?: Record<string, Answer>;
  } = {},
) {
  await using feed = await makeFeed(body, headers);
  feed.state = { ...noFeed, isKnown: true };
  feed.files = files;
  const { state, posts } = await feed.look(rules);
  return { posts, state, url: feed.web.url };
}
