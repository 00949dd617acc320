import { afterAll, beforeAll, expect, test } from 'vitest';
import type { XAccount } from '../../src/core/network/account.ts';
import type { Receipt } from '../../src/core/post/message.ts';
import { findMatches, parseXPost, toInstant, toSnowflake } from '../../src/networks/x/match.ts';
import { defaultPeople, type Sandbox } from '../../src/sandbox/open-sandbox.ts';
import { openFaultProxy } from '../peers/fault-proxy.ts';
import { openTestSandbox } from '../sandbox/clients.ts';
import {
  failureOf,
  faultsOf,
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

const posted = (id: string) => sandbox.accepted().find((post) => post.id === id);

test('publishes a thread with a picture, signed with OAuth 1.0a', async () => {
  const publisher = await openTestPublisher(account({ site: sandbox.page }));
  const receipts: Receipt[] = [];
  for (const index of [0, 1, 2]) {
    const media = index === 0 ? [await makePicture(publisher, 'Red over blue')] : [];
    receipts.push(
      (
        await send(publisher, `part ${index} & https://example.com/${index}`, {
          index,
          media,
          before: [...receipts],
        })
      ).receipt,
    );
  }
  for (const [index, { id, url }] of receipts.entries()) {
    expect(posted(id)).toMatchObject({ text: `part ${index} & https://example.com/${index}`, url });
    expect(posted(id)?.inReplyTo).toBe(receipts[index - 1]?.id);
  }
  expect(await (await fetch(`${sandbox.page}/`)).text()).toContain('Red over blue');
  const file = /\/media\/[\w.-]+/.exec(await (await fetch(`${sandbox.page}/`)).text())?.[0];
  expect(
    await faultsOf(Buffer.from(await (await fetch(`${sandbox.page}${file}`)).arrayBuffer())),
  ).toEqual([]);
  expect(
    (await publisher.timeline({ limit: 5 }, signal)).slice(0, 3).map(({ id, text }) => [id, text]),
  ).toEqual(
    [2, 1, 0].map((index) => [receipts[index]?.id, `part ${index} & https://example.com/${index}`]),
  );
});

test('says who it is and how far the clock is off', async () => {
  const identity = await (await openTestPublisher(account())).identify(signal);
  expect(identity).toMatchObject({ handle: 'dripline', url: 'https://x.com/dripline' });
  expect(Math.abs(identity.skew ?? 99_999)).toBeLessThan(2000);
});

test('finds a post after the connection was cut, and none that never arrived, and leaves the rest to a person', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.x);
  const publisher = await openTestPublisher(account({ baseUrl: proxy.url }));
  expect(publisher.reconciling()).toEqual({ repeatFor: -1, looks: 2, whenAbsent: 'person' });
  const { receipt: first } = await send(publisher, 'the first');
  const html = { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad</h1>' };
  for (const [fault, isThere] of [
    ['drop', true],
    ['truncate', true],
    ['reset', false],
    [html, false],
  ] as const) {
    for (const before of [[], [first]]) {
      const media = fault === 'drop' ? [await makePicture(publisher, '')] : [];
      const cut = `cut by ${JSON.stringify(fault).slice(0, 14)} ${before.length}`;
      const text = `${cut} <b> & é 👋🏽 example.com and https://example.org/a?b=c&d=e#f`;
      const payload = await publisher.prepare(request(publisher, text, { before, media }), signal);
      proxy.fail(/POST \/2\/tweets/, fault);
      expect([
        fault,
        (await failureOf(publisher.publish(payload, { signal, mayOpen }))).kind,
      ]).toEqual([fault, 'unknown']);
      const found = await publisher.lookUp(payload, { sentAt: Date.now(), signal });
      expect([fault, before.length, found !== undefined]).toEqual([fault, before.length, isThere]);
      if (found) expect(posted(found.id)?.inReplyTo).toBe(before[0]?.id);
    }
  }
});

test('does not know whether a duplicate is its own, and finds it where it is', async () => {
  const publisher = await openTestPublisher(account());
  const { payload, receipt } = await send(publisher, 'said before');
  const error = await failureOf(publisher.publish(payload, { signal, mayOpen }));
  expect([error.kind, error.message]).toEqual([
    'unknown',
    expect.stringContaining('duplicate content'),
  ]);
  expect((await publisher.lookUp(payload, { sentAt: Date.now(), signal }))?.id).toBe(receipt.id);
  expect(
    await publisher.lookUp(payload, { sentAt: Date.now() + 6 * 60_000, signal }),
  ).toBeUndefined();
});

test('tells apart what was not sent, what may have landed, what is refused and what has to wait', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.x);
  const publisher = await openTestPublisher(account({ baseUrl: proxy.url }), { timeoutFor: 1000 });
  const payload = await publisher.prepare(request(publisher, 'errors'), signal);
  const publish = () => failureOf(publisher.publish(payload, { signal, mayOpen }));
  const json = { 'content-type': 'application/problem+json' };
  const problem = (status: number, detail: string, more = {}) => ({
    status,
    headers: json,
    body: JSON.stringify({ title: 'x', detail, type: 'about:blank', status, ...more }),
  });
  const cases = [
    [problem(400, 'bad'), 'refused'],
    [problem(403, 'You are not permitted to perform this action.'), 'refused'],
    [
      problem(403, 'Reply to this conversation is not allowed because you have not been mentioned'),
      'refused',
    ],
    [
      problem(
        403,
        'Your client app is not configured with the appropriate oauth1 app permissions',
        {
          type: 'https://api.twitter.com/2/problems/oauth1-permissions',
        },
      ),
      'signed-out',
    ],
    [
      {
        status: 403,
        headers: { 'content-type': 'application/json' },
        body: '{"errors":[{"code":326,"message":"To protect our users this account is locked"}]}',
      },
      'signed-out',
    ],
    [problem(401, 'Unauthorized'), 'signed-out'],
    [problem(402, 'Credits depleted'), 'wait'],
    [
      problem(403, 'Usage cap exceeded', {
        type: 'https://api.twitter.com/2/problems/usage-capped',
      }),
      'wait',
    ],
    [problem(500, 'oops'), 'unknown'],
    [problem(503, 'over capacity'), 'unknown'],
    [{ status: 403, headers: { 'content-type': 'text/html' }, body: '<h1>Proxy</h1>' }, 'wait'],
    [{ status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>Hi</h1>' }, 'unknown'],
    [
      { status: 201, headers: { 'content-type': 'application/json' }, body: '{"data":{"id":' },
      'unknown',
    ],
    [
      { status: 201, headers: { 'content-type': 'application/json' }, body: '{"data":{}}' },
      'unknown',
    ],
    ['hang', 'unknown'],
  ] as const;
  for (const [fault, kind] of cases) {
    proxy.fail(/POST \/2\/tweets/, fault);
    const error = await publish();
    expect([fault, error.kind, error.message]).toEqual([
      fault,
      kind,
      expect.stringMatching(/^(X answered|the connection to X)/),
    ]);
    expect(error.message).not.toMatch(/<|sandbox-(app|access)/);
    if (error.until !== undefined) expect(error.until).toBeGreaterThan(Date.now() + 59 * 60_000);
  }
});

test('waits for the window, or for the day where that is used up', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.x);
  const publisher = await openTestPublisher(account({ baseUrl: proxy.url }));
  const payload = await publisher.prepare(request(publisher, 'limits'), signal);
  const soon = Math.floor(Date.now() / 1000) + 300;
  const headers = {
    'content-type': 'application/json',
    'x-rate-limit-limit': '100',
    'x-rate-limit-remaining': '0',
    'x-rate-limit-reset': String(soon),
  };
  const fail = (more: Record<string, string>) =>
    proxy.fail(/POST \/2\/tweets/, {
      status: 429,
      headers: { ...headers, ...more },
      body: '{"title":"Too Many Requests"}',
    });
  fail({});
  expect(await failureOf(publisher.publish(payload, { signal, mayOpen }))).toMatchObject({
    kind: 'wait',
    // A header in whole seconds was cut off to them.
    until: soon * 1000 + 1000,
  });
  fail({
    'x-user-limit-24hour-limit': '100',
    'x-user-limit-24hour-remaining': '0',
    'x-user-limit-24hour-reset': String(soon + 3600),
  });
  expect(await failureOf(publisher.publish(payload, { signal, mayOpen }))).toMatchObject({
    kind: 'wait',
    until: (soon + 3600) * 1000 + 1000,
  });
});

test('says not-sent when nobody listens, when it is stopped before, and when its claim has run out', async () => {
  expect(
    (
      await failureOf(
        (await openTestPublisher(account({ baseUrl: 'http://127.0.0.1:1' }))).identify(signal),
      )
    ).kind,
  ).toBe('not-sent');
  expect(
    (
      await failureOf(
        (await openTestPublisher(account({ baseUrl: 'https://127.0.0.1:1' }))).identify(signal),
      )
    ).kind,
  ).toBe('not-sent');
  const publisher = await openTestPublisher(account());
  const payload = await publisher.prepare(request(publisher, 'never'), signal);
  expect(
    (await failureOf(publisher.publish(payload, { signal: AbortSignal.abort(), mayOpen }))).kind,
  ).toBe('not-sent');
  const refusal = new Error('no longer ours');
  await expect(
    publisher.publish(payload, {
      signal,
      mayOpen: () => {
        throw refusal;
      },
    }),
  ).rejects.toBe(refusal);
  expect(sandbox.accepted().some(({ text }) => text === 'never')).toBe(false);
});

test('stops in the middle of a request when it is told to', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.x);
  const publisher = await openTestPublisher(account({ baseUrl: proxy.url }));
  const payload = await publisher.prepare(request(publisher, 'stopped'), signal);
  const stop = new AbortController();
  proxy.fail(/POST \/2\/tweets/, 'hang-after');
  const outcome = failureOf(publisher.publish(payload, { signal: stop.signal, mayOpen }));
  await expect.poll(() => sandbox.accepted().some(({ text }) => text === 'stopped')).toBe(true);
  stop.abort();
  expect((await outcome).kind).toBe('unknown');
  expect(await publisher.lookUp(payload, { sentAt: Date.now(), signal })).toBeDefined();
});

test('reads posts in the names of 2023 and of 2026, and asks with the new ones where the old are refused', async () => {
  const urls = [
    { url: 'https://t.co/a', expanded_url: 'https://example.com/x' },
    { url: 'https://t.co/p', expanded_url: 'https://x.com/me/status/1/photo/1', media_key: '3_1' },
  ];
  const common = {
    id: toSnowflake(1_800_000_000_000),
    text: 'a &amp; b https://t.co/a https://t.co/p',
    entities: { urls },
    attachments: { media_keys: ['3_1'] },
  };
  for (const name of ['referenced_tweets', 'referenced_posts']) {
    const post = parseXPost({ ...common, [name]: [{ type: 'replied_to', id: '7' }] });
    expect(post).toEqual({
      id: common.id,
      at: 1_800_000_000_000,
      text: 'a & b https://example.com/x',
      inReplyTo: '7',
      mediaCount: 1,
    });
    expect(
      findMatches(post ? [post] : [], {
        text: 'a & b https://example.com/x',
        inReplyTo: '7',
        mediaCount: 1,
      }),
    ).toEqual([post]);
  }
  expect(toInstant('1234567890123456789')).toBe(
    Number((1234567890123456789n >> 22n) + 1288834974657n),
  );
  await using proxy = await openFaultProxy(sandbox.baseUrls.x);
  const publisher = await openTestPublisher(account({ baseUrl: proxy.url }));
  const { receipt } = await send(publisher, 'new names');
  proxy.fail(/tweet\.fields/, {
    status: 400,
    headers: { 'content-type': 'application/problem+json' },
    body: '{"title":"Invalid Request","detail":"The query parameter [tweet.fields] is not one of [...]"}',
  });
  expect((await publisher.timeline({ limit: 1 }, signal))[0]?.id).toBe(receipt.id);
});
