import { expect, test } from 'vitest';
import type { Network } from '../../src/core/network/network.ts';
import type { Misbehaviour, Sandbox } from '../../src/sandbox/open-sandbox.ts';
import {
  blueskyAgent,
  createClock,
  failureOf,
  mastodonClient,
  openTestSandbox,
  xClient,
} from './clients.ts';

/** Whether the post is there afterwards, though the client could not know. */
const outcomes: [Misbehaviour, boolean][] = [
  ['reset-before', false],
  ['reset-after-commit', true],
  ['truncate', true],
  ['html-502', false],
  ['html-502-after-commit', true],
  ['503', false],
  ['503-after-commit', true],
  ['429', false],
];

const publish: Record<Network, (sandbox: Sandbox) => Promise<unknown>> = {
  x: ({ baseUrls }) => xClient(baseUrls.x).v2.tweet('Hello'),
  bluesky: async ({ baseUrls }) => {
    const agent = await blueskyAgent(baseUrls.bluesky);
    return agent.com.atproto.repo.createRecord({
      repo: agent.assertDid,
      collection: 'app.bsky.feed.post',
      record: { text: 'Hello', createdAt: '2026-11-24T09:00:00Z' },
    });
  },
  mastodon: ({ baseUrls }) =>
    mastodonClient(baseUrls.mastodon).v1.statuses.create({ status: 'Hello' }),
};
const writes: Record<Network, string> = {
  x: '^POST /2/tweets$',
  bluesky: 'createRecord$',
  mastodon: '^POST /api/v1/statuses$',
};

for (const network of ['x', 'bluesky', 'mastodon'] as const) {
  test(`${network} loses answers before and after it has accepted a post`, async () => {
    for (const [how, isThere] of outcomes) {
      await using sandbox = await openTestSandbox();
      sandbox.misbehave({ network, route: writes[network], times: 1, how });
      const error = await failureOf(publish[network](sandbox));
      expect([how, error instanceof Error, sandbox.accepted().length]).toEqual([
        how,
        true,
        isThere ? 1 : 0,
      ]);
    }
  });
}

test('an answer of the wrong kind follows an accepted post', async () => {
  await using sandbox = await openTestSandbox();
  for (const network of ['x', 'bluesky', 'mastodon'] as const)
    sandbox.misbehave({ network, route: writes[network], how: 'html-200-after-commit' });
  expect(await publish.x(sandbox)).toContain('<html>');
  expect(await failureOf(publish.bluesky(sandbox))).toMatchObject({ status: 2 });
  expect(await publish.mastodon(sandbox)).toBeUndefined();
  expect(sandbox.accepted()).toHaveLength(3);
});

test('a hanging network never answers, accepted or not, and does not keep the sandbox from closing', async () => {
  for (const [how, count] of [
    ['hang', 0],
    ['hang-after-commit', 1],
  ] as const) {
    const sandbox = await openTestSandbox();
    sandbox.misbehave({ network: 'mastodon', route: writes.mastodon, how });
    const waiting = failureOf(publish.mastodon(sandbox));
    await expect
      .poll(() => sandbox.requests().find(({ route }) => route === 'POST /api/v1/statuses')?.count)
      .toBe(1);
    await sandbox.close();
    expect(await waiting).toBeInstanceOf(Error);
    expect(sandbox.accepted()).toHaveLength(count);
  }
});

test('a rule can be slow, hit every second request, and be undone', async () => {
  await using sandbox = await openTestSandbox();
  const masto = mastodonClient(sandbox.baseUrls.mastodon);
  const undo = sandbox.misbehave({ network: 'mastodon', route: /statuses/, every: 2, how: '503' });
  const tries = await Promise.allSettled(
    ['a', 'b', 'c', 'd'].map((status) => masto.v1.statuses.create({ status })),
  );
  expect(tries.filter(({ status }) => status === 'rejected')).toHaveLength(2);
  undo();
  sandbox.misbehave({ network: 'mastodon', how: 'slow', ms: 30, times: 1 });
  const began = performance.now();
  await masto.v1.statuses.create({ status: 'e' });
  expect(performance.now() - began).toBeGreaterThan(28);
  expect(sandbox.accepted()).toHaveLength(3);
});

test('429 and 503 carry the headers of each network, and a Date can be wrong', async () => {
  await using sandbox = await openTestSandbox();
  const { x, bluesky, mastodon } = sandbox.baseUrls;
  for (const network of ['x', 'bluesky', 'mastodon'] as const)
    sandbox.misbehave({ network, how: '429', times: 1 });
  const [ofX, ofBluesky, ofMastodon] = await Promise.all([
    fetch(`${x}/2/users/me`),
    fetch(`${bluesky}/xrpc/_health`),
    fetch(`${mastodon}/api/v2/instance`),
  ]);
  expect([ofX.status, ofBluesky.status, ofMastodon.status]).toEqual([429, 429, 429]);
  expect(ofX.headers.get('x-rate-limit-remaining')).toBe('0');
  expect(ofBluesky.headers.get('retry-after')).toBe('300');
  expect(ofMastodon.headers.get('x-ratelimit-reset')).toBe('2026-11-24T09:05:00.000Z');
  sandbox.misbehave({ network: 'mastodon', how: 'wrong-date', ms: -120_000 });
  expect((await fetch(`${mastodon}/api/v2/instance`)).headers.get('date')).toBe(
    'Tue, 24 Nov 2026 08:58:00 GMT',
  );
});

test('another process sets and clears rules over the page, and sees who was asked what', async () => {
  await using sandbox = await openTestSandbox({ clock: createClock() });
  const rule = (body: unknown, type = 'application/json') =>
    fetch(`${sandbox.page}/misbehave`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: JSON.stringify(body),
    });
  expect((await rule({ network: 'x', how: 'html-502' })).status).toBe(201);
  const wrong = await rule({ network: 'x', how: 'sulk' });
  expect([wrong.status, await wrong.json()]).toEqual([
    400,
    { error: expect.stringContaining('reset-after-commit') },
  ]);
  expect((await rule({ network: 'x', how: 'hang' }, 'text/plain')).status).toBe(415);
  expect((await fetch(`${sandbox.baseUrls.x}/2/users/me`)).status).toBe(502);
  await fetch(`${sandbox.page}/misbehave`, { method: 'DELETE' });
  expect((await fetch(`${sandbox.baseUrls.x}/2/users/me`)).status).toBe(401);
  const requests = await (await fetch(`${sandbox.page}/requests`)).json();
  expect(requests).toContainEqual({ network: 'x', route: 'GET /2/users/me', count: 2 });
});
