import { afterAll, beforeAll, expect, test } from 'vitest';
import type { XAccount } from '../../src/core/network/account.ts';
import type { Receipt } from '../../src/core/post/message.ts';
import { parseCounts } from '../../src/networks/x/match.ts';
import { defaultPeople, type Sandbox } from '../../src/sandbox/open-sandbox.ts';
import { openFaultProxy } from '../peers/fault-proxy.ts';
import { createClock, openTestSandbox, xClient } from '../sandbox/clients.ts';
import { failureOf, openTestPublisher, send, signal } from './kit.ts';

const clock = createClock();
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openTestSandbox({ clock });
});
afterAll(() => sandbox.close());

function account(more: Partial<XAccount> = {}): XAccount {
  const { appKey, appSecret, accessToken, accessSecret } = defaultPeople[0];
  return {
    name: 'x-main',
    network: 'x',
    baseUrl: sandbox.baseUrls.x,
    appKey,
    appSecret,
    accessToken,
    accessSecret,
    maxLength: 280,
    ...more,
  };
}

const openX = (more: Partial<XAccount> = {}) => openTestPublisher(account(more), { clock });
const asked = (route: string) => sandbox.requests().find((one) => one.route === route)?.count ?? 0;

/** As many posts, a minute apart. */
async function sendMany(count: number): Promise<Receipt[]> {
  const publisher = await openX();
  const receipts: Receipt[] = [];
  for (let i = 0; i < count; i++) {
    clock.move(60_000);
    receipts.push((await send(publisher, `number ${i} of ${count} at ${clock.now()}`)).receipt);
  }
  return receipts;
}

test.each([true, false])(
  'tells what own posts have by now, whether the app is their own (%s) or not',
  async (ownReads) => {
    const receipts = await sendMany(12);
    clock.move(48 * 3_600_000);
    const { counts, absent } = await (await openX({ ownReads })).measure(receipts, signal);
    expect([...counts.keys()].sort()).toEqual(receipts.map(({ id }) => id).sort());
    expect(absent).toEqual([]);
    const page = await xClient(sandbox.baseUrls.x).v2.singleTweet(receipts[3]!.id, {
      'tweet.fields': ['public_metrics'],
    });
    const shown = page.data.public_metrics!;
    expect(counts.get(receipts[3]!.id)).toEqual({
      likes: shown.like_count,
      reposts: shown.retweet_count,
      replies: shown.reply_count,
      quotes: shown.quote_count,
      views: shown.impression_count,
    });
    expect([...counts.values()].some(({ likes = 0, views = 0 }) => likes > 0 && views > 100)).toBe(
      true,
    );
  },
);

test.each([true, false])(
  'says which posts are not there any more, and nothing about what it was not asked for (own app: %s)',
  async (ownReads) => {
    const receipts = await sendMany(9);
    await xClient(sandbox.baseUrls.x).v2.deleteTweet(receipts[4]!.id);
    const some = receipts.filter((_, i) => i > 1 && i % 2 === 0);
    const { counts, absent } = await (await openX({ ownReads })).measure(some, signal);
    expect([...counts.keys()].sort()).toEqual([2, 6, 8].map((i) => receipts[i]!.id));
    expect(absent).toEqual([receipts[4]!.id]);
  },
);

test('reads no more of its timeline than lies between the oldest and the newest, page by page', async () => {
  const receipts = await sendMany(130);
  const before = asked('GET /2/users/:id/tweets');
  const publisher = await openX();
  const few = await publisher.measure(receipts.slice(60, 63), signal);
  expect(few.counts.size).toBe(3);
  expect(asked('GET /2/users/:id/tweets') - before).toBe(1);
  const all = await publisher.measure(receipts, signal);
  expect([all.counts.size, all.absent]).toEqual([130, []]);
  expect(asked('GET /2/users/:id/tweets') - before).toBe(3);
});

test('asks for a hundred posts at a time where the app is not their own', async () => {
  const receipts = await sendMany(101);
  const before = asked('GET /2/tweets');
  expect((await (await openX({ ownReads: false })).measure(receipts, signal)).counts.size).toBe(
    101,
  );
  expect(asked('GET /2/tweets') - before).toBe(2);
});

test('measures nothing without a request, and asks nothing about what is no id of X', async () => {
  const before = sandbox.requests().reduce((sum, { count }) => sum + count, 0);
  const publisher = await openX({ ownReads: false });
  expect(await publisher.measure([], signal)).toEqual({ counts: new Map(), absent: [] });
  expect(await publisher.measure([{ id: 'at://x', url: '', at: 0 }], signal)).toEqual({
    counts: new Map(),
    absent: [],
  });
  expect(sandbox.requests().reduce((sum, { count }) => sum + count, 0)).toBe(before);
});

test('a number that X does not give is absent, and no post without numbers counts as measured', () => {
  expect(
    parseCounts({ public_metrics: { retweet_count: 2, like_count: 0, impression_count: '7' } }),
  ).toEqual({ reposts: 2, likes: 0 });
  expect(parseCounts({ public_metrics: { repost_count: 3, quote_count: -1 } })).toEqual({
    reposts: 3,
  });
  expect([parseCounts({ public_metrics: {} }), parseCounts({}), parseCounts(null)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('measures with the names of 2026 where those of 2023 are refused, and asks with those that worked from then on', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.x);
  const publisher = await openX({ baseUrl: proxy.url });
  const [receipt] = await sendMany(1);
  const refusal = {
    status: 400,
    headers: { 'content-type': 'application/problem+json' },
    body: '{"title":"Invalid Request","detail":"[tweet.fields] is not one of"}',
  };
  proxy.fail(/tweet\.fields/, refusal);
  expect((await publisher.measure([receipt!], signal)).counts.get(receipt!.id)).toMatchObject({
    reposts: 0,
  });
  expect((await publisher.measure([receipt!], signal)).counts.size).toBe(1);
  expect(
    proxy.asked
      .filter((line) => line.includes('.fields=public_metrics'))
      .map((line) => /(\w+)\.fields/.exec(line)?.[1]),
  ).toEqual(['tweet', 'post', 'post']);
});

test('tells how many follow the account', async () => {
  expect(await (await openX()).followers(signal)).toBe(2400);
});

test('a look that fails is never an unknown outcome', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.x);
  const publisher = await openX({ baseUrl: proxy.url });
  await publisher.identify(signal);
  const [receipt] = await sendMany(1);
  const html = { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad</h1>' };
  for (const [fault, kind] of [
    ['reset', 'not-sent'],
    [html, 'not-sent'],
    [{ status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>Hi</h1>' }, 'not-sent'],
    [{ status: 429, headers: { 'content-type': 'application/json' }, body: '{}' }, 'wait'],
    [
      {
        status: 401,
        headers: { 'content-type': 'application/problem+json' },
        body: '{"title":"Unauthorized"}',
      },
      'signed-out',
    ],
  ] as const) {
    proxy.fail(/GET \/2\/users/, fault);
    expect([fault, (await failureOf(publisher.measure([receipt!], signal))).kind]).toEqual([
      fault,
      kind,
    ]);
    proxy.fail(/GET \/2\/users/, fault);
    expect([fault, (await failureOf(publisher.followers(signal))).kind]).toEqual([fault, kind]);
  }
});

test('hands over what others answered, and since when, but neither its own parts nor mere mentions', async () => {
  const own = createClock();
  const other = { ...defaultPeople[0], handle: 'other', appKey: 'k', accessToken: 't' };
  await using there = await openTestSandbox({
    clock: own,
    people: [...defaultPeople, other],
    imagine: () => ({}),
    limitScale: 100,
  });
  const publisher = await openTestPublisher(account({ baseUrl: there.baseUrls.x }), { clock: own });
  const { receipt: first } = await send(publisher, 'what do you think?');
  const { receipt: second } = await send(publisher, 'and this?', { index: 1, before: [first] });
  const stranger = xClient(there.baseUrls.x, other);
  const replies: string[] = [];
  for (let i = 0; i < 33; i++) {
    own.move(700);
    replies.push(
      (
        await stranger.v2.reply(
          `@dripline answer ${i} <3 https://example.com/${i}`,
          i % 2 ? second.id : first.id,
        )
      ).data.id,
    );
  }
  await stranger.v2.tweet('a mere mention of @dripline');
  const all = await publisher.replies(0, signal);
  expect(all.map(({ id }) => id)).toEqual(replies);
  expect(all[3]).toEqual({
    id: replies[3],
    url: `https://x.com/other/status/${replies[3]}`,
    at: own.now() - 29 * 700,
    by: 'other',
    author: { id: expect.any(String), name: 'Dripline' },
    text: '@dripline answer 3 <3 https://example.com/3',
    inReplyTo: second.id,
  });
  expect((await publisher.replies(all[30]!.at, signal)).map(({ id }) => id)).toEqual(
    replies.slice(30),
  );
  expect(await publisher.replies(own.now() + 1, signal)).toEqual([]);
});

test('hands over what the audience of the sandbox answers', async () => {
  const receipts = await sendMany(8);
  const since = clock.now();
  clock.move(6 * 3_600_000);
  const publisher = await openX();
  const { counts } = await publisher.measure(receipts, signal);
  const ids = new Set(receipts.map(({ id }) => id));
  const replies = (await publisher.replies(since - 8 * 60_000, signal)).filter(({ inReplyTo }) =>
    ids.has(inReplyTo ?? ''),
  );
  expect(replies).toHaveLength(
    [...counts.values()].reduce((sum, { replies: count = 0 }) => sum + count, 0),
  );
  expect(replies.length).toBeGreaterThan(0);
});
