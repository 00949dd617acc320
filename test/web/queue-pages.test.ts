import { expect, test } from 'vitest';
import { day, hour } from '../../src/core/time.ts';
import { makeDelivery, makePost } from '../store/kit.ts';
import { now, openPageContext, type PageContext, showPage } from './page-kit.ts';

const accounts = ['x', 'bluesky', 'mastodon'] as const;

/** Posts on three accounts that are far apart: each page cuts through some of them. */
async function openQueue(count: number): Promise<PageContext> {
  const context = await openPageContext();
  const numbers = Array.from({ length: count }, (_, n) => n);
  await context.store.savePosts(
    numbers.map((n) =>
      makePost(`p${n}`, { title: `Title ${n}`, parts: [n % 10 === 3 ? 'A Rare Word' : 'Text'] }),
    ),
  );
  await context.store.addDeliveries(
    numbers.flatMap((n) =>
      accounts.map((account, a) =>
        makeDelivery(`p${n}`, {
          account,
          network: account,
          state: 'planned',
          at: now + n * hour + a * 3 * day + ((n * 7919) % 40) * hour,
          terms: { hash: 'h', ...(n % 7 === 0 ? { campaign: 'spring' } : {}) },
        }),
      ),
    ),
  );
  return context;
}

/** The posts of all pages, and how many there are on each. */
async function walk(context: PageContext, address: string, rel = 'next') {
  const pages: string[][] = [];
  let last = address;
  for (let at: string | undefined = address; at !== undefined && pages.length < 50;) {
    const { body } = await showPage(context, at);
    pages.push([...body.matchAll(/id="post-([^"]+)"/g)].map(([, id = '']) => id));
    last = at;
    at = new RegExp(`href="([^"]+)" rel="${rel}"`).exec(body)?.[1]?.replaceAll('&amp;', '&');
  }
  return { pages, all: pages.flat(), last };
}

test('pages count posts: each stands on one of them, wherever its accounts are', async () => {
  await using context = await openQueue(110);
  const { pages, all, last } = await walk(context, '/queue');
  expect(pages.map((some) => some.length)).toEqual([25, 25, 25, 25, 10]);
  expect(new Set(all).size).toBe(110);
  const { body } = await showPage(context, last);
  expect(body).toContain('101 to 110 of 110 posts');
  const back = await walk(context, last, 'prev');
  expect(back.pages).toEqual(pages.toReversed());
});

test.each([
  ['/queue?text=rare+word', 11],
  ['/queue?text=TITLE+1', 21],
  ['/queue?campaign=spring', 16],
  ['/queue?campaign=spring&text=rare', 1],
  ['/queue?account=x', 110],
  ['/queue?account=x&campaign=spring', 16],
  ['/queue?queue=none', 0],
  ['/queue?text=%25', 0],
])('a filter survives its pages: %s', async (address, count) => {
  await using context = await openQueue(110);
  const { all } = await walk(context, address);
  expect(all).toHaveLength(count);
  expect(new Set(all).size).toBe(count);
});

test('a card shows every account of its post; under one account it shows that one alone', async () => {
  await using context = await openQueue(3);
  const all = (await showPage(context, '/queue')).body;
  for (const account of accounts) expect(all).toContain(`id="row-p1@${account}"`);
  expect(all).toMatch(/name="id"\s+value="p1"/);
  const one = (await showPage(context, '/queue?account=x')).body;
  expect(one).toMatch(/name="id"\s+value="p1@x"/);
  expect(one).not.toContain('row-p1@bluesky');
});

test('all boxes of a page are ticked by a link', async () => {
  await using context = await openQueue(3);
  const ticked = (body: string) => body.match(/type="checkbox"[^>]* checked/g)?.length ?? 0;
  expect(ticked((await showPage(context, '/queue')).body)).toBe(0);
  expect(ticked((await showPage(context, '/queue?select=all')).body)).toBe(3);
});

test('a broken file is a card with its problem and the way to correct it, and has a page', async () => {
  await using context = await openPageContext();
  const problem = {
    where: 'posts/050-Broken.md:2:1',
    what: 'unknown key "network"',
    hint: 'did you mean "networks"?',
    severity: 'error',
  };
  await context.store.putFact('problems', { '050-Broken.md': [problem] }, 0);
  for (const address of ['/queue', '/queue?show=waiting', '/posts/broken']) {
    const { body, status } = await showPage(context, address);
    expect(status).toBe(200);
    expect(body).toContain('posts/050-Broken.md:2:1');
    expect(body).toContain('did you mean &quot;networks&quot;?');
    expect(body).toContain('/write?file=050-Broken.md&amp;mode=text');
  }
  expect((await showPage(context, '/posts/other')).status).toBe(404);
  expect((await showPage(context, '/queue?text=a')).body).not.toContain('to-correct');
});

test('the calendar names its months, and is paged at the top and at the bottom', async () => {
  await using context = await openPageContext();
  const { body } = await showPage(context, '/calendar');
  expect(body).toContain('November and December 2026');
  expect(body.match(/rel="next"/g)).toHaveLength(2);
  expect((await showPage(context, '/calendar?from=2026-12-28')).body).toContain(
    'December 2026 and January 2027',
  );
});

test('the calendar is filtered, and its pages keep the filter', async () => {
  await using context = await openQueue(20);
  const posts = (body: string) =>
    new Set([...body.matchAll(/href="\/posts\/(p\d+)"/g)].map(([, id]) => id));
  const all = (await showPage(context, '/calendar')).body;
  expect(posts(all).size).toBeGreaterThan(10);
  const some = (await showPage(context, '/calendar?campaign=spring')).body;
  expect([...posts(some)].toSorted()).toEqual(['p0', 'p14', 'p7']);
  expect(some).toMatch(/href="[^"]*campaign=spring[^"]*" rel="next"/);
  expect(posts((await showPage(context, '/calendar?text=rare')).body).size).toBe(2);
});
