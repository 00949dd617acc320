import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { openPublicDoor } from '../../src/door/open-door.ts';
import { StoreError } from '../../src/ports/store.ts';
import { ask, firefox, makeLink, openDoorWorld } from './kit.ts';

const code = 'AbCdEf0123';

test('a link leads to its own address, for GET and HEAD alike, and nothing keeps it', async () => {
  await using world = await openDoorWorld();
  await world.store.addLinks([makeLink(code)]);
  for (const method of ['GET', 'HEAD']) {
    const { status, headers, body } = await world.get(`/l/${code}`, { method });
    expect([status, headers['location'], body]).toEqual([
      302,
      `https://shop.example/${code}?utm_source=x`,
      '',
    ]);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
    });
  }
  expect((await world.get(`/l/${code}?fbclid=x&to=https://evil.example`)).headers['location']).toBe(
    `https://shop.example/${code}?utm_source=x`,
  );
  expect(await world.sums()).toEqual({ person: 2, machine: 1 });
});

test('nothing else is answered with a redirect, however it is written', async () => {
  await using world = await openDoorWorld();
  await world.store.addLinks([
    makeLink(code),
    makeLink('script0000', { target: 'javascript:alert(1)' }),
    makeLink('data000000', { target: 'data:text/html,x' }),
    makeLink('broken0000', { target: 'no address' }),
  ]);
  const paths = [
    '/',
    '/l',
    '/l/',
    '/l//evil.example',
    '/l//evil.example/%2e%2e',
    '/l/%2F%2Fevil.example',
    '/l/https://evil.example',
    '/l/https%3A%2F%2Fevil.example',
    '/l/..%2f..%2f',
    `/l/${code}/`,
    `/l/${code}%00`,
    `/l/${code}%0d%0aLocation:%20https://evil.example`,
    `/l/${code.toLowerCase()}`,
    `/L/${code}`,
    `//evil.example/l/${code}`,
    '/l/%E0%A4%A',
    `/l/${'A'.repeat(5000)}`,
    '/l/script0000',
    '/l/data000000',
    '/l/broken0000',
    '/l/__proto__',
    '/l/constructo',
  ];
  for (const path of paths) {
    const { status, headers, body } = await world.get(path);
    expect([path.slice(0, 60), status, headers['location']]).toEqual([
      path.slice(0, 60),
      404,
      undefined,
    ]);
    expect(body).toContain('There is nothing here');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  }
  expect((await world.get(`/l/${'A'.repeat(20_000)}`)).status).toBe(431);
  expect((await world.get('/l/nothing000', { method: 'HEAD' })).body).toBe('');
  expect(await world.sums()).toEqual({});
});

test('other methods are not taken', async () => {
  await using world = await openDoorWorld();
  await world.store.addLinks([makeLink(code)]);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE']) {
    const { status, headers } = await world.get(`/l/${code}`, { method });
    expect([method, status, headers['allow'], headers['location']]).toEqual([
      method,
      405,
      'GET, HEAD',
      undefined,
    ]);
  }
  expect(await world.sums()).toEqual({});
});

test('while the store is away, links that were known go on, and are counted when it is back', async () => {
  let isAway = false;
  const gone = () => Promise.reject(new StoreError('unavailable', 'the store is away'));
  await using world = await openDoorWorld({}, (store) => ({
    listLinks: (query) => (isAway ? gone() : store.listLinks(query)),
    findLink: (one) => (isAway ? gone() : store.findLink(one)),
    putClicks: (counts) => (isAway ? gone() : store.putClicks(counts)),
  }));
  await world.store.addLinks([makeLink(code), makeLink('unknown000')]);
  await world.get(`/l/${code}`);
  isAway = true;
  for (let i = 0; i < 4; i++) expect((await world.get(`/l/${code}`)).status).toBe(302);
  const other = await world.get('/l/unknown000');
  expect([other.status, other.headers['retry-after']]).toEqual([503, '30']);
  expect(await world.sums()).toEqual({});
  expect(await world.sums()).toEqual({});
  expect(world.warned).toHaveLength(1);
  isAway = false;
  expect((await world.get('/l/unknown000')).status).toBe(302);
  expect(await world.sums()).toEqual({ person: 6 });
});

test('a write whose answer was lost counts nobody twice', async () => {
  let isLost = true;
  await using world = await openDoorWorld({}, (store) => ({
    ...store,
    async putClicks(counts) {
      await store.putClicks(counts);
      if (isLost) throw new StoreError('unavailable', 'the answer was lost');
    },
  }));
  await world.store.addLinks([makeLink(code)]);
  for (let i = 0; i < 3; i++) await world.get(`/l/${code}`);
  await world.door.flush();
  await world.get(`/l/${code}`);
  isLost = false;
  expect(await world.sums()).toEqual({ person: 4 });
});

test('a flood of guesses is asked of the store once each, and never more than a few at a time', async () => {
  let [asked, atOnce, most] = [0, 0, 0];
  await using world = await openDoorWorld({}, (store) => ({
    ...store,
    async findLink(one) {
      asked += 1;
      most = Math.max(most, ++atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
      return store.findLink(one);
    },
  }));
  for (let i = 0; i < 5; i++) expect((await world.get('/l/guess00000')).status).toBe(404);
  expect(asked).toBe(1);
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, i) => world.get(`/l/guess${String(i).padStart(5, '1')}`)),
  );
  expect(answers.every(({ status }) => status === 404 || status === 503)).toBe(true);
  expect(most).toBeLessThanOrEqual(32);
});

test('a stampede of 5,000 is answered from memory and counted whole', async () => {
  let asked = 0;
  await using world = await openDoorWorld({}, (store) => ({
    ...store,
    findLink(one) {
      asked += 1;
      return store.findLink(one);
    },
  }));
  await world.store.addLinks([makeLink(code)]);
  let left = 5000;
  const run = async () => {
    while (left-- > 0) expect((await ask(world.door.port, `/l/${code}`, headers)).status).toBe(302);
  };
  const headers = { headers: { 'user-agent': firefox } };
  await Promise.all(Array.from({ length: 50 }, run));
  expect(asked).toBeLessThanOrEqual(1);
  expect(await world.sums()).toEqual({ person: 5000 });
});

test('whoever opens several links within seconds is nobody for sure, and others are not touched', async () => {
  await using world = await openDoorWorld({ timing: { burstFor: 60_000, flushEvery: 60_000 } });
  const codes = ['burst00001', 'burst00002', 'burst00003', 'burst00004'];
  await world.store.addLinks(codes.map((one) => makeLink(one)));
  await world.store.addLinks([makeLink(code, { delivery: 'b@bsky' })]);
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
  for (const one of codes) await world.get(`/l/${one}`, from('198.51.100.7'));
  for (let i = 0; i < 4; i++) await world.get(`/l/${code}`, from('198.51.100.8'));
  await world.get(`/l/${codes[0]}`, from('198.51.100.8'));
  await world.door[Symbol.asyncDispose]();
  expect(await world.sums()).toEqual({ person: 1, unsure: 4 });
  expect(await world.sums('b@bsky')).toEqual({ person: 4 });
});

test('unique is one number a day, by network and agent; behind a proxy that is not trusted there is none', async () => {
  await using world = await openDoorWorld();
  await world.store.addLinks([makeLink(code)]);
  const from = (address: string, agent = firefox) =>
    world.get(`/l/${code}`, { headers: { 'x-forwarded-for': address, 'user-agent': agent } });
  await from('198.51.100.7');
  await from('198.51.100.9');
  await from('203.0.113.9');
  await from('203.0.113.9', `${firefox} Other`);
  await world.door.flush();
  const rows = await world.store.listClicks();
  const unique = rows.filter(({ kind }) => kind === 'unique');
  expect(unique.map(({ count }) => count)).toEqual([3]);
  expect(unique[0]?.at).toBe(Date.now() - (Date.now() % 86_400_000));
  // Nothing of the readers is in the store.
  expect(JSON.stringify(rows)).not.toMatch(/198|203\.0|Firefox/);

  await using hidden = await openDoorWorld({ trustedProxies: [] });
  await hidden.store.addLinks([makeLink(code)]);
  for (let i = 0; i < 3; i++)
    await hidden.get(`/l/${code}`, { headers: { 'x-forwarded-for': `203.0.113.${i}` } });
  expect(await hidden.sums()).toEqual({ person: 3 });
  const kinds = (await hidden.store.listClicks()).map(({ kind }) => kind);
  expect(new Set(kinds)).toEqual(new Set(['person']));
});

test('what was counted last is written when the door closes', async () => {
  const world = await openDoorWorld({ timing: { burstFor: 60_000, flushEvery: 60_000 } });
  await world.store.addLinks([makeLink(code)]);
  await world.get(`/l/${code}`);
  await world.door[Symbol.asyncDispose]();
  expect(await world.sums()).toEqual({ person: 1 });
  await world.store[Symbol.asyncDispose]();
});

test('a port that is taken is told with its key', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await using world = await openDoorWorld();
  const parts = { store: world.store, url: 'http://a.example', host: '127.0.0.1', port };
  const clock = { now: Date.now, monotonic: () => performance.now() };
  await expect(
    openPublicDoor({ ...parts, trustedProxies: [], clock, warn: () => undefined }),
  ).rejects.toThrow(/port \d+ is taken.*public\.port/);
  await new Promise((resolve) => server.close(resolve));
});
