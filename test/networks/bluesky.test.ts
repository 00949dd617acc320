import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BlueskyAccount } from '../../src/core/network/account.ts';
import type { Receipt } from '../../src/core/post/message.ts';
import { guardedGet } from '../../src/io/guarded-get.ts';
import { defaultPeople } from '../../src/sandbox/open-sandbox.ts';
import { openTestSandbox } from '../sandbox/clients.ts';
import { openFaultProxy } from '../peers/fault-proxy.ts';
import { openPds, type Pds } from '../peers/pds.ts';
import {
  failureOf,
  faultsOf,
  makePicture,
  mayOpen,
  newFolder,
  openTestPublisher,
  request,
  send,
  signal,
  wallClock,
} from './kit.ts';

let pds: Pds;
let person: Awaited<ReturnType<Pds['createAccount']>>;
beforeAll(async () => {
  pds = await openPds();
  person = await pds.createAccount();
});
afterAll(() => pds[Symbol.asyncDispose]());

function account(more: Partial<BlueskyAccount> = {}): BlueskyAccount {
  return {
    name: 'bsky',
    network: 'bluesky',
    baseUrl: pds.url,
    handle: person.handle,
    password: person.password,
    isPinned: true,
    ...more,
  };
}

async function read(id: string): Promise<{ value: Record<string, any>; cid?: string | undefined }> {
  const [repo = '', collection = '', rkey = ''] = id.slice('at://'.length).split('/');
  const { data } = await person.agent.com.atproto.repo.getRecord({ repo, collection, rkey });
  return { value: JSON.parse(JSON.stringify(data.value)) as Record<string, any>, cid: data.cid };
}

async function countPosts(): Promise<number> {
  const { data } = await person.agent.com.atproto.repo.listRecords({
    repo: person.did,
    collection: 'app.bsky.feed.post',
    limit: 100,
  });
  return data.records.length;
}

async function blob(link: string): Promise<Buffer> {
  const { data } = await person.agent.com.atproto.sync.getBlob({ did: person.did, cid: link });
  return Buffer.from(data);
}

test('publishes a text with its language, its labels and the instant of the release', async () => {
  const publisher = await openTestPublisher(account());
  const createdAt = Date.parse('2024-11-24T08:00:00Z');
  const { receipt } = await send(publisher, 'Grüße', {
    lang: 'de',
    labels: ['graphic-media'],
    createdAt,
  });
  const { value, cid } = await read(receipt.id);
  expect(value).toEqual({
    $type: 'app.bsky.feed.post',
    text: 'Grüße',
    createdAt: '2024-11-24T08:00:00.000Z',
    langs: ['de'],
    labels: { $type: 'com.atproto.label.defs#selfLabels', values: [{ val: 'graphic-media' }] },
  });
  expect(receipt).toMatchObject({
    cid,
    url: `https://bsky.app/profile/${person.handle}/post/${receipt.id.split('/').at(-1)}`,
  });
});

test('marks links, tags and mentions by their bytes, and leaves a mention of nobody plain', async () => {
  const publisher = await openTestPublisher(account());
  const text = `👨‍👩‍👧 é https://example.com/a #tag @${person.handle} @nobody-here.test`;
  const { receipt } = await send(publisher, text);
  const { value } = await read(receipt.id);
  const bytes = Buffer.from(text);
  const marked = (value.facets as any[]).map(({ index, features }) => [
    bytes.toString('utf8', index.byteStart, index.byteEnd),
    features[0].$type.split('#')[1],
    features[0].did,
  ]);
  expect(marked).toEqual(
    [
      [`@${person.handle}`, 'mention', person.did],
      ['https://example.com/a', 'link', undefined],
      ['#tag', 'tag', undefined],
    ].sort((a, b) => text.indexOf(String(a[0])) - text.indexOf(String(b[0]))),
  );
});

test('marks mentions in quotation marks, brackets and texts without blanks', async () => {
  const publisher = await openTestPublisher(account());
  const at = `@${person.handle}`;
  const { receipt } = await send(
    publisher,
    `感谢${at}さん “${at}” [${at}] mail${at} https://a.com/${at}`,
  );
  const { value } = await read(receipt.id);
  const marks = (value.facets as any[]).map(({ features }) => features[0].$type.split('#')[1]);
  expect(marks.sort()).toEqual(['link', 'mention', 'mention', 'mention']);
});

test('keeps a thread in order, each part answering the one before and all the first', async () => {
  const publisher = await openTestPublisher(account());
  const createdAt = Date.now();
  const receipts: Receipt[] = [];
  for (const index of [0, 1, 2])
    receipts.push(
      (await send(publisher, `part ${index}`, { index, createdAt, before: [...receipts] })).receipt,
    );
  const [first, second, third] = receipts;
  const { value } = await read(third?.id ?? '');
  expect(value.reply).toEqual({
    root: { uri: first?.id, cid: first?.cid },
    parent: { uri: second?.id, cid: second?.cid },
  });
  expect(
    (await publisher.timeline({ limit: 3 }, signal)).map(({ text, inReplyTo }) => [
      text,
      inReplyTo,
    ]),
  ).toEqual([
    ['part 2', second?.id],
    ['part 1', first?.id],
    ['part 0', undefined],
  ]);
  expect(receipts.map(({ id }) => id).sort()).toEqual(receipts.map(({ id }) => id));
});

test('uploads pictures upright, without EXIF, with alt text and aspect ratio', async () => {
  const publisher = await openTestPublisher(account());
  const { receipt } = await send(publisher, 'look', {
    media: [await makePicture(publisher, 'Red over blue')],
    card: 'https://example.com/',
  });
  const { embed } = (await read(receipt.id)).value;
  expect(embed).toMatchObject({
    $type: 'app.bsky.embed.images',
    images: [{ alt: 'Red over blue', aspectRatio: { width: 20, height: 40 } }],
  });
  expect(await faultsOf(await blob(embed.images[0].image.ref.$link))).toEqual([]);
});

test('makes a link card from what the page says, with a picture that fits', async () => {
  const large = await sharp({
    create: {
      width: 1500,
      height: 1000,
      channels: 3,
      background: 'red',
      noise: { type: 'gaussian', mean: 128, sigma: 80 },
    },
  })
    .png()
    .toBuffer();
  expect(large.length).toBeGreaterThan(1_000_000);
  const server = createServer((incoming, outgoing) => {
    if (incoming.url === '/og.png')
      return void outgoing.writeHead(200, { 'content-type': 'image/png' }).end(large);
    outgoing
      .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      .end(
        '<html><head><title>Plain</title><meta property="og:title" content="Grüße &amp; more"><meta name="description" content="What\n it is"><meta property="og:image" content="/og.png"></head><body><meta property="og:title" content="no"></body></html>',
      );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/page`;
  const publisher = await openTestPublisher(account(), {
    guardedGet: (address, options) => guardedGet(address, { ...options, allowLoopback: true }),
  });
  const { external } = (await read((await send(publisher, 'card', { card: url })).receipt.id)).value
    .embed;
  expect(external).toMatchObject({ uri: url, title: 'Grüße & more', description: 'What it is' });
  expect(external.thumb.size).toBeLessThanOrEqual(950_000);
  server.close();
});

test('gives a card with the host for its title where the page cannot be read', async () => {
  const publisher = await openTestPublisher(account());
  const { embed } = (
    await read((await send(publisher, 'card', { card: 'http://127.0.0.1:1/secret' })).receipt.id)
  ).value;
  expect(embed.external).toEqual({
    uri: 'http://127.0.0.1:1/secret',
    title: '127.0.0.1:1',
    description: '',
  });
});

test('lands once however often the same payload is published, and also when it was edited in between', async () => {
  const publisher = await openTestPublisher(account());
  const before = await countPosts();
  const { payload, receipt } = await send(publisher, 'once');
  const again = await Promise.all(
    [1, 2, 3].map(() => publisher.publish(payload, { signal, mayOpen })),
  );
  expect(again.map(({ id, cid }) => [id, cid])).toEqual(
    [1, 2, 3].map(() => [receipt.id, receipt.cid]),
  );
  const rkey = receipt.id.split('/').at(-1) ?? '';
  const { value } = await read(receipt.id);
  await person.agent.com.atproto.repo.putRecord({
    repo: person.did,
    collection: 'app.bsky.feed.post',
    rkey,
    record: { ...value, text: 'edited' },
  });
  expect((await publisher.publish(payload, { signal, mayOpen })).id).toBe(receipt.id);
  expect((await read(receipt.id)).value.text).toBe('edited');
  expect(await countPosts()).toBe(before + 1);
});

test('makes the same record key for the same seed and instant, and another for another seed', async () => {
  const publisher = await openTestPublisher(account());
  const [a, b, c] = (await Promise.all(
    ['s1', 's1', 's2'].map((seed) =>
      publisher.prepare(request(publisher, 'x', { seed, createdAt: 1_800_000_000_000 }), signal),
    ),
  )) as { rkey: string }[];
  expect(a?.rkey).toMatch(/^[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}$/);
  expect([a?.rkey === b?.rkey, a?.rkey === c?.rkey]).toEqual([true, false]);
});

test('finds a post after the connection was cut, and does not find one that never arrived', async () => {
  await using proxy = await openFaultProxy(pds.url);
  const publisher = await openTestPublisher(account({ baseUrl: proxy.url }));
  for (const [fault, isThere] of [
    ['drop', true],
    ['truncate', true],
    ['reset', false],
  ] as const) {
    const payload = await publisher.prepare(request(publisher, `cut by ${fault}`), signal);
    proxy.fail(/putRecord/, fault);
    expect([
      fault,
      (await failureOf(publisher.publish(payload, { signal, mayOpen }))).kind,
    ]).toEqual([fault, 'unknown']);
    const found = await publisher.lookUp(payload, { sentAt: Date.now(), signal });
    expect([fault, found !== undefined]).toEqual([fault, isThere]);
    if (found) expect((await read(found.id)).cid).toBe(found.cid);
  }
});

test('tells apart what was not sent, what may have landed, what is refused and what has to wait', async () => {
  await using proxy = await openFaultProxy(pds.url);
  const publisher = await openTestPublisher(account({ baseUrl: proxy.url }), { timeoutFor: 1000 });
  const payload = await publisher.prepare(request(publisher, 'errors'), signal);
  const publish = () => failureOf(publisher.publish(payload, { signal, mayOpen }));
  const reset = Math.floor(Date.now() / 1000) + 120;
  const json = { 'content-type': 'application/json' };
  const cases = [
    [{ status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad</h1>' }, 'unknown'],
    [{ status: 503, body: '' }, 'unknown'],
    [{ status: 500, headers: json, body: '{"error":"InternalServerError"}' }, 'unknown'],
    [{ status: 403, headers: { 'content-type': 'text/html' }, body: '<h1>Proxy</h1>' }, 'wait'],
    [{ status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>Hi</h1>' }, 'unknown'],
    [{ status: 200, headers: json, body: '{"uri":' }, 'unknown'],
    [{ status: 400, headers: json, body: '{"error":"InvalidRequest","message":"no"}' }, 'refused'],
    [{ status: 400, headers: json, body: '{"error":"BlobNotFound","message":"gone"}' }, 'not-sent'],
    ['hang', 'unknown'],
  ] as const;
  for (const [fault, kind] of cases) {
    proxy.fail(/putRecord/, fault);
    const error = await publish();
    expect([
      fault,
      error.kind,
      error.message.startsWith('Bluesky') || error.message.startsWith('the connection to Bluesky'),
    ]).toEqual([fault, kind, true]);
  }
  proxy.fail(/putRecord/, {
    status: 429,
    headers: { ...json, 'ratelimit-reset': String(reset) },
    body: '{"error":"RateLimitExceeded"}',
  });
  expect(await publish()).toMatchObject({ kind: 'wait', until: reset * 1000 + 1000 });
  proxy.fail(/putRecord/, {
    status: 429,
    headers: { ...json, 'ratelimit-reset': String(reset), 'retry-after': '30' },
    body: '{"error":"RateLimitExceeded"}',
  });
  expect((await publish()).until).toBeLessThan(Date.now() + 31_000);
  expect((await publisher.publish(payload, { signal, mayOpen })).id).toContain(person.did);
});

test('refuses a text that the server finds too long, in its words', async () => {
  const error = await failureOf(
    openTestPublisher(account()).then((publisher) => send(publisher, 'a'.repeat(301))),
  );
  expect([error.kind, error.message]).toEqual([
    'refused',
    expect.stringMatching(/^Bluesky answered 400: .*300/),
  ]);
});

test('says not-sent when nobody listens, and when its claim has run out', async () => {
  const publisher = await openTestPublisher(account({ baseUrl: 'http://127.0.0.1:1' }));
  expect((await failureOf(publisher.identify(signal))).kind).toBe('not-sent');
  const good = await openTestPublisher(account());
  const payload = await good.prepare(request(good, 'never'), signal);
  const refusal = new Error('no longer ours');
  await expect(
    good.publish(payload, {
      signal,
      mayOpen: () => {
        throw refusal;
      },
    }),
  ).rejects.toBe(refusal);
  expect(await good.lookUp(payload, { sentAt: Date.now(), signal })).toBeUndefined();
});

test('asks whether it may send last of all, right before the request', async () => {
  await using proxy = await openFaultProxy(pds.url);
  const publisher = await openTestPublisher(account({ baseUrl: proxy.url }));
  const payload = await publisher.prepare(request(publisher, 'last'), signal);
  let asked = 0;
  await publisher.publish(payload, {
    signal,
    mayOpen: () => {
      asked += 1;
      expect(proxy.asked.some((line) => line.includes('putRecord'))).toBe(false);
    },
  });
  expect(asked).toBe(1);
});

test('keeps its session for the owner alone, and goes on with it instead of logging in again', async () => {
  await using proxy = await openFaultProxy(pds.url);
  const dataFolder = newFolder();
  const options = { dataFolder };
  const mine = account({ baseUrl: proxy.url });
  const identity = await (await openTestPublisher(mine, options)).identify(signal);
  expect(identity).toMatchObject({ id: person.did, handle: person.handle });
  expect(Math.abs(identity.skew ?? 99_999)).toBeLessThan(2000);
  const file = join(dataFolder, 'sessions', 'bsky.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).not.toContain(person.password);
  await (await openTestPublisher(mine, options)).identify(signal);
  expect(proxy.asked.filter((line) => line.includes('createSession')).length).toBe(1);
  // An expired token is renewed without a login; a session that is gone for good costs one.
  proxy.fail(/getSession/, {
    status: 400,
    headers: { 'content-type': 'application/json' },
    body: '{"error":"ExpiredToken"}',
  });
  await (await openTestPublisher(mine, options)).identify(signal);
  expect(proxy.asked.filter((line) => line.includes('createSession')).length).toBe(1);
  proxy.fail(/getSession/, {
    status: 401,
    headers: { 'content-type': 'application/json' },
    body: '{"error":"ExpiredToken"}',
  });
  proxy.fail(/refreshSession/, {
    status: 401,
    headers: { 'content-type': 'application/json' },
    body: '{"error":"ExpiredToken"}',
  });
  await (await openTestPublisher(mine, options)).identify(signal);
  expect(proxy.asked.filter((line) => line.includes('createSession')).length).toBe(2);
});

test('does not hammer the login with a wrong password, nor show it', async () => {
  await using proxy = await openFaultProxy(pds.url);
  let now = Date.now();
  const dataFolder = newFolder();
  const publisher = await openTestPublisher(
    account({ baseUrl: proxy.url, password: 'wrong-secret' }),
    { dataFolder, clock: { ...wallClock, now: () => now } },
  );
  for (let i = 0; i < 3; i += 1) {
    const error = await failureOf(publisher.identify(signal));
    expect(error.kind).toBe('signed-out');
    expect(error.message).toMatch(/^Bluesky answered 401/);
    expect(error.message).not.toContain('wrong-secret');
  }
  expect(proxy.asked.filter((line) => line.includes('createSession')).length).toBe(1);
  now += 11 * 60_000;
  await failureOf(publisher.identify(signal));
  expect(proxy.asked.filter((line) => line.includes('createSession')).length).toBe(2);
  expect(existsSync(join(dataFolder, 'sessions', 'bsky.json'))).toBe(false);
});

test('stays on its host when that was written down, and else follows the DID document, also after a restart', async () => {
  await using proxy = await openFaultProxy(pds.url);
  const { data } = await person.agent.com.atproto.server.createSession({
    identifier: person.handle,
    password: person.password,
  });
  const service = [
    { id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: pds.url },
  ];
  const body = JSON.stringify({
    ...data,
    didDoc: { '@context': ['https://www.w3.org/ns/did/v1'], id: person.did, service },
  });
  const countPuts = async (isPinned: boolean, dataFolder: string) => {
    proxy.fail(/createSession/, {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body,
    });
    const before = proxy.asked.length;
    await send(
      await openTestPublisher(account({ baseUrl: proxy.url, isPinned }), { dataFolder }),
      'where',
    );
    return proxy.asked.slice(before).filter((line) => line.includes('putRecord')).length;
  };
  const [pinned, free] = [newFolder(), newFolder()];
  expect([await countPuts(true, pinned), await countPuts(true, pinned)]).toEqual([1, 1]);
  expect([await countPuts(false, free), await countPuts(false, free)]).toEqual([0, 0]);
});

test('publishes a thread with a picture to the local network as well, once', async () => {
  await using sandbox = await openTestSandbox({ clock: wallClock });
  const { handle, password } = defaultPeople[1];
  const publisher = await openTestPublisher(
    account({ baseUrl: sandbox.baseUrls.bluesky, handle, password }),
  );
  const { payload, receipt } = await send(publisher, 'first https://example.com/', {
    media: [await makePicture(publisher, 'Red over blue')],
    lang: 'en',
  });
  await send(publisher, 'second', { index: 1, before: [receipt] });
  expect((await publisher.publish(payload, { signal, mayOpen })).cid).toBe(receipt.cid);
  expect(await publisher.lookUp(payload, { sentAt: 0, signal })).toMatchObject({
    id: receipt.id,
    cid: receipt.cid,
  });
  expect(
    sandbox.accepted().map(({ id, text, inReplyTo }) => [id === receipt.id, text, inReplyTo]),
  ).toEqual([
    [true, 'first https://example.com/', undefined],
    [false, 'second', receipt.id],
  ]);
});
