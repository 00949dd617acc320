import { afterAll, beforeAll, expect, test as plainTest } from 'vitest';
import type { MastodonAccount } from '../../src/core/network/account.ts';
import type { Receipt } from '../../src/core/post/message.ts';
import { defaultPeople, type Sandbox } from '../../src/sandbox/open-sandbox.ts';
import { openFaultProxy } from '../peers/fault-proxy.ts';
import { peerOrSkip } from '../peers/peer-or-skip.ts';
import { howToGetSnac, openSnac } from '../peers/snac.ts';
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

const { peer: snac, test: testOnSnac } = peerOrSkip(await openSnac(), howToGetSnac);
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openTestSandbox({ clock: wallClock });
});
afterAll(async () => {
  await sandbox.close();
  await snac?.[Symbol.asyncDispose]();
});

const onSnac = (more: Partial<MastodonAccount> = {}): MastodonAccount => ({
  name: 'masto',
  network: 'mastodon',
  baseUrl: snac?.url ?? '',
  token: snac?.token ?? '',
  ...more,
});
const onSandbox = (more: Partial<MastodonAccount> = {}): MastodonAccount => ({
  name: 'masto',
  network: 'mastodon',
  baseUrl: sandbox.baseUrls.mastodon,
  token: defaultPeople[2].token,
  ...more,
});

async function read({ baseUrl, token }: MastodonAccount, path: string): Promise<any> {
  return (
    await fetch(`${baseUrl}/api/v1/${path}`, {
      headers: { authorization: `Bearer ${token}`, connection: 'close' },
    })
  ).json();
}

// snac2 of 2025 takes every unlisted post for a public one.
const servers = [
  ['snac2', testOnSnac, onSnac, 'public'],
  ['the sandbox', plainTest, onSandbox, 'unlisted'],
] as const;
for (const [name, test, account, visibility] of servers) {
  test(`publishes text, warning, visibility and a picture to ${name}`, async () => {
    const publisher = await openTestPublisher(account());
    const { receipt } = await send(publisher, 'Grüße & mehr https://example.com/a', {
      cw: 'Careful',
      visibility,
      lang: 'de',
      media: [await makePicture(publisher, 'Red over blue')],
    });
    const status = await read(account(), `statuses/${receipt.id}`);
    expect(status).toMatchObject({
      spoiler_text: 'Careful',
      sensitive: true,
      visibility,
      url: receipt.url,
    });
    expect(status.media_attachments).toMatchObject([{ description: 'Red over blue' }]);
    const picture = await fetch(status.media_attachments[0].url);
    expect(await faultsOf(Buffer.from(await picture.arrayBuffer()))).toEqual([]);
    expect((await publisher.timeline({ limit: 1 }, signal))[0]).toMatchObject({
      id: receipt.id,
      text: 'Grüße & mehr https://example.com/a',
    });
  });

  test(`keeps a thread in order on ${name}`, async () => {
    const publisher = await openTestPublisher(account());
    const receipts: Receipt[] = [];
    for (const index of [0, 1, 2])
      receipts.push(
        (await send(publisher, `part ${index} of ${name}`, { index, before: [...receipts] }))
          .receipt,
      );
    for (const [index, { id }] of receipts.entries())
      expect((await read(account(), `statuses/${id}`)).in_reply_to_id).toBe(
        receipts[index - 1]?.id ?? null,
      );
  });

  test(`finds a post on ${name} after the connection was cut, and none that never arrived`, async () => {
    await using proxy = await openFaultProxy(account().baseUrl);
    const publisher = await openTestPublisher(account({ baseUrl: proxy.url }));
    const { receipt: first } = await send(publisher, `the first on ${name}`);
    for (const [fault, isThere] of [
      ['drop', true],
      ['truncate', true],
      ['reset', false],
    ] as const) {
      for (const before of [[], [first]]) {
        // A mention would send snac2 out into the world to find its owner.
        const draft = {
          before,
          media: fault === 'drop' ? [await makePicture(publisher, 'x')] : [],
        };
        const payload = await publisher.prepare(
          request(
            publisher,
            `cut by ${fault} <more> *twice* ${name === 'snac2' ? '' : '@user@example.com'} #tag\n\nhttps://example.com/?a=b&c`,
            draft,
          ),
          signal,
        );
        proxy.fail(/POST \/api\/v1\/statuses/, fault);
        expect([
          fault,
          (await failureOf(publisher.publish(payload, { signal, mayOpen }))).kind,
        ]).toEqual([fault, 'unknown']);
        const found = await publisher.lookUp(payload, { sentAt: Date.now(), signal });
        expect([fault, before.length, found !== undefined]).toEqual([
          fault,
          before.length,
          isThere,
        ]);
        if (found)
          expect((await read(account(), `statuses/${found.id}`)).in_reply_to_id).toBe(
            before[0]?.id ?? null,
          );
      }
    }
  });

  test(`says who it is on ${name}, and that a wrong token is signed out`, async () => {
    const identity = await (await openTestPublisher(account())).identify(signal);
    expect(identity.handle).toMatch(/^\w+@[\w.:]+$/);
    const error = await failureOf(
      (await openTestPublisher(account({ token: 'wrong-secret' }))).identify(signal),
    );
    expect([error.kind, error.message.includes('wrong-secret')]).toEqual(['signed-out', false]);
    expect(
      (await failureOf(send(await openTestPublisher(account({ token: 'wrong-secret' })), 'no')))
        .kind,
    ).toBe('signed-out');
  });
}

testOnSnac(
  'reads the limits of a server that has only the old endpoint, and does not trust its keys',
  async () => {
    const publisher = await openTestPublisher(onSnac());
    const { text, media } = await publisher.limits(signal);
    expect([text.max, text.urlLength, media.maxCount]).toEqual([100_000, undefined, 4]);
    expect(publisher.reconciling()).toEqual({ repeatFor: -1, looks: 2, whenAbsent: 'send' });
  },
);

plainTest(
  "reads Mastodon's limits, and repeats within the hour of its keys without posting twice",
  async () => {
    const publisher = await openTestPublisher(onSandbox());
    expect((await publisher.limits(signal)).text).toEqual({
      max: 500,
      unit: 'grapheme',
      urlLength: 23,
      shortensMentions: true,
      countsWarning: true,
    });
    expect(publisher.reconciling()).toEqual({
      repeatFor: 55 * 60_000,
      looks: 2,
      whenAbsent: 'send',
    });
    const { payload, receipt } = await send(publisher, 'once');
    expect((await publisher.publish(payload, { signal, mayOpen })).id).toBe(receipt.id);
    expect(sandbox.accepted().filter(({ text }) => text === 'once').length).toBe(1);
  },
);

plainTest('does not take a server that does not answer for one with other limits', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.mastodon);
  const publisher = await openTestPublisher(onSandbox({ baseUrl: proxy.url }));
  proxy.fail(/v2\/instance/, {
    status: 502,
    headers: { 'content-type': 'text/html' },
    body: '<h1>Bad</h1>',
  });
  expect((await failureOf(publisher.limits(signal))).kind).toBe('not-sent');
  expect((await publisher.limits(signal)).text.urlLength).toBe(23);
  proxy.fail(/v2\/instance/, 'reset');
  expect((await publisher.limits(signal)).text.urlLength).toBe(23);
});

plainTest('takes no answer but a timeline for a timeline without the post', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.mastodon);
  const publisher = await openTestPublisher(onSandbox({ baseUrl: proxy.url }));
  const { payload } = await send(publisher, 'it stands');
  for (const body of ['{}', 'null', '{"error":"soon"}']) {
    proxy.fail(/accounts\/\w+\/statuses/, {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect([
      body,
      (await failureOf(publisher.lookUp(payload, { sentAt: Date.now(), signal }))).kind,
    ]).toEqual([body, 'not-sent']);
  }
  expect((await publisher.lookUp(payload, { sentAt: Date.now(), signal }))?.id).toBeTruthy();
});

plainTest('says not-sent where nobody listens', async () => {
  const publisher = await openTestPublisher(onSandbox({ baseUrl: 'http://127.0.0.1:1' }));
  expect((await failureOf(publisher.limits(signal))).kind).toBe('not-sent');
  expect((await failureOf(publisher.identify(signal))).kind).toBe('not-sent');
});

plainTest('takes a server with versions of its own for no Mastodon', async () => {
  for (const [version, repeatFor] of [
    ['4.3.2+glitch', 55 * 60_000],
    ['0.20.1+git-1', -1],
    ['4.4.0 (compatible; Hollo 0.6)', -1],
  ] as const) {
    await using proxy = await openFaultProxy(sandbox.baseUrls.mastodon);
    proxy.fail(/v2\/instance/, {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ version }),
    });
    const publisher = await openTestPublisher(onSandbox({ baseUrl: proxy.url }));
    await publisher.limits(signal);
    expect([version, publisher.reconciling().repeatFor]).toEqual([version, repeatFor]);
  }
});

plainTest(
  'tells apart what was not sent, what may have landed, what is refused and what has to wait',
  async () => {
    await using proxy = await openFaultProxy(sandbox.baseUrls.mastodon);
    const publisher = await openTestPublisher(onSandbox({ baseUrl: proxy.url }), {
      timeoutFor: 1000,
    });
    const payload = await publisher.prepare(request(publisher, 'errors'), signal);
    const publish = () => failureOf(publisher.publish(payload, { signal, mayOpen }));
    const json = { 'content-type': 'application/json; charset=utf-8' };
    const html = { 'content-type': 'text/html' };
    const cases = [
      [{ status: 502, headers: html, body: '<h1>Bad gateway</h1>' }, 'unknown'],
      [
        { status: 503, headers: json, body: '{"error":"There was a temporary problem"}' },
        'unknown',
      ],
      [{ status: 504, body: '' }, 'unknown'],
      [{ status: 200, headers: html, body: '<h1>Hi</h1>' }, 'unknown'],
      [{ status: 200, headers: json, body: '{"id":' }, 'unknown'],
      [{ status: 200, headers: json, body: '{}' }, 'unknown'],
      [{ status: 422, headers: json, body: '{"error":"Validation failed: too long"}' }, 'refused'],
      [{ status: 400, headers: json, body: '{"error":"Bad Request"}' }, 'refused'],
      [{ status: 413, headers: html, body: '<h1>Too large</h1>' }, 'wait'],
      [{ status: 404, headers: json, body: '{"error":"Record not found"}' }, 'refused'],
      [
        { status: 401, headers: json, body: '{"error":"The access token is invalid"}' },
        'signed-out',
      ],
      [{ status: 401, headers: html, body: '<h1>Unauthorized</h1>' }, 'wait'],
      [
        {
          status: 403,
          headers: json,
          body: '{"error":"This action is outside the authorized scopes"}',
        },
        'signed-out',
      ],
      [{ status: 408, headers: html, body: '' }, 'wait'],
      ['hang', 'unknown'],
    ] as const;
    for (const [fault, kind] of cases) {
      proxy.fail(/POST \/api\/v1\/statuses/, fault);
      const error = await publish();
      expect([fault, error.kind, error.message]).toEqual([
        fault,
        kind,
        expect.stringMatching(/^(Mastodon answered|the connection to Mastodon)/),
      ]);
      expect(error.message).not.toContain('<');
    }
    const resetAt = new Date(Math.ceil(Date.now() / 1000) * 1000 + 90_000);
    proxy.fail(/POST \/api\/v1\/statuses/, {
      status: 429,
      headers: { ...json, 'x-ratelimit-reset': resetAt.toISOString() },
      body: '{"error":"Too many requests"}',
    });
    expect(await publish()).toMatchObject({ kind: 'wait', until: resetAt.getTime() + 1000 });
    proxy.fail(/POST \/api\/v1\/statuses/, { status: 429, headers: html, body: 'slow down' });
    expect((await publish()).until).toBeGreaterThan(Date.now() + 60_000);
  },
);

plainTest('says so when a server took a post and dropped it without a word', async () => {
  await using proxy = await openFaultProxy(sandbox.baseUrls.mastodon);
  const publisher = await openTestPublisher(onSandbox({ baseUrl: proxy.url }));
  const gone = {
    status: 404,
    headers: { 'content-type': 'application/json' },
    body: '{"error":"Record not found"}',
  };
  for (const nth of [1, 1]) proxy.fail(/GET \/api\/v1\/statuses\/\w+/, gone, nth);
  const error = await failureOf(send(publisher, 'dropped'));
  expect([error.kind, error.message]).toEqual(['unknown', expect.stringContaining('spam filter')]);
  proxy.fail(/GET \/api\/v1\/statuses\/\w+/, gone);
  expect((await send(publisher, 'a copy that lags behind')).receipt.id).toBeTruthy();
});

plainTest('does not send when its claim has run out', async () => {
  const publisher = await openTestPublisher(onSandbox());
  const payload = await publisher.prepare(request(publisher, 'never'), signal);
  const refusal = new Error('no longer ours');
  await expect(
    publisher.publish(payload, {
      signal,
      mayOpen: () => {
        throw refusal;
      },
    }),
  ).rejects.toBe(refusal);
  expect(await publisher.lookUp(payload, { sentAt: Date.now(), signal })).toBeUndefined();
});
