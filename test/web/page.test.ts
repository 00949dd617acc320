import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import type { Served } from '../../src/app.ts';
import type { CommandContext } from '../../src/commands/command.ts';
import { minute } from '../../src/core/time.ts';
import { StoreError } from '../../src/ports/store.ts';
import { changeAccount } from '../../src/flow/facts.ts';
import { openWeb } from '../../src/web/web-server.ts';
import { openWorld, until, type World } from '../flow/world.ts';
import { alter } from '../store/kit.ts';

const closing: AsyncDisposableStack[] = [];
afterEach(async () => {
  for (const stack of closing.splice(0)) await stack.disposeAsync();
});

async function openServedWorld(
  files: Record<string, string>,
  yaml = 'cadence: { perDay: 1, minGap: 1h }',
): Promise<{ world: World; served: Served; web: string }> {
  const stack = new AsyncDisposableStack();
  closing.push(stack);
  const world = stack.use(await openWorld({ yaml, files }));
  const served = stack.use(await world.serve());
  return { world, served, web: served.web ?? '' };
}

const contextOf = ({ world, served }: { world: World; served: Served }): CommandContext => ({
  store: served.context.store,
  clock: served.context.clock,
  settings: world.config,
  by: 'web',
  version: 'test',
});

/** `fetch` does not let a Host header be chosen. */
function get(url: string, host: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (response) => {
      let body = '';
      response
        .setEncoding('utf8')
        .on('data', (chunk: string) => {
          body += chunk;
        })
        .on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    })
      .on('error', reject)
      .end();
  });
}

test('the page shows accounts, what goes out and what happened, and no script may run on it', async () => {
  const { web } = await openServedWorld({ 'posts/hello.md': 'Hello' });
  const response = await fetch(web);
  const page = await response.text();
  expect(response.status).toBe(200);
  for (const text of ['hello@x', 'hello@bsky', 'hello@masto', 'posts/hello.md is in the queue'])
    expect(page).toContain(text);
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(page).not.toMatch(/<script(?! src="\/live\.js")|style=|javascript:/i);
  expect((await fetch(`${web}/style.css`)).headers.get('content-type')).toContain('text/css');
  expect((await fetch(web, { method: 'POST' })).status).toBe(404);
});

test('whatever others have written is text on the page: titles, names, errors and addresses', async () => {
  const evil = '<script>alert(1)</script><img src=x onerror=alert(2)>';
  const opened = await openServedWorld({
    'posts/hello.md': `---\ntitle: "${evil}"\nnetworks: [x]\n---\n${evil}`,
  });
  const {
    served: {
      context: { store, clock },
    },
    web,
  } = opened;
  await changeAccount(store, 'bsky', (fact) => ({
    ...fact,
    identity: { id: 'did:plc:a', handle: evil, url: 'javascript:alert(3)' },
    lastError: evil,
    backoffUntil: clock.now() + 1e6,
  }));
  await changeAccount(store, 'x', (fact) => ({ ...fact, heldBecause: evil }));
  const one = await until('hello@x', () => store.findDelivery('hello@x'));
  await store.changeDelivery(one, alter(one, { state: 'failed', reason: evil }));
  await store.appendJournal([
    {
      id: 'evil',
      at: clock.now(),
      type: 'notice',
      by: evil,
      url: 'javascript:alert(4)',
      text: evil,
    },
  ]);
  const page = await (await fetch(web)).text();
  expect(page).toContain('&lt;script&gt;alert(1)');
  expect(page).not.toMatch(/<script(?! src="\/live\.js")|<img|href="javascript/i);
});

test('only a request that names this machine is answered', async () => {
  const { web } = await openServedWorld({});
  const { port } = new URL(web);
  for (const host of [
    `127.0.0.1:${port}`,
    `localhost:${port}`,
    'localhost',
    `[::1]:${port}`,
    'LOCALHOST',
  ])
    expect([host, (await get(web, host)).status]).toEqual([host, 200]);
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '0.0.0.0',
    'evil.example/127.0.0.1',
  ]) {
    const { status, body } = await get(web, host);
    expect([host, [400, 421].includes(status)]).toEqual([host, true]);
    expect(body).not.toContain('Dripline');
  }
});

const asked = async (url: string) => {
  const response = await fetch(url);
  return { status: response.status, text: await response.text() };
};

test('healthz says that it lives, readyz that the service beats and the store takes writes', async () => {
  const opened = await openServedWorld({});
  expect(await asked(`${opened.web}/healthz`)).toEqual({ status: 200, text: 'ok' });
  expect(await asked(`${opened.web}/readyz`)).toEqual({ status: 200, text: 'ready' });
  const context = contextOf(opened);
  const full = new StoreError('full', 'the disk is full. Make room');
  const lames: [string, Partial<CommandContext['store']>, RegExp][] = [
    ['reads fail', { listFacts: () => Promise.reject(new Error('secret detail')) }, /see the log/],
    ['writes fail', { putFact: () => Promise.reject(full) }, /disk is full/],
    ['no service', { listFacts: async () => [] }, /starting/],
    ['a silent service', { listFacts: async () => [silentService(context)] as never }, /2m/],
  ];
  for (const [name, store, words] of lames) {
    const gone = { ...context, store: { ...context.store, ...store } } as CommandContext;
    await using lame = await openWeb(gone, { host: '127.0.0.1', port: 0 });
    const { status, text } = await asked(`${lame.url}/readyz`);
    expect([name, status]).toEqual([name, 503]);
    expect(text).toMatch(words);
    expect(text).not.toContain('secret');
    expect((await asked(`${lame.url}/healthz`)).status).toBe(200);
  }
});

const silentService = ({ clock }: CommandContext) => ({
  key: 'service:w',
  value: { worker: 'w', startedAt: 0, beatAt: clock.now() - 2 * minute },
  revision: 1,
});

test('a store that has been silent for a minute is not healthy', async () => {
  const opened = await openServedWorld({});
  const context = contextOf(opened);
  for (const [silence, status] of [
    [59_000, 200],
    [61_000, 503],
  ] as const) {
    const store = { ...context.store, silentFor: () => silence };
    await using web = await openWeb({ ...context, store }, { host: '127.0.0.1', port: 0 });
    expect((await asked(`${web.url}/healthz`)).status).toBe(status);
  }
});

test('a port that is taken, and an address of some other machine, are told in words', async () => {
  const opened = await openServedWorld({});
  const context = contextOf(opened);
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  await expect(openWeb(context, { host: '127.0.0.1', port })).rejects.toMatchObject({
    name: 'Refusal',
    message: expect.stringContaining(`port ${port} is taken`),
  });
  other.close();
  await expect(openWeb(context, { host: '203.0.113.7', port: 0 })).rejects.toMatchObject({
    name: 'Refusal',
    message: expect.stringContaining('web.host: 203.0.113.7 is not an address of this machine'),
  });
});

test('a page with a thousand posts is there within 50 ms', async () => {
  const { web } = await openServedWorld(
    Object.fromEntries(
      Array.from({ length: 1000 }, (_, i) => [`posts/${1000 + i}-p${i}.md`, `Post ${i}`]),
    ),
  );
  const times: number[] = [];
  for (let i = 0; i < 12; i++) {
    const since = performance.now();
    await (await fetch(web)).text();
    times.push(performance.now() - since);
  }
  // The quickest: what the page itself takes, rather than what else the machine does.
  expect(Math.min(...times)).toBeLessThan(50);
});

test('the engagement page has its posts as a file for spreadsheets', async () => {
  const { web, world, served } = await openServedWorld({ 'posts/hello.md': 'Hello' });
  await world.say('resume');
  await world.say('now hello@x');
  await until('it is published', async () =>
    (await served.context.store.listDeliveries({ states: ['released'] })).some(
      ({ account }) => account === 'x',
    ),
  );
  const page = await (await fetch(`${web}/engagement?account=x&days=7`)).text();
  const path = /href="(\/engagement\.csv[^"]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? '';
  expect(path).toBe('/engagement.csv?account=x&days=7');
  const response = await fetch(web + path);
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(response.headers.get('content-disposition')).toMatch(
    /^attachment; filename="dripline-x-7d-\d{4}-\d\d-\d\d\.csv"$/,
  );
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
  expect(bytes.toString()).toMatch(/^[^\n]+\r\n[\d-]{10} \d\d:\d\d,hello,x,x,http\S+\r\n$/);
  expect((await fetch(`${web}/engagement.csv?account=none`)).status).toBe(404);
  const report = await fetch(`${web}/report`);
  const html = await report.text();
  expect(html).toContain('<h1>Report for');
  const style = /<style>([^]*)<\/style>/.exec(html)?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  expect(report.headers.get('content-security-policy')).toContain(`style-src 'sha256-${hash}'`);
  expect((await fetch(`${web}/report?month=soon`)).status).toBe(404);
});
