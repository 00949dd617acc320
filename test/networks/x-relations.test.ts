import { afterAll, beforeAll, expect, test } from 'vitest';
import type { XAccount } from '../../src/core/network/account.ts';
import type { Receipt, Relation } from '../../src/core/post/message.ts';
import { findMatches, parseXPost } from '../../src/networks/x/match.ts';
import { defaultPeople, type Sandbox } from '../../src/sandbox/open-sandbox.ts';
import { openFaultProxy } from '../peers/fault-proxy.ts';
import { openTestSandbox, xClient } from '../sandbox/clients.ts';
import {
  failureOf,
  makePicture,
  mayOpen,
  openTestPublisher,
  request,
  send,
  signal,
  wallClock,
} from './kit.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openTestSandbox({ clock: wallClock });
});
afterAll(() => sandbox.close());

const { appKey, appSecret, accessToken, accessSecret } = defaultPeople[0];
const account = (baseUrl = sandbox.baseUrls.x): XAccount => ({
  name: 'x-main',
  network: 'x',
  baseUrl,
  appKey,
  appSecret,
  accessToken,
  accessSecret,
  maxLength: 280,
});

const reposts = async ({ id }: Receipt) =>
  (await xClient(sandbox.baseUrls.x).v2.singleTweet(id, { 'tweet.fields': ['public_metrics'] }))
    .data.public_metrics?.retweet_count;

test('quotes a post, with and without a picture, and finds the quote again after the connection was cut', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.x);
  const publisher = await openTestPublisher(account(proxy.url));
  const { receipt: of } = await send(publisher, 'quoted by two');
  const { receipt: other } = await send(publisher, 'quoted by none');
  const relation: Relation = { as: 'quote', of };
  for (const text of ['bare quote', 'quote with a picture, see https://example.com/a']) {
    const media = text.includes('picture') ? [await makePicture(publisher, 'Two halves')] : [];
    const payload = await publisher.prepare(request(publisher, text, { relation, media }), signal);
    proxy.fail(/POST \/2\/tweets/, 'drop');
    expect((await failureOf(publisher.publish(payload, { signal, mayOpen }))).kind).toBe('unknown');
    const found = await publisher.lookUp(payload, { sentAt: Date.now(), signal });
    const shown = await xClient(sandbox.baseUrls.x).v2.singleTweet(found!.id, {
      'tweet.fields': ['referenced_tweets'],
    });
    expect(shown.data.referenced_tweets).toEqual([{ type: 'quoted', id: of.id }]);
    const elsewhere = await publisher.prepare(
      request(publisher, text, { relation: { as: 'quote', of: other }, media }),
      signal,
    );
    expect(await publisher.lookUp(elsewhere, { sentAt: Date.now(), signal })).toBeUndefined();
  }
});

test('a text that ends with the link of a post is found although X makes a quote of it', () => {
  const link = 'https://x.com/me/status/7';
  const post = parseXPost({
    id: '20',
    text: 'look https://t.co/q',
    entities: { urls: [{ url: 'https://t.co/q', expanded_url: link }] },
    referenced_tweets: [{ type: 'quoted', id: '7' }],
  });
  expect(findMatches([post!], { text: `look ${link}`, mediaCount: 0 })).toEqual([post]);
  expect(findMatches([post!], { text: 'look', mediaCount: 0 })).toEqual([]);
});

test('reposts once however often it is told to, and the receipt is that of the original', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.x);
  const publisher = await openTestPublisher(account(proxy.url));
  const { receipt: of } = await send(publisher, 'passed on');
  const before = (await reposts(of)) ?? 0;
  const payload: unknown = JSON.parse(
    JSON.stringify(
      await publisher.prepare(request(publisher, '', { relation: { as: 'repost', of } }), signal),
    ),
  );
  expect(publisher.reconciling(payload)).toEqual({
    repeatFor: Infinity,
    looks: 0,
    whenAbsent: 'send',
  });
  proxy.fail(/POST \/2\/users/, 'drop');
  expect((await failureOf(publisher.publish(payload, { signal, mayOpen }))).kind).toBe('unknown');
  expect(await publisher.lookUp(payload, { sentAt: Date.now(), signal })).toBeUndefined();
  for (let i = 0; i < 2; i++)
    expect(await publisher.publish(payload, { signal, mayOpen })).toMatchObject({
      id: of.id,
      url: of.url,
    });
  expect(await reposts(of)).toBe(before + 1);
  await xClient(sandbox.baseUrls.x).v2.deleteTweet(of.id);
  expect(await failureOf(publisher.publish(payload, { signal, mayOpen }))).toMatchObject({
    kind: 'refused',
    isRelationRefused: true,
  });
});

test('an answer that does not say whether it reposted is not taken for a repost', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.x);
  const publisher = await openTestPublisher(account(proxy.url));
  const { receipt: of } = await send(publisher, 'perhaps passed on');
  const payload = await publisher.prepare(
    request(publisher, '', { relation: { as: 'repost', of } }),
    signal,
  );
  proxy.fail(/retweets/, {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: '{"data":{}}',
  });
  expect((await failureOf(publisher.publish(payload, { signal, mayOpen }))).kind).toBe('unknown');
});

test('tells when X refuses the relation alone, and when it refuses the post', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.x);
  const publisher = await openTestPublisher(account(proxy.url));
  const { receipt: of } = await send(publisher, 'a beginning');
  const relations = {
    quote: { as: 'quote', of },
    reply: { as: 'reply', conversation: [of] },
    repost: { as: 'repost', of },
  } satisfies Record<string, Relation>;
  const problem = (status: number, detail: string) => ({
    status,
    headers: { 'content-type': 'application/problem+json' },
    body: JSON.stringify({ title: 'x', detail, type: 'about:blank', status }),
  });
  const generic = 'You are not permitted to perform this action.';
  const cases = [
    [
      'reply',
      problem(403, 'Reply to this conversation is not allowed because you have not been mentioned'),
      true,
    ],
    ['reply', problem(403, generic), true],
    ['quote', problem(403, generic), true],
    ['quote', problem(400, 'The `quote_tweet_id` is invalid'), true],
    ['quote', problem(400, 'Your Post text is too long'), false],
    ['repost', problem(403, generic), true],
    [undefined, problem(403, generic), false],
  ] as const;
  for (const [as, fault, isRelationRefused] of cases) {
    const before = as === 'reply' ? [of] : [];
    const payload = await publisher.prepare(
      request(publisher, `related ${as}`, { before, ...(as ? { relation: relations[as] } : {}) }),
      signal,
    );
    proxy.fail(/POST \/2\/(tweets|users)/, fault);
    const error = await failureOf(publisher.publish(payload, { signal, mayOpen }));
    expect([as, fault.body, error.kind, error.isRelationRefused]).toEqual([
      as,
      fault.body,
      'refused',
      isRelationRefused,
    ]);
    expect(error.message).toMatch(/^X answered 40\d: /);
  }
});

test('only the first part of a thread that follows another post is refused for the relation', async () => {
  const publisher = await openTestPublisher(account());
  const { receipt: of } = await send(publisher, 'the first of many');
  const relation: Relation = { as: 'quote', of };
  const first = await send(publisher, 'one', { relation });
  const second = await send(publisher, 'two', { relation, index: 1, before: [first.receipt] });
  expect(first.payload).toMatchObject({
    body: { text: 'one', quote_tweet_id: of.id },
    relation: 'quote',
  });
  expect(second.payload).toEqual({
    body: { text: 'two', reply: { in_reply_to_tweet_id: first.receipt.id } },
    handle: 'dripline',
    isContinuation: true,
  });
});
