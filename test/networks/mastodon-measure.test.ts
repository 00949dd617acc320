import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MastodonAccount } from '../../src/core/network/account.ts';
import type { Receipt } from '../../src/core/post/message.ts';
import { parseCounts } from '../../src/networks/mastodon/reads.ts';
import {
  defaultPeople,
  type MastodonPerson,
  type Sandbox,
} from '../../src/sandbox/open-sandbox.ts';
import { openFaultProxy } from '../peers/fault-proxy.ts';
import { createClock, mastodonClient, openTestSandbox } from '../sandbox/clients.ts';
import { failureOf, openTestPublisher, send, signal } from './kit.ts';

const clock = createClock();
const other: MastodonPerson = {
  ...defaultPeople[2],
  handle: 'other',
  name: 'Other',
  token: 'other-token',
};
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openTestSandbox({ clock, people: [...defaultPeople, other], limitScale: 100 });
});
afterAll(() => sandbox.close());

function account(more: Partial<MastodonAccount> = {}): MastodonAccount {
  return {
    name: 'masto',
    network: 'mastodon',
    baseUrl: sandbox.baseUrls.mastodon,
    token: defaultPeople[2].token,
    ...more,
  };
}

const openMastodon = (more: Partial<MastodonAccount> = {}) =>
  openTestPublisher(account(more), { clock });

async function sendMany(count: number): Promise<Receipt[]> {
  const publisher = await openMastodon();
  const receipts: Receipt[] = [];
  for (let i = 0; i < count; i++) {
    clock.move(60_000);
    receipts.push((await send(publisher, `number ${i} of ${count}`)).receipt);
  }
  return receipts;
}

const isBatch = (line: string) => /GET \/api\/v1\/statuses\?/.test(line);
const isSingle = (line: string) => /GET \/api\/v1\/statuses\/\w+/.test(line);

/** A server that speaks Mastodon's API and answers about many statuses at once as others do. */
const refusals = [
  [
    'snac2 and Hollo',
    { status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>Not found</h1>' },
  ],
  [
    'GoToSocial',
    { status: 405, headers: { 'content-type': 'text/plain' }, body: '405 method not allowed' },
  ],
  [
    'Mastodon before 4.3',
    { status: 404, headers: { 'content-type': 'application/json' }, body: '{"error":"Not Found"}' },
  ],
  [
    'a server with an object',
    { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' },
  ],
] as const;

test('tells what own posts have by now, 20 in one request, with no views', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.mastodon);
  const receipts = await sendMany(21);
  clock.move(48 * 3_600_000);
  const { counts, absent } = await (
    await openMastodon({ baseUrl: proxy.url })
  ).measure([...receipts, receipts[0]!], signal);
  expect([proxy.asked.length, counts.size, absent]).toEqual([2, 21, []]);
  const shown = await mastodonClient(sandbox.baseUrls.mastodon)
    .v1.statuses.$select(receipts[3]!.id)
    .fetch();
  expect(counts.get(receipts[3]!.id)).toEqual({
    likes: shown.favouritesCount,
    reposts: shown.reblogsCount,
    replies: shown.repliesCount,
    quotes: shown.quotesCount,
  });
  expect([...counts.values()].some(({ likes = 0, reposts = 0 }) => likes > 0 && reposts > 0)).toBe(
    true,
  );
});

test('calls absent what is not found on its own either, and asks on for what the batch alone left out', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.mastodon);
  const publisher = await openMastodon({ baseUrl: proxy.url });
  const [kept, removed] = (await sendMany(2)) as [Receipt, Receipt];
  await mastodonClient(sandbox.baseUrls.mastodon).v1.statuses.$select(removed.id).remove();
  const first = await publisher.measure([kept, removed], signal);
  expect([[...first.counts.keys()], first.absent]).toEqual([[kept.id], [removed.id]]);
  proxy.fail(/GET \/api\/v1\/statuses\?/, {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: '[]',
  });
  const second = await publisher.measure([kept, removed], signal);
  expect([[...second.counts.keys()], second.absent]).toEqual([[kept.id], [removed.id]]);
});

test.each(refusals)(
  'asks for one at a time where many are not served, and remembers it: %s',
  async (_name, refusal) => {
    await using proxy = await openFaultProxy(sandbox.baseUrls.mastodon);
    const publisher = await openMastodon({ baseUrl: proxy.url });
    const receipts = await sendMany(3);
    proxy.fail(/GET \/api\/v1\/statuses\?/, refusal);
    expect((await publisher.measure(receipts, signal)).counts.size).toBe(3);
    expect((await publisher.measure(receipts, signal)).counts.size).toBe(3);
    expect([proxy.asked.filter(isBatch).length, proxy.asked.filter(isSingle).length]).toEqual([
      1, 6,
    ]);
  },
);

test('asks for some tens at a time at most where there is no batch; the others are a gap and come the next time', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.mastodon);
  const publisher = await openMastodon({ baseUrl: proxy.url });
  const receipts = await sendMany(45);
  proxy.fail(/GET \/api\/v1\/statuses\?/, refusals[0][1]);
  const { counts, absent } = await publisher.measure(receipts, signal);
  expect([counts.size, absent, proxy.asked.filter(isSingle).length]).toEqual([40, [], 40]);
  expect((await publisher.measure(receipts.slice(40), signal)).counts.size).toBe(5);
});

test('takes what one status alone is refused for a gap, and keeps what it was told before a look broke off', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.mastodon);
  const publisher = await openMastodon({ baseUrl: proxy.url });
  const receipts = await sendMany(4);
  proxy.fail(/GET \/api\/v1\/statuses\?/, refusals[1][1]);
  proxy.fail(
    /GET \/api\/v1\/statuses\/\w+/,
    { status: 422, headers: { 'content-type': 'application/json' }, body: '{"error":"no"}' },
    2,
  );
  expect([...(await publisher.measure(receipts, signal)).counts.keys()]).toEqual(
    [0, 2, 3].map((i) => receipts[i]!.id),
  );
  proxy.fail(/GET \/api\/v1\/statuses\/\w+/, 'reset', 3);
  const { counts, absent } = await publisher.measure(receipts, signal);
  expect([counts.size, absent]).toEqual([2, []]);
});

test('a number that the server does not give is absent, and a status without numbers is not measured', () => {
  expect(parseCounts({ favouritesCount: 0, reblogsCount: 2, repliesCount: '3' })).toEqual({
    likes: 0,
    reposts: 2,
  });
  expect([parseCounts({}), parseCounts({ favouritesCount: -1 }), parseCounts(null)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test("tells what others answered to own posts since an instant, oldest first, and neither its own words nor what answers somebody else's", async () => {
  const publisher = await openMastodon();
  const since = clock.now() + 1;
  const [mine] = (await sendMany(1)) as [Receipt];
  const stranger = mastodonClient(sandbox.baseUrls.mastodon, other);
  const first = await stranger.v1.statuses.create({
    status: 'Grüße & more\n\nhttps://example.com/a',
    inReplyToId: mine.id,
  });
  clock.move(1000);
  await stranger.v1.statuses.create({ status: 'to myself', inReplyToId: first.id });
  await send(publisher, 'my own', { before: [mine] });
  clock.move(60 * 3_600_000);
  const replies = await publisher.replies(since, signal);
  const host = new URL(sandbox.page).host;
  expect(replies.find(({ id }) => id === first.id)).toEqual({
    id: first.id,
    url: first.url,
    at: expect.any(Number),
    by: `other@${host}`,
    author: { id: `other@${host}`, name: 'Other', isBot: true },
    lang: 'en',
    text: 'Grüße & more\n\nhttps://example.com/a',
    inReplyTo: mine.id,
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
  await using busy = await openTestSandbox({
    clock,
    people: [{ ...defaultPeople[2], followers: 2_000_000 }],
  });
  const publisher = await openMastodon({ baseUrl: busy.baseUrls.mastodon });
  const since = clock.now();
  const { receipt } = await send(publisher, 'a');
  const { receipt: second } = await send(publisher, 'b');
  clock.move(48 * 3_600_000);
  const { counts } = await publisher.measure([receipt, second], signal);
  const total = [...counts.values()].reduce((sum, { replies = 0 }) => sum + replies, 0);
  const replies = await publisher.replies(since, signal);
  expect([total > 80, replies.length]).toEqual([true, Math.min(total, 2000)]);
  expect(new Set(replies.map(({ id }) => id)).size).toBe(replies.length);
  const middle = replies[Math.floor(replies.length / 2)]!.at;
  expect(await publisher.replies(middle, signal)).toEqual(replies.filter(({ at }) => at >= middle));
});

test('takes no other notification for a reply, and ends where a server minds no page', async () => {
  const me = await mastodonClient(sandbox.baseUrls.mastodon).v1.accounts.verifyCredentials();
  const createdAt = new Date(clock.now()).toISOString();
  const toNotification = (id: string, status: object | undefined, more: object = {}) => ({
    id,
    type: 'mention',
    created_at: createdAt,
    account: { id: '7', acct: 'ada@example.social' },
    ...(status
      ? {
          status: {
            id: `s${id}`,
            url: 'https://example.social/1',
            content: '<p>Hi</p>',
            in_reply_to_id: '5',
            in_reply_to_account_id: me.id,
            ...status,
          },
        }
      : {}),
    ...more,
  });
  const all = [
    toNotification('1', {}),
    toNotification('2', { in_reply_to_id: null }),
    toNotification('3', { in_reply_to_account_id: '8' }),
    toNotification('4', {}, { type: 'favourite' }),
    toNotification('5', {}, { account: { id: me.id, acct: 'dripline' } }),
    toNotification('6', undefined, { type: 'follow' }),
    toNotification('7', { id: undefined }),
  ];
  const server = createServer((incoming, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'application/json' });
    outgoing.end(
      JSON.stringify(
        incoming.url?.includes('verify_credentials')
          ? { id: me.id, username: 'dripline', url: 'https://example.social/@dripline' }
          : all,
      ),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const publisher = await openMastodon({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
  expect(await publisher.replies(0, signal)).toEqual([
    {
      id: 's1',
      url: 'https://example.social/1',
      at: Date.parse(createdAt),
      by: 'ada@example.social',
      author: { id: 'ada@example.social' },
      text: 'Hi',
      inReplyTo: '5',
    },
  ]);
  expect(await publisher.followers(signal)).toBeUndefined();
  server.close();
});

test('where a server has no notifications there are no replies, and no error', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.mastodon);
  const publisher = await openMastodon({ baseUrl: proxy.url });
  for (const [, refusal] of refusals.slice(0, 3)) {
    proxy.fail(/GET \/api\/v1\/notifications/, refusal);
    expect(await publisher.replies(0, signal)).toEqual([]);
  }
});

test('tells how many follow the account', async () => {
  expect(await (await openMastodon()).followers(signal)).toBe(600);
});

test('a look that fails is never an unknown outcome, and a token that may not read does not sign the account out', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.mastodon);
  const publisher = await openMastodon({ baseUrl: proxy.url });
  const receipts = await sendMany(1);
  await publisher.identify(signal);
  const json = { 'content-type': 'application/json' };
  for (const [fault, kind] of [
    ['reset', 'not-sent'],
    ['truncate', 'not-sent'],
    [{ status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad</h1>' }, 'not-sent'],
    [{ status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>Hi</h1>' }, 'not-sent'],
    [{ status: 429, headers: json, body: '{"error":"Too many requests"}' }, 'wait'],
    [{ status: 401, headers: json, body: '{"error":"The access token is invalid"}' }, 'signed-out'],
  ] as const) {
    for (const look of [
      () => publisher.measure(receipts, signal),
      () => publisher.replies(0, signal),
      () => publisher.followers(signal),
    ]) {
      proxy.fail(/GET \/api\/v1/, fault);
      expect([fault, (await failureOf(look())).kind]).toEqual([fault, kind]);
    }
  }
  proxy.fail(/GET \/api\/v1/, {
    status: 403,
    headers: json,
    body: '{"error":"This action is outside the authorized scopes"}',
  });
  expect((await failureOf(publisher.measure(receipts, signal))).kind).toBe('refused');
});
