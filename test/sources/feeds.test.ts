import { performance } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { hour, minute } from '../../src/core/time.ts';
import { openFeed } from '../../src/sources/feed/feed-source.ts';
import { type Feed, makeFeed, noFeed } from './feed-kit.ts';
import { rss, serveWeb } from './web.ts';

const items = (...names: string[]) =>
  names.map((name) => ({ title: name, link: `https://example.com/${name}`, guid: name }));
const titles = async (feed: Feed) => (await feed.look()).posts.map(({ title }) => title);

test('a first look posts nothing, the next ones what is new, oldest first', async () => {
  await using feed = await makeFeed(rss(items('b', 'a')));
  expect(await titles(feed)).toEqual([]);
  expect(feed.state).toMatchObject({ isKnown: true, failures: 0 });
  expect(feed.now - (feed.state.checkedAt ?? 0)).toBe(15 * minute);
  expect(await titles(feed)).toEqual([]);
  feed.answer.body = rss(items('d', 'c', 'b', 'a'));
  expect(await titles(feed)).toEqual(['c', 'd']);
  expect(await titles(feed)).toEqual([]);
});

test('a feed that was empty, or broken, at first has its first look when it can be read', async () => {
  await using feed = await makeFeed('<rss><broken');
  await feed.look();
  expect(feed.state.isKnown).toBe(false);
  feed.answer.body = rss([]);
  expect(await titles(feed)).toEqual([]);
  expect(feed.state.isKnown).toBe(false);
  feed.answer.body = rss(items('a'));
  expect(await titles(feed)).toEqual([]);
  feed.answer.body = rss(items('b', 'a'));
  expect(await titles(feed)).toEqual(['b']);
});

test('an item that is edited, re-dated or moved in the feed is not new', async () => {
  await using feed = await makeFeed(rss(items('b', 'a')));
  await feed.look();
  feed.answer.body = rss(
    items('a', 'b').map((item) => ({
      ...item,
      title: `${item.title} (edited)`,
      link: `${item.link}-new`,
      date: '2026-11-24T07:00:00Z',
    })),
  );
  expect(await titles(feed)).toEqual([]);
  // Without a guid the link tells, without a link title and date.
  feed.answer.body = rss([
    { title: 'c', link: 'https://example.com/c' },
    { title: 'd', date: '2026-11-25' },
    ...items('a', 'b'),
  ]);
  expect(await titles(feed)).toEqual(['d', 'c']);
  feed.answer.body = rss([
    { title: 'c, edited', link: 'https://example.com/c', date: '2026-11-26' },
    { title: 'd', date: '2026-11-25' },
    ...items('a', 'b'),
  ]);
  expect(await titles(feed)).toEqual([]);
});

test('an item that stands twice in a feed is one post, with the same id whenever the look is made again', async () => {
  await using feed = await makeFeed(rss(items('a')));
  await feed.look();
  feed.answer.body = rss([...items('b', 'b'), ...items('a')]);
  const before = feed.state;
  const { posts } = await feed.look();
  feed.state = before;
  expect(posts).toHaveLength(1);
  expect((await feed.look()).posts.map(({ id, hash }) => [id, hash])).toEqual(
    posts.map(({ id, hash }) => [id, hash]),
  );
});

test('what is seen stays bounded and still holds all that the feed holds', async () => {
  await using feed = await makeFeed(rss(items('old')));
  await feed.look();
  for (let round = 0; round < 4; round++) {
    feed.answer.body = rss(items(...Array.from({ length: 3000 }, (_, i) => `r${round}-${i}`)));
    expect((await feed.look()).posts).toEqual([]);
    expect(feed.state.held).toEqual({ count: 3000, of: 3000 });
    feed.state = { ...feed.state, answer: 'post' };
    expect((await feed.look()).posts).toHaveLength(3000);
    expect((await feed.look()).posts).toEqual([]);
  }
  expect(feed.state.seen).toHaveLength(6000);
}, 60_000);

test('asks only for what has changed, and takes 304 for an answer', async () => {
  await using feed = await makeFeed(rss(items('a'), '<ttl>60</ttl>'), {
    etag: '"one"',
    'last-modified': 'Mon, 23 Nov 2026 10:00:00 GMT',
  });
  await feed.look();
  expect(feed.web.asked[0]?.headers['if-none-match']).toBeUndefined();
  feed.answer = { status: 304 };
  expect(await titles(feed)).toEqual([]);
  expect(feed.web.asked[1]?.headers).toMatchObject({
    'if-none-match': '"one"',
    'if-modified-since': 'Mon, 23 Nov 2026 10:00:00 GMT',
  });
  expect(feed.state).toMatchObject({ etag: '"one"', isKnown: true, failures: 0 });
  // It asked to be left alone for an hour, and still does.
  expect(feed.now - (feed.state.checkedAt ?? 0)).toBe(hour);
  feed.answer = { body: rss(items('b', 'a')) };
  expect(await titles(feed)).toEqual(['b']);
  expect(feed.state.etag).toBeUndefined();
});

test('heeds ttl, Cache-Control and Retry-After, up to a day', async () => {
  await using feed = await makeFeed(rss([], '<ttl>120</ttl>'));
  const waited = async (headers: Record<string, string>, body = rss([]), status = 200) => {
    feed.answer = { body, headers, status };
    await feed.look();
    return feed.now - (feed.state.checkedAt ?? 0);
  };
  expect(await waited({}, rss([], '<ttl>120</ttl>'))).toBe(2 * hour);
  expect(await waited({ 'cache-control': 'public, max-age=3600' })).toBe(hour);
  expect(await waited({ 'cache-control': 'max-age=60' })).toBe(15 * minute);
  expect(await waited({ 'cache-control': 's-maxage=90000, max-age=99999999' })).toBe(24 * hour);
  expect(await waited({ 'retry-after': '7200' }, '', 503)).toBe(2 * hour);
  // A whole second may mean its end.
  expect(
    await waited({ 'retry-after': new Date(feed.now + 3 * hour).toUTCString() }, '', 429),
  ).toBe(3 * hour + 1000);
  expect(await waited({ 'retry-after': 'nonsense' })).toBe(15 * minute);
});

test('a feed that fails is tried again ever more rarely, and well again at once', async () => {
  await using feed = await makeFeed(rss(items('a')), { etag: '"a"' });
  await feed.look();
  feed.answer = { status: 500 };
  const waits: number[] = [];
  for (let i = 0; i < 9; i++) {
    await feed.look();
    waits.push((feed.now - (feed.state.checkedAt ?? 0)) / minute);
  }
  expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 360, 360]);
  expect(feed.state).toMatchObject({
    failures: 9,
    error: 'the server answered 500',
    etag: '"a"',
    isKnown: true,
  });
  feed.answer = { body: rss(items('b', 'a')) };
  expect(await titles(feed)).toEqual(['b']);
  expect(feed.state).toMatchObject({ failures: 0 });
  expect(feed.state.error).toBeUndefined();
});

test('says what is wrong with an address in words', async () => {
  await using feed = await makeFeed();
  const errorOf = async (body: string, status = 200) => {
    feed.answer = { body, status };
    await feed.look();
    return feed.state.error;
  };
  expect(
    await errorOf(
      '<!DOCTYPE html><html><head><link rel="alternate" type="application/rss+xml" href="/rss.xml"></head></html>',
    ),
  ).toBe(`the answer is a web page, not a feed: the page names ${feed.web.url}/rss.xml`);
  expect(await errorOf('<html>')).toBe('the answer is a web page, not a feed: check the URL');
  expect(await errorOf('hello')).toBe('the answer is neither XML nor JSON: check the URL');
  expect(await errorOf('  ')).toBe('the answer is empty');
  expect(await errorOf('<rss><channel><item></channel></rss>')).toBe(
    'the answer is not a valid feed (Unexpected close tag)',
  );
  expect(await errorOf('<rss version="2.0"></rss>')).toBe(
    'the answer is not a valid feed (it has no channel)',
  );
  expect(await errorOf('<svg/>')).toBe(
    'the answer is not a valid feed (Feed not recognized as RSS 1 or 2.)',
  );
  expect(await errorOf('', 404)).toBe(
    'the server answered 404, there is no such page: check the URL',
  );
  expect(await errorOf('', 410)).toMatch(/gone for good/);
});

test('an address on this machine is refused, and where it leads', async () => {
  await using feed = await makeFeed(rss(items('a')));
  const { state, posts } = await feed.look({}, { allowLoopback: false });
  expect(state.error).toBe(
    'the address is in a private network: set allowPrivate: true for this feed if it is your own',
  );
  expect([posts, feed.web.asked]).toEqual([[], []]);
  const own = await feed.look({ allowPrivate: true }, { allowLoopback: false });
  expect([own.state.error, own.state.isKnown]).toEqual([undefined, true]);
  feed.url = 'http://169.254.169.254/feed.xml';
  expect((await feed.look({ allowPrivate: true })).state.error).toMatch(/private network/);
  feed.url = 'file:///etc/passwd';
  expect((await feed.look()).state.error).toMatch(/^only http and https are fetched/);
});

test('a feed that never ends is cut off', async () => {
  await using feed = await makeFeed();
  await using endless = await serveWeb((_, response) => {
    const more = () => {
      while (response.write('<item/>'.repeat(10_000)));
    };
    response.on('drain', more);
    response.write('<rss version="2.0"><channel>');
    more();
  });
  feed.url = endless.url;
  expect((await feed.look()).state.error).toBe('the feed is larger than 8 MB');
  await using silent = await serveWeb((_, response) => response.write('<rss>'));
  feed.url = silent.url;
  expect((await feed.look({}, { timeoutFor: 100 })).state.error).toBe(
    'no complete answer within 0.1 s',
  );
});

test('entities that a feed declares are not unfolded', async () => {
  const entities = [...'abcdefghijkl'].map((name, i) => {
    const next = 'bcdefghijklm'[i];
    return `<!ENTITY ${next} "${`&${name};`.repeat(10)}">`;
  });
  const bomb = [
    '<?xml version="1.0"?><!DOCTYPE rss [',
    `<!ENTITY a "${'ha'.repeat(50)}">`,
    ...entities,
    '<!ENTITY f SYSTEM "file:///etc/passwd">]>',
  ].join('');
  await using feed = await makeFeed(
    bomb + rss([{ title: 'x &m; &f;', guid: '1' }]).replace(/^<\?xml.*\n/, ''),
  );
  feed.state = { ...noFeed, isKnown: true };
  const { posts } = await feed.look();
  expect(posts.map(({ parts }) => parts)).toEqual([['x &m; &f;']]);
});

test('hostile markup takes no longer than other markup', async () => {
  const before = performance.now();
  for (const piece of [
    '<p ',
    '<![CDATA[',
    '<content type="xhtml">',
    '&',
    '<description>',
    '<'.repeat(3),
  ]) {
    await using feed = await makeFeed(
      rss([
        {
          title: 'x',
          guid: '1',
          more: `<description><![CDATA[${'<p '.repeat(200_000)}]]></description>`,
        },
      ]) + piece.repeat(300_000),
    );
    feed.state = { ...noFeed, isKnown: true };
    await feed.look();
  }
  expect(performance.now() - before).toBeLessThan(15_000);
}, 30_000);

test('an answer of more items than any archive has is refused in words, and costs no memory', async () => {
  await using feed = await makeFeed(rss(items('first')));
  await feed.look();
  const before = feed.state.seen;
  const many = (count: number) =>
    Array.from({ length: count }, (_, i) => `<item><guid>${i}</guid><title>t</title></item>`).join(
      '',
    );
  feed.answer.body = rss([]).replace('</channel>', `${many(20_001)}</channel>`);
  const { posts } = await feed.look();
  expect([posts, feed.state.seen]).toEqual([[], before]);
  expect(feed.state.error).toBe(
    'the answer has 20001 items, and at most 20000 are read: choose an address with fewer',
  );
  feed.answer.body = rss([]).replace('</channel>', `${many(20_000)}</channel>`);
  await feed.look();
  expect(feed.state.error).toBeUndefined();
});

test('5,000 new items in 2 MB are all taken in', async () => {
  await using feed = await makeFeed(rss(items('first')));
  await feed.look();
  feed.answer.body = rss(
    Array.from({ length: 5000 }, (_, i) => ({
      title: `Item ${i} with a title of some length`,
      link: `https://example.com/posts/${i}`,
      guid: `item-${i}`,
      date: new Date(feed.now + (5000 - i) * minute).toUTCString(),
      more: `<description>${'Words of a summary. '.repeat(12)}</description>`,
    })),
  );
  expect(feed.answer.body.length).toBeGreaterThan(2_000_000);
  feed.state = { ...feed.state, answer: 'post' };
  const before = performance.now();
  const { posts } = await feed.look({ template: '{{title}}: {{summary}} {{link}}' });
  console.log(
    `5,000 items, ${(feed.answer.body.length / 1e6).toFixed(1)} MB: ${Math.round(performance.now() - before)} ms`,
  );
  expect(posts).toHaveLength(5000);
  expect(new Set(posts.map(({ id }) => id)).size).toBe(5000);
  expect(posts[0]?.title).toBe('Item 4999 with a title of some length');
  expect(posts.map(({ order }) => order)).toEqual(posts.map(({ order }) => order).toSorted());
}, 60_000);

test('a look that is stopped changes nothing', async () => {
  await using feed = await makeFeed(rss(items('a')));
  const source = openFeed(
    { url: feed.url, template: '{{title}}', approval: false },
    { mediaFolder: feed.folder, allowLoopback: true },
  );
  expect(await source.look(noFeed, feed.now, AbortSignal.abort())).toMatchObject({
    state: noFeed,
    posts: [],
  });
});
