import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { resume } from '../../src/commands/verbs/pause.ts';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../flow/world.ts';
import { openBrowser, openDoorWorld, type Opened } from './door-kit.ts';

const picture = readFileSync(join(import.meta.dirname, '../../media', 'drip.png'));
const evil = '<script>alert(1)</script>';

let opened: Opened;
beforeAll(async () => {
  opened = await openDoorWorld({
    'posts/hello.md': 'Hello',
    'posts/seen.md': '---\nmedia: [{ src: a.png, alt: A }, { src: b.png, alt: B }]\n---\nSeen',
    'posts/a.png': picture,
    'posts/b.png': picture,
    'posts/evil.md': `---\ntitle: "${evil}"\nnetworks: [x]\n---\nEvil`,
  });
  await until(
    'hello is planned',
    async () => (await opened.context.store.findDelivery('hello@x'))?.state === 'planned',
  );
  await until('seen is stored', () => opened.context.store.findPost('seen'));
  await resume.run(opened.context, { args: [], options: {} });
});
afterAll(() => opened[Symbol.asyncDispose]());

const delivery = async (id: string) =>
  (await opened.context.store.findDelivery(id)) ?? { state: 'absent', rank: '' };

test('a button does what the command does, as web, tells what came of it once, and offers to undo it', async () => {
  await using web = await opened.open();
  const { browser } = web;
  const page = await browser.say('withdraw', ['hello@x']);
  expect(page.body).toContain('hello@x withdrawn.');
  expect(page.body).toContain('action="/do/undo"');
  expect((await browser.get('/')).body).not.toContain('hello@x withdrawn.');
  expect((await delivery('hello@x')).state).toBe('withdrawn');
  const [entry] = await opened.context.store.listJournal({ types: ['withdrawn'], limit: 1 });
  expect(entry?.by).toBe('web');
  const undone = await browser.say('undo', []);
  expect(undone.body).toContain('Taken back: hello@x was withdrawn');
  expect(undone.body).not.toContain('action="/do/undo"');
  expect((await delivery('hello@x')).state).not.toBe('withdrawn');
});

test('what is refused is told in a sentence on the page that it was said on, and nothing is done', async () => {
  await using web = await opened.open();
  const { browser } = web;
  for (const [verb, args, said] of [
    ['withdraw', ['nowhere'], /there is no post &quot;nowhere&quot;/],
    ['retry', ['hello@x'], /cannot retry: hello@x is (scheduled|queued)/],
    ['move', ['hello@x', 'someday'], /&quot;someday&quot; is not a time/],
    ['withdraw', [evil], /&lt;script&gt;/],
  ] as const) {
    const { status, body } = await browser.say(verb, [...args]);
    expect([verb, status, said.test(body)]).toEqual([verb, 200, true]);
    expect(body).not.toContain(evil);
    expect(body).not.toContain('action="/do/undo"');
  }
});

test('several words, options and flags come through as they do on the command line', async () => {
  await using web = await opened.open();
  const { browser } = web;
  expect((await browser.say('pause', ['until fri 9am x'])).body).toMatch(/x is paused until/);
  await browser.say('undo', []);
  expect((await browser.say('move', ['hello@x', '2030-01-02T09:30'])).body).toContain(
    'moved to Wed 2 Jan 2030 09:30',
  );
  await browser.say('undo', []);
  expect((await browser.say('skip', ['hello@x'], { 'opt-for-good': 'true' })).body).toContain(
    'will not be published',
  );
  expect((await delivery('hello@x')).state).toBe('skipped');
  await browser.say('undo', []);
  // What changed nothing, or keeps nothing to go back to, offers no undo.
  for (const [verb, said] of [
    ['mute', 'Notices are muted'],
    ['unmute', 'Notices are no longer muted'],
    ['resume', 'Nothing is paused'],
  ] as const) {
    const { body } = await browser.say(verb, []);
    expect([verb, body.includes(said), body.includes('action="/do/undo"')]).toEqual([
      verb,
      true,
      false,
    ]);
  }
  // An option that the verb has not is not handed on, and an empty field is as good as none.
  expect((await browser.say('pause', [''], { 'opt-nonsense': 'true' })).body).toContain(
    'everything is paused',
  );
  await browser.say('undo', []);
});

test('what asks first asks on a page of its own, without any script, and is done once that is answered', async () => {
  await using web = await opened.open();
  const { browser } = web;
  const asked = await browser.say('now', ['hello@masto'], { back: '/?page=2' });
  expect([asked.status, asked.body]).toEqual([
    200,
    expect.stringContaining('Publish hello@masto at once?'),
  ]);
  expect((await delivery('hello@masto')).state).not.toBe('released');
  const fields = [...asked.body.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(
    ([, name = '', value = '']): [string, string] => [name, value],
  );
  const done = await browser.post('/do/now', fields);
  expect([done.status, done.headers['location']]).toEqual([303, '/?page=2']);
  expect((await browser.get('/')).body).toContain('hello@masto: published');
  expect(opened.world.texts('mastodon')).toEqual(['Hello']);
});

test('after a form one is led to a page of ours, whatever it says, and there are no other verbs', async () => {
  await using web = await opened.open();
  const { browser } = web;
  const csrf = await browser.token();
  for (const [back, leads] of [
    ['/queue?account=x', '/queue?account=x'],
    ['//evil.example/', '/'],
    ['/\\evil.example', '/'],
    ['https://evil.example', '/'],
    ['/..//evil.example', '/'],
    ['javascript:alert(1)', '/'],
  ] as const)
    expect([back, (await browser.post('/do/undo', { csrf, back })).headers['location']]).toEqual([
      back,
      leads,
    ]);
  for (const verb of ['serve', 'status', 'export', 'constructor', '__proto__'])
    expect((await browser.post(`/do/${verb}`, { csrf, back: '/' })).status).toBe(404);
  expect(
    (await browser.post('/do/undo', { csrf, back: '/', arg: 'x'.repeat(70_000) })).status,
  ).toBe(413);
  const json = await browser.post(
    '/do/pause',
    { csrf, back: '/' },
    { 'content-type': 'text/plain' },
  );
  expect((await browser.get(json.headers['location'] ?? '')).body).toContain('Nothing was done');
});

test('pictures are those of a stored post, by number, as what their bytes are; no path leads anywhere', async () => {
  await using web = await opened.open();
  const first = await fetch(`${web.url}/media/seen/1`);
  expect([
    first.status,
    first.headers.get('content-type'),
    first.headers.get('x-content-type-options'),
  ]).toEqual([200, 'image/png', 'nosniff']);
  expect(Buffer.from(await first.arrayBuffer()).equals(picture)).toBe(true);
  for (const path of [
    'seen/2',
    'seen/-1',
    'seen/length',
    'seen/0x0',
    'hello/0',
    'nowhere/0',
    '..%2F..%2Fetc/0',
    'seen/..%2F..%2Fconfig%2Fdripline.yaml',
  ])
    expect([path, (await fetch(`${web.url}/media/${path}`)).status]).toEqual([path, 404]);
  const file = join(opened.world.folder, 'posts/a.png');
  writeFileSync(file, '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
  expect((await fetch(`${web.url}/media/seen/0`)).status).toBe(404);
  rmSync(file);
  symlinkSync(join(opened.world.folder, 'config/dripline.yaml'), file);
  expect((await fetch(`${web.url}/media/seen/0`)).status).toBe(404);
});

test('an open page is told within seconds that the journal grew, by one look for all of them, and closing does not wait for it', async () => {
  let looks = 0;
  const { store } = opened.context;
  const context = {
    ...opened.context,
    store: { ...store, listJournal: (query: object) => (looks++, store.listJournal(query)) },
  };
  const web = await (
    await import('../../src/web/web-server.ts')
  ).openWeb(context, { host: '127.0.0.1', port: 0 });
  const listen = async () => {
    const response = await fetch(`${web.url}/live`);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? [])
        text += chunk;
    })().catch(() => undefined);
    await until('it listens', () => text.includes(': well'));
    return { read: () => text, reading };
  };
  const pages = await Promise.all([listen(), listen(), listen(), listen()]);
  const before = looks;
  const since = performance.now();
  await store.appendJournal([
    { id: 'news', at: opened.world.clock.now(), type: 'notice', by: 'dripline', text: 'news' },
  ]);
  for (const { read } of pages) await until('it was told', () => read().includes('event: changed'));
  expect(looks - before).toBeLessThanOrEqual(Math.ceil((performance.now() - since) / 1000) + 1);
  await web[Symbol.asyncDispose]();
  await Promise.all(pages.map(({ reading }) => reading));
});

test('metrics are for who is logged in or shows the token, and tell queues, failures, the next release and what it cost', async () => {
  await using web = await opened.open({
    password: 'a password',
    metricsToken: 'a token of its own',
  });
  const { browser } = web;
  for (const headers of [
    {},
    { authorization: 'Bearer wrong' },
    { authorization: 'Basic a token of its own' },
    { authorization: 'Bearer ' },
  ])
    expect((await browser.get('/metrics', headers as Record<string, string>)).status).toBe(401);
  const { status, body, headers } = await browser.get('/metrics', {
    authorization: 'Bearer a token of its own',
  });
  // As promtool has it: only counters end in _total.
  for (const [, name, type] of body.matchAll(/^# TYPE (\S+) (\S+)$/gm))
    expect([name, name?.endsWith('_total')]).toEqual([name, type === 'counter']);
  expect([status, headers['content-type']]).toEqual([200, expect.stringContaining('text/plain')]);
  expect(body).toContain('dripline_deliveries{account="masto",state="released"} 1');
  expect(body).toMatch(/dripline_queue_length\{account="x"\} [1-9]/);
  expect(body).toMatch(/dripline_next_release_timestamp_seconds\{account="x"\} \d{10}/);
  expect(body).toMatch(/dripline_measuring_lag_seconds\{account="x"\} \d/);
  expect(body).toContain('dripline_spend_usd{account="x"}');
  expect(body).toContain('process_resident_memory_bytes');
  // The token opens nothing else.
  expect(
    (await openBrowser(web.url).get('/', { authorization: 'Bearer a token of its own' })).status,
  ).toBe(303);
});
