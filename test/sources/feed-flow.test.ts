import { expect, test } from 'vitest';
import { readFact } from '../../src/flow/facts.ts';
import { feedFact, lookAtFeed } from '../../src/flow/ingest/look-at-feed.ts';
import { minute } from '../../src/core/time.ts';
import type { FeedState } from '../../src/ports/source.ts';
import { openFeed } from '../../src/sources/feed/feed-source.ts';
import { makeBench } from './flow-kit.ts';
import { rss, serveWeb } from './web.ts';

const never = new AbortController().signal;

test('a feed that breaks is told about once, once more when it is back, and loses nothing', async () => {
  await using bench = await makeBench();
  let answer = { status: 200, body: rss([{ title: 'Old', guid: 'old' }]) };
  await using web = await serveWeb((_, response) =>
    response.writeHead(answer.status).end(answer.body),
  );
  const feed = openFeed(
    { url: web.url, template: '{{title}}', approval: false, perDay: 1 },
    { mediaFolder: bench.media, allowLoopback: true },
  );
  const look = async () => {
    const hasPosts = await lookAtFeed(bench.context, feed, never);
    bench.clock.now = bench.alarms.at(-1)?.at ?? 0;
    return hasPosts;
  };
  expect(await look()).toBe(false);
  expect(await bench.texts()).toEqual([]);
  answer = { status: 500, body: '' };
  for (let i = 0; i < 3; i++) expect(await look()).toBe(false);
  expect(await bench.texts()).toEqual([
    `feed: the feed ${web.url} cannot be read: the server answered 500. Dripline will try again in 5m; nothing else waits for it`,
  ]);
  answer = {
    status: 200,
    body: rss([
      { title: 'New', guid: 'new' },
      { title: 'Old', guid: 'old' },
    ]),
  };
  expect(await look()).toBe(true);
  expect((await bench.texts()).slice(1)).toEqual([
    expect.stringMatching(/^ingested: .* is in the queue as feed-new-/),
    `feed: the feed ${web.url} can be read again`,
  ]);
  expect(await look()).toBe(false);
  const deliveries = await bench.context.store.listDeliveries({});
  expect(deliveries.map(({ account, terms }) => [account, terms.feed])).toEqual([
    ['bsky', { url: web.url, perDay: 1 }],
    ['x-main', { url: web.url, perDay: 1 }],
  ]);
  expect((await readFact(bench.context.store, feedFact(web.url))).seen).toHaveLength(2);
  expect(bench.alarms.at(-1)).toMatchObject({ kind: 'feed', id: web.url });
  expect((bench.alarms.at(-1)?.at ?? 0) - (bench.alarms.at(-2)?.at ?? 0)).toBe(15 * minute);
});

test('a look that is made again after a crash adds nothing twice', async () => {
  await using bench = await makeBench();
  await using web = await serveWeb((_, response) =>
    response.end(rss([{ title: 'New', guid: 'new' }])),
  );
  const feed = openFeed(
    { url: web.url, template: '{{title}}', approval: false },
    { mediaFolder: bench.media, allowLoopback: true },
  );
  const before: FeedState = { seen: [], isKnown: true, failures: 0 };
  for (let i = 0; i < 2; i++) {
    const fact = await bench.context.store.findFact(feedFact(web.url).key);
    await bench.context.store.putFact(feedFact(web.url).key, before, fact?.revision ?? 0);
    await lookAtFeed(bench.context, feed, never);
  }
  expect(await bench.context.store.countDeliveries({})).toBe(2);
  expect(await bench.texts()).toHaveLength(1);
});
