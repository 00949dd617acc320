import { request } from 'node:http';
import { expect, test } from 'vitest';
import type { Account } from '../../src/core/network/account.ts';
import { defaultPeople } from '../../src/sandbox/open-sandbox.ts';
import { imagineCounts } from '../../src/sandbox/world/sandbox-audience.ts';
import { blueskyAgent, createClock, mastodonClient, openTestSandbox, xClient } from './clients.ts';
import { openTestPublisher, send, signal } from '../networks/kit.ts';

const day = 86_400_000;

test('the page shows all three networks, newest first, threads together, and escapes what people wrote', async () => {
  const clock = createClock();
  await using sandbox = await openTestSandbox({ clock });
  const x = xClient(sandbox.baseUrls.x);
  const root = await x.v2.tweet('First <script>alert(1)</script> https://example.com/x');
  clock.move(60_000);
  await mastodonClient(sandbox.baseUrls.mastodon).v1.statuses.create({
    status: 'Second',
    spoilerText: 'A "warning"',
  });
  clock.move(60_000);
  await x.v2.reply('Third', root.data.id);
  const agent = await blueskyAgent(sandbox.baseUrls.bluesky);
  await agent.com.atproto.repo.createRecord({
    repo: agent.assertDid,
    collection: 'app.bsky.feed.post',
    record: {
      text: 'Fourth',
      createdAt: '2026-11-24T09:00:00Z',
      embed: {
        $type: 'app.bsky.embed.external',
        external: { uri: 'javascript:alert(1)', title: 'A "card"', description: '' },
      },
    },
  });
  const answer = await fetch(sandbox.page);
  const page = await answer.text();
  expect(page).not.toContain('<script');
  expect(page).not.toMatch(/href="javascript/i);
  expect(page).toContain('First &lt;script&gt;');
  expect(page).toContain('<summary>A &quot;warning&quot;</summary>');
  const order = ['Fourth', 'Second', 'First', 'Third'].map((word) => page.indexOf(word));
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(page.match(/<section class="thread/g)).toHaveLength(3);
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(await (await fetch(`${sandbox.page}/?network=mastodon`)).text()).not.toContain('Fourth');
  const posts = await fetch(`${sandbox.page}/posts.json`);
  expect(posts.headers.get('access-control-allow-origin')).toBeNull();
  expect(await posts.json()).toEqual(sandbox.accepted());
  expect(sandbox.accepted().map(({ at, text }) => [at, text.split(' ')[0]])).toEqual([
    ['2026-11-24T09:00:00Z', 'First'],
    ['2026-11-24T09:01:00Z', 'Second'],
    ['2026-11-24T09:02:00Z', 'Third'],
    ['2026-11-24T09:02:00Z', 'Fourth'],
  ]);
});

test('every address that a network gives leads to a page here: posts, replies, accounts', async () => {
  const clock = createClock();
  await using sandbox = await openTestSandbox({
    clock,
    imagine: () => ({ replies: 2 }),
  });
  const { page, baseUrls } = sandbox;
  const [{ appKey, appSecret, accessToken, accessSecret }, bluesky, mastodon] = defaultPeople;
  const keys = { appKey, appSecret, accessToken, accessSecret };
  const { handle, password } = bluesky;
  const accounts: Account[] = [
    { name: 'x', network: 'x', baseUrl: baseUrls.x, site: page, maxLength: 280, ...keys },
    {
      name: 'bsky',
      network: 'bluesky',
      baseUrl: baseUrls.bluesky,
      site: page,
      handle,
      password,
      isPinned: true,
    },
    { name: 'masto', network: 'mastodon', baseUrl: baseUrls.mastodon, token: mastodon.token },
  ];
  for (const account of accounts) {
    const publisher = await openTestPublisher(account, { clock });
    const { url } = await publisher.identify(signal);
    const { receipt } = await send(publisher, `Hello ${account.name}`, { createdAt: clock.now() });
    clock.move(60_000);
    const replies = await publisher.replies(0, signal);
    expect(replies).toHaveLength(2);
    expect(sandbox.accepted().map((one) => one.url)).toContain(receipt.url);
    for (const address of [url, receipt.url, ...replies.map((one) => one.url)]) {
      expect(address).toContain(page);
      expect([address, (await fetch(address)).status]).toEqual([address, 200]);
    }
    expect(await (await fetch(receipt.url)).text()).toContain(`Hello ${account.name}`);
    const [first] = replies;
    const shown = await (await fetch(first!.url)).text();
    expect(shown).toContain(`@${first!.by.split('@')[0]}`);
    expect(shown).not.toMatch(/href="https:\/\/(x\.com|bsky\.app)/);
  }
});

test('a host name that is not of loopback gets nothing, and nothing outside of the media is served', async () => {
  await using sandbox = await openTestSandbox();
  const status = await new Promise((done) => {
    request(`${sandbox.page}/posts.json`, { headers: { host: 'rebound.example.com' } }, (answer) =>
      done(answer.resume().statusCode),
    ).end();
  });
  expect(status).toBe(421);
  for (const path of [
    '/media/..%2Faccepted.jsonl',
    '/media/accepted.jsonl',
    '/@dripline/1',
    '/nothing',
  ]) {
    expect([path, (await fetch(sandbox.page + path)).status]).toEqual([path, 404]);
  }
});

test('the audience is the same each time, never shrinks, and likes few posts very much', () => {
  const at = Date.parse('2026-11-24T09:00:00Z');
  const likes = Array.from(
    { length: 400 },
    (_, i) =>
      imagineCounts({ network: 'x', id: String(i), at }, { followers: 2400 }, 2 * day).likes,
  ).sort((a, b) => a - b);
  const [median, best] = [likes[200]!, likes[395]!];
  expect(median).toBeGreaterThan(2);
  expect(best).toBeGreaterThan(5 * median);
  for (let i = 0; i < 50; i++) {
    const post = { network: 'mastodon', id: String(i), at } as const;
    let before = imagineCounts(post, { followers: 600 }, 0);
    expect(before).toEqual({ likes: 0, reposts: 0, replies: 0, quotes: 0, views: 0 });
    for (const hours of [0.1, 1, 3, 12, 48, 500]) {
      const counts = imagineCounts(post, { followers: 600 }, hours * 3_600_000);
      expect(counts).toEqual(imagineCounts(post, { followers: 600 }, hours * 3_600_000));
      for (const name of ['likes', 'reposts', 'replies', 'quotes', 'views'] as const)
        expect(counts[name]).toBeGreaterThanOrEqual(before[name]);
      before = counts;
    }
  }
  const total = (hour: number, followers: number) =>
    Array.from(
      { length: 400 },
      (_, i) =>
        imagineCounts(
          { network: 'bluesky', id: String(i), at: at - 9 * 3_600_000 + hour * 3_600_000 },
          { followers },
          9 * day,
        ).likes,
    ).reduce((a, b) => a + b);
  expect(total(18, 900)).toBeGreaterThan(1.5 * total(3, 900));
  expect(total(18, 9000)).toBeGreaterThan(3 * total(18, 900));
});

test('numbers grow on all three networks as the clock goes on', async () => {
  const clock = createClock();
  await using sandbox = await openTestSandbox({ clock });
  const x = xClient(sandbox.baseUrls.x);
  const masto = mastodonClient(sandbox.baseUrls.mastodon);
  const agent = await blueskyAgent(sandbox.baseUrls.bluesky);
  const { data } = await x.v2.tweet('Hello');
  const status = await masto.v1.statuses.create({ status: 'Hello' });
  const record = { text: 'Hello', createdAt: '2026-11-24T09:00:00Z' };
  const {
    data: { uri },
  } = await agent.com.atproto.repo.createRecord({
    repo: agent.assertDid,
    collection: 'app.bsky.feed.post',
    record,
  });
  clock.move(day / 4);
  const [post] = (await agent.app.bsky.feed.getPosts({ uris: [uri] })).data.posts;
  const tweet = await x.v2.singleTweet(data.id, { 'tweet.fields': ['public_metrics'] });
  const seen = await masto.v1.statuses.$select(status.id).fetch();
  const numbers = [
    tweet.data.public_metrics?.impression_count,
    tweet.data.public_metrics?.like_count,
    (post?.likeCount ?? 0) + (post?.replyCount ?? 0),
    seen.favouritesCount + seen.reblogsCount,
  ];
  for (const number of numbers) expect(number).toBeGreaterThan(0);
});
