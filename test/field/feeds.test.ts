import fc from 'fast-check';
import { expect, test } from 'vitest';
import { day, hour } from '../../src/core/time.ts';
import { changeFact, readFact } from '../../src/flow/facts.ts';
import { feedFact, lookAtFeed } from '../../src/flow/ingest/look-at-feed.ts';
import { openFeed } from '../../src/sources/feed/feed-source.ts';
import { type Feed, makeFeed, start } from '../sources/feed-kit.ts';
import { makeBench } from '../sources/flow-kit.ts';
import { rss, type RssItem, serveWeb } from '../sources/web.ts';
import { inputs } from './kit.ts';

const runs = inputs(60, 1500);

interface Article {
  name: string;
  at: number;
}

type Shape = (article: Article, item: Required<Omit<RssItem, 'more'>>) => RssItem;

/** How a feed writes the same articles another time. */
const shapes: Record<string, Shape> = {
  'as before': (_, item) => item,
  'https in link and guid': (_, item) => ({
    ...item,
    link: item.link.replace('http:', 'https:'),
    guid: item.guid.replace('http:', 'https:'),
  }),
  'another guid': ({ name }, item) => ({ ...item, guid: `build-2-${name}` }),
  'no guid': (_, { guid: _guid, ...item }) => item,
  'tracking in the link, no guid': (_, { guid: _guid, ...item }) => ({
    ...item,
    link: `${item.link}?utm_campaign=w2&amp;fbclid=abc`,
  }),
  'a session in the link, another guid': ({ name }, item) => ({
    ...item,
    link: `${item.link}?PHPSESSID=${name}99`,
    guid: `s-${name}`,
  }),
  'www, a slash and another guid': ({ name }, item) => ({
    ...item,
    link: `${item.link.replace('//blog', '//www.blog')}/`,
    guid: `w-${name}`,
  }),
  'another domain and guid': ({ name }, item) => ({
    ...item,
    link: `https://new.example.org/${name}`,
    guid: `n-${name}`,
  }),
  'another title': (_, item) => ({ ...item, title: `${item.title} (edited)` }),
  'another date': ({ at }, item) => ({ ...item, date: new Date(at + hour).toUTCString() }),
  'another title, date and link': ({ at, name }, item) => ({
    ...item,
    title: `New ${name}`,
    date: new Date(at + hour).toUTCString(),
    link: `https://new.example.org/${name}`,
  }),
};

const articles = (count: number, from = 0, at = start - 30 * day): Article[] =>
  Array.from({ length: count }, (_, i) => ({ name: `n${from + i}`, at: at + i * hour }));

const write = (list: Article[], shape: Shape = (_, item) => item) =>
  rss(
    list.map((article) =>
      shape(article, {
        title: `Article ${article.name}`,
        link: `http://blog.example.com/${article.name}`,
        guid: `http://blog.example.com/${article.name}`,
        date: new Date(article.at).toUTCString(),
      }),
    ),
  );

const titles = async (feed: Feed) => (await feed.look()).posts.map(({ title }) => title);

test(`the same articles are never new, whatever becomes of guid, link, date, order and window; new ones are (${runs} feeds)`, async () => {
  await using feed = await makeFeed();
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 4, max: 12 }),
      fc.array(fc.constantFrom(...Object.values(shapes)), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 0, max: 2 }),
      fc.boolean(),
      async (window, changes, added, isTurned) => {
        const all = articles(30);
        feed.state = { seen: [], isKnown: false, failures: 0 };
        feed.now = start;
        feed.answer.body = write(all.slice(0, window));
        expect(await titles(feed)).toEqual([]);
        // One change at a time is what a feed does; the window may grow with each.
        let shown = all.slice(0, window);
        for (const shape of changes) {
          shown = all.slice(0, Math.min(30, shown.length + 7));
          feed.answer.body = write(isTurned ? shown.toReversed() : shown, shape);
          expect(await titles(feed)).toEqual([]);
        }
        const fresh = articles(added, 100, feed.now - hour / 10);
        feed.answer.body = write([...fresh.toReversed(), ...shown], changes.at(-1));
        expect((await titles(feed)).length).toBe(added);
        expect(await titles(feed)).toEqual([]);
      },
    ),
    { numRuns: runs },
  );
});

test('items that all lead to the same page are told apart', async () => {
  const home = (names: string[], link: string) =>
    rss(names.map((name) => ({ title: name, guid: name, link })));
  for (const link of ['https://example.com/', 'https://example.com/news']) {
    await using feed = await makeFeed(home(['b', 'a'], link));
    expect(await titles(feed)).toEqual([]);
    feed.answer.body = home(['c', 'b', 'a'], link);
    expect(await titles(feed)).toEqual(['c']);
  }
});

test('an item of the day of the first look is new in a feed that only names days', async () => {
  await using feed = await makeFeed(write(articles(3)));
  expect(await titles(feed)).toEqual([]);
  feed.answer.body = write([{ name: 'today', at: start - (start % day) }, ...articles(3)]);
  expect(await titles(feed)).toEqual(['Article today']);
});

const undated = (names: string[], suffix = '') =>
  rss(
    names.map((name) => ({
      title: `${name}${suffix}`,
      link: `https://example.com/${name}${suffix}`,
      guid: `${name}${suffix}`,
    })),
  );

test('a known feed of which more than half turns new is held, until a person says what to do', async () => {
  for (const answer of ['post', 'skip'] as const) {
    await using bench = await makeBench();
    let body = undated([...'jihgfedcba']);
    await using web = await serveWeb((_, response) => response.end(body));
    const feed = openFeed(
      { url: web.url, template: '{{title}}', approval: false, networks: ['bsky'] },
      { mediaFolder: bench.media, allowLoopback: true },
    );
    const look = async () => {
      await lookAtFeed(bench.context, feed, AbortSignal.timeout(20_000));
      bench.clock.now = bench.alarms.at(-1)?.at ?? 0;
      return bench.context.store.countDeliveries({});
    };
    expect(await look()).toBe(0);
    body = undated([...'jihgfedcba'], '-moved');
    expect([await look(), await look()]).toEqual([0, 0]);
    const held = (await bench.texts()).filter((text) => text.includes('is held'));
    expect(held).toHaveLength(1);
    expect(held[0]).toContain(`say \`feeds --post ${web.url}\``);
    await changeFact(bench.context.store, feedFact(web.url), (state) => ({ ...state, answer }));
    expect(await look()).toBe(answer === 'post' ? 10 : 0);
    expect((await readFact(bench.context.store, feedFact(web.url))).held).toBeUndefined();
    body = undated(['new', ...[...'jihgfedcba'].map((one) => `${one}-moved`)]);
    expect(await look()).toBe(answer === 'post' ? 11 : 1);
    expect(await look()).toBe(answer === 'post' ? 11 : 1);
  }
});

test.for([
  ['to the same accounts', undefined, undefined, 2],
  ['to other accounts', ['bsky'], ['x-main'], 2],
  ['to one account in common', ['bsky'], ['bsky', 'x'], 1],
] as const)('the same article in two feeds %s is announced once on each', async (row) => {
  const [, first, second, deliveries] = row;
  await using bench = await makeBench();
  let names = [...'cba'];
  await using web = await serveWeb((request, response) =>
    response.end(
      request.url === '/' ? undated(names) : undated(names).replaceAll('<guid>', '<guid>x'),
    ),
  );
  const feeds = [first, second].map((networks, i) =>
    openFeed(
      {
        url: `${web.url}${i === 0 ? '/' : '/category'}`,
        template: '{{title}}',
        approval: false,
        ...(networks ? { networks: [...networks] } : {}),
      },
      { mediaFolder: bench.media, allowLoopback: true },
    ),
  );
  const context = { ...bench.context, feeds };
  const look = () =>
    Promise.all(feeds.map((feed) => lookAtFeed(context, feed, AbortSignal.timeout(20_000))));
  await look();
  names = [...'dcba'];
  await look();
  await look();
  expect(await context.store.countDeliveries({})).toBe(deliveries);
});

test('an item that cannot be read is held and told once, and posted when it can be', async () => {
  await using bench = await makeBench();
  const good = rss([
    { title: 'One café', guid: '1' },
    { title: 'a', guid: 'a' },
  ]);
  let body = Buffer.from(rss([{ title: 'a', guid: 'a' }]));
  await using web = await serveWeb((_, response) => response.end(body));
  const feed = openFeed(
    { url: web.url, template: '{{title}}', approval: false },
    { mediaFolder: bench.media, allowLoopback: true },
  );
  const look = async () => {
    await lookAtFeed(bench.context, feed, AbortSignal.timeout(20_000));
    bench.clock.now = bench.alarms.at(-1)?.at ?? 0;
  };
  await look();
  body = Buffer.from(good, 'latin1');
  await look();
  await look();
  expect(await bench.context.store.countDeliveries({})).toBe(0);
  expect((await bench.texts()).filter((text) => text.includes('is held'))).toHaveLength(1);
  body = Buffer.from(good);
  await look();
  expect(await bench.context.store.countDeliveries({})).toBe(2);
});

test('a feed that has moved for good is told about once, one that is elsewhere for now is not', async () => {
  await using bench = await makeBench();
  let status = 302;
  await using web = await serveWeb((request, response) =>
    request.url === '/new'
      ? response.end(undated(['a']))
      : response.writeHead(status, { location: '/new' }).end(),
  );
  const feed = openFeed(
    { url: `${web.url}/old`, template: '{{title}}', approval: false },
    { mediaFolder: bench.media, allowLoopback: true },
  );
  for (status of [302, 307, 301, 308, 301])
    await lookAtFeed(bench.context, feed, AbortSignal.timeout(20_000));
  const told = (await bench.texts()).filter((text) => text.includes('moved'));
  expect(told).toHaveLength(1);
  expect(told[0]).toContain(`${web.url}/new`);
});
