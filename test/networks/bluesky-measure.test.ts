import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BlueskyAccount } from '../../src/core/network/account.ts';
import type { Receipt } from '../../src/core/post/message.ts';
import { type BlueskyPerson, defaultPeople, type Sandbox } from '../../src/sandbox/open-sandbox.ts';
import { openFaultProxy } from '../peers/fault-proxy.ts';
import { blueskyAgent, createClock, openTestSandbox } from '../sandbox/clients.ts';
import { failureOf, openTestPublisher, send, signal } from './kit.ts';

const clock = createClock();
const other: BlueskyPerson = { ...defaultPeople[1], handle: 'other.test', name: 'Other' };
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openTestSandbox({ clock, people: [...defaultPeople, other] });
});
afterAll(() => sandbox.close());

function account(more: Partial<BlueskyAccount> = {}): BlueskyAccount {
  const { handle, password } = defaultPeople[1];
  return {
    name: 'bsky',
    network: 'bluesky',
    baseUrl: sandbox.baseUrls.bluesky,
    handle,
    password,
    isPinned: true,
    ...more,
  };
}

const openBluesky = (more: Partial<BlueskyAccount> = {}) =>
  openTestPublisher(account(more), { clock });
const asked = (name: string) =>
  sandbox.requests().find(({ route }) => route === `GET /xrpc/${name}`)?.count ?? 0;

async function sendMany(count: number): Promise<Receipt[]> {
  const publisher = await openBluesky();
  const receipts: Receipt[] = [];
  for (let i = 0; i < count; i++) {
    clock.move(60_000);
    receipts.push(
      (await send(publisher, `number ${i} of ${count}`, { createdAt: clock.now() })).receipt,
    );
  }
  return receipts;
}

test('tells what own posts have by now, 25 in one request, with no views', async () => {
  const receipts = await sendMany(27);
  clock.move(48 * 3_600_000);
  const before = asked('app.bsky.feed.getPosts');
  const { counts, absent } = await (
    await openBluesky()
  ).measure([...receipts, receipts[0]!], signal);
  expect([asked('app.bsky.feed.getPosts') - before, counts.size, absent]).toEqual([2, 27, []]);
  const agent = await blueskyAgent(sandbox.baseUrls.bluesky);
  const [shown] = (await agent.app.bsky.feed.getPosts({ uris: [receipts[3]!.id] })).data.posts;
  expect(counts.get(receipts[3]!.id)).toEqual({
    likes: shown?.likeCount,
    reposts: shown?.repostCount,
    replies: shown?.replyCount,
    quotes: shown?.quoteCount,
  });
  expect([...counts.values()].some(({ likes = 0, replies = 0 }) => likes > 0 && replies > 0)).toBe(
    true,
  );
});

test('calls absent what its repository does not have, and a gap what only the view of the network leaves out', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.bluesky);
  const publisher = await openBluesky({ baseUrl: proxy.url });
  const [kept, removed, lagging] = (await sendMany(3)) as [Receipt, Receipt, Receipt];
  const agent = await blueskyAgent(sandbox.baseUrls.bluesky);
  await agent.deletePost(removed.id);
  expect((await publisher.measure([kept, removed, lagging], signal)).absent).toEqual([removed.id]);
  const { data } = await agent.app.bsky.feed.getPosts({ uris: [kept.id] });
  proxy.fail(/getPosts/, {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(data),
  });
  const { counts, absent } = await publisher.measure([kept, removed, lagging], signal);
  expect([[...counts.keys()], absent]).toEqual([[kept.id], [removed.id]]);
});

test('keeps what it was told before a look broke off, and takes the rest for a gap', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.bluesky);
  const publisher = await openBluesky({ baseUrl: proxy.url });
  const receipts = await sendMany(26);
  proxy.fail(/getPosts/, 'reset', 2);
  const { counts, absent } = await publisher.measure(receipts, signal);
  expect([counts.size, absent]).toEqual([25, []]);
});

test('asks nothing about what is no post', async () => {
  const before = asked('app.bsky.feed.getPosts');
  const repost = { id: 'at://did:plc:x/app.bsky.feed.repost/3m6dwkmrlcg2a', url: '', at: 0 };
  expect(
    await (await openBluesky()).measure([{ id: '17', url: '', at: 0 }, repost], signal),
  ).toEqual({ counts: new Map(), absent: [] });
  expect(asked('app.bsky.feed.getPosts')).toBe(before);
});

test('a number that the network does not give is absent, never 0', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.bluesky);
  const publisher = await openBluesky({ baseUrl: proxy.url });
  const [receipt] = (await sendMany(1)) as [Receipt];
  const agent = await blueskyAgent(sandbox.baseUrls.bluesky);
  const { data } = await agent.app.bsky.feed.getPosts({ uris: [receipt.id] });
  const { replyCount: _replies, quoteCount: _quotes, ...post } = data.posts[0]!;
  proxy.fail(/getPosts/, {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ posts: [{ ...post, likeCount: 7 }] }),
  });
  expect((await publisher.measure([receipt], signal)).counts).toEqual(
    new Map([[receipt.id, { likes: 7, reposts: 0 }]]),
  );
});

test("tells what others answered to own posts since an instant, oldest first, and neither its own words nor what answers somebody else's", async () => {
  const since = clock.now() + 1;
  const publisher = await openBluesky();
  const [mine] = (await sendMany(1)) as [Receipt];
  const stranger = await blueskyAgent(sandbox.baseUrls.bluesky, other);
  const reply = (agent: typeof stranger, text: string, parent: { uri: string; cid: string }) =>
    agent.post({ text, reply: { root: { uri: mine.id, cid: mine.cid! }, parent } });
  const parent = { uri: mine.id, cid: mine.cid! };
  const first = await reply(stranger, 'Grüße & more', parent);
  clock.move(1000);
  await reply(stranger, 'to myself', first);
  await reply(await blueskyAgent(sandbox.baseUrls.bluesky), 'my own', parent);
  clock.move(60 * 3_600_000);
  const replies = await publisher.replies(since, signal);
  expect(replies.find(({ id }) => id === first.uri)).toEqual({
    id: first.uri,
    url: `https://bsky.app/profile/other.test/post/${first.uri.split('/').at(-1)}`,
    at: expect.any(Number),
    by: 'other.test',
    author: { id: stranger.did, name: expect.any(String) },
    text: 'Grüße & more',
    inReplyTo: mine.id,
    cid: first.cid,
    root: { id: mine.id, cid: mine.cid },
  });
  expect(replies.map(({ at }) => at)).toEqual(replies.map(({ at }) => at).sort((a, b) => a - b));
  expect(replies.filter(({ text }) => text === 'to myself' || text === 'my own')).toEqual([]);
  const { counts } = await publisher.measure([mine], signal);
  // The owner's own answer is counted by the network, and is nobody else's.
  expect(replies.filter(({ inReplyTo }) => inReplyTo === mine.id).length).toBe(
    counts.get(mine.id)!.replies! - 1,
  );
  expect(await publisher.replies(clock.now(), signal)).toEqual([]);
});

test('reads page by page as far back as it is asked', async () => {
  const crowd = { ...defaultPeople[1], followers: 3_000_000 };
  await using busy = await openTestSandbox({ clock, people: [crowd] });
  const publisher = await openBluesky({ baseUrl: busy.baseUrls.bluesky });
  const since = clock.now();
  const receipts: Receipt[] = [];
  for (const text of ['a', 'b', 'c'])
    receipts.push((await send(publisher, text, { createdAt: clock.now() })).receipt);
  clock.move(48 * 3_600_000);
  const { counts } = await publisher.measure(receipts, signal);
  const total = [...counts.values()].reduce((sum, { replies = 0 }) => sum + replies, 0);
  const replies = await publisher.replies(since, signal);
  expect([total > 100, replies.length]).toEqual([true, Math.min(total, 5000)]);
  const middle = replies[Math.floor(replies.length / 2)]!.at;
  expect(await publisher.replies(middle, signal)).toEqual(replies.filter(({ at }) => at >= middle));
});

test('tells how many follow the account', async () => {
  expect(await (await openBluesky()).followers(signal)).toBe(900);
});

test('where a server has no view of the network there are no numbers, no replies and no followers, and no error', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.bluesky);
  const publisher = await openBluesky({ baseUrl: proxy.url });
  const receipts = await sendMany(1);
  for (const fault of [
    {
      status: 501,
      headers: { 'content-type': 'application/json' },
      body: '{"error":"MethodNotImplemented"}',
    },
    {
      status: 400,
      headers: { 'content-type': 'application/json' },
      body: '{"error":"InvalidRequest","message":"No service configured for app.bsky"}',
    },
  ]) {
    for (let i = 0; i < 3; i++) proxy.fail(/GET \/xrpc\/app\.bsky/, fault);
    expect(await publisher.measure(receipts, signal)).toEqual({ counts: new Map(), absent: [] });
    expect([await publisher.replies(0, signal), await publisher.followers(signal)]).toEqual([
      [],
      undefined,
    ]);
  }
});

test('a look that fails is never an unknown outcome', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.bluesky);
  const publisher = await openBluesky({ baseUrl: proxy.url });
  const receipts = await sendMany(1);
  await publisher.identify(signal);
  const json = { 'content-type': 'application/json' };
  for (const [fault, kind] of [
    ['reset', 'not-sent'],
    ['truncate', 'not-sent'],
    [{ status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad</h1>' }, 'not-sent'],
    [{ status: 200, headers: json, body: '{}' }, 'not-sent'],
    [{ status: 429, headers: json, body: '{"error":"RateLimitExceeded"}' }, 'wait'],
  ] as const) {
    for (const look of [
      () => publisher.measure(receipts, signal),
      () => publisher.replies(0, signal),
      () => publisher.followers(signal),
    ]) {
      proxy.fail(/GET \/xrpc\/app\.bsky/, fault);
      expect([fault, (await failureOf(look())).kind]).toEqual([fault, kind]);
    }
  }
});
