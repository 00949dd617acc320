import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBrowser, openDoorWorld, type Opened, withoutWaits } from './door-kit.ts';
import { openMovableClock, tuesday } from '../flow/world.ts';
import { openWeb } from '../../src/web/web-server.ts';

const password = 'correct horse battery';

/** Whether the account x is. */
const isPaused = async ({ context }: Opened) =>
  'x' in ((await context.store.findFact<{ paused: object }>('pause'))?.value.paused ?? {});

test('with a password nothing but the login and the health is shown to who has no session, and buttons do nothing', async () => {
  await using opened = await openDoorWorld({ 'posts/hello.md': 'Hello secret' });
  await using web = await opened.open({ password });
  const { browser } = web;
  const page = await browser.get('/');
  expect([page.status, page.headers['location']]).toEqual([303, '/login']);
  expect((await browser.get('/queue?account=x')).headers['location']).toBe(
    `/login?back=${encodeURIComponent('/queue?account=x')}`,
  );
  for (const path of ['/metrics', '/live', '/media/hello/0'])
    expect([path, (await browser.get(path)).status]).toEqual([path, 401]);
  for (const path of ['/healthz', '/readyz', '/style.css', '/login'])
    expect([path, (await browser.get(path)).status]).toEqual([path, 200]);
  const csrf = await browser.token('/login');
  expect((await browser.post('/do/pause', { arg: 'x', csrf, back: '/' })).status).toBe(401);
  expect(await isPaused(opened)).toBe(false);
});

test('the right password opens a session whose cookie no script and no other page can use, and logging out ends it', async () => {
  await using opened = await openDoorWorld({});
  await using web = await opened.open({ password });
  const { browser } = web;
  const wrong = await browser.logIn('wrong');
  expect([wrong.status, wrong.body]).toEqual([401, expect.stringContaining('Wrong password.')]);
  const right = await browser.logIn(password);
  expect([right.status, right.headers['location']]).toEqual([303, '/']);
  expect(right.headers['set-cookie']).toMatch(
    /^dripline-[0-9a-f]+=[\w-]{43};.*HttpOnly; SameSite=Lax\n/,
  );
  expect(right.headers['set-cookie']).toMatch(
    /\ndripline-device-[0-9a-f]+=[\w-]{22}\.[\w-]{43};.*Path=\/login; HttpOnly; SameSite=Lax$/,
  );
  expect(right.headers['set-cookie']).not.toContain('Secure');
  expect((await browser.get('/')).body).toContain('Dripline');
  const stolen = new Map(browser.cookies);
  expect((await browser.post('/logout', { csrf: 'made up' })).status).toBe(403);
  expect((await browser.get('/')).status).toBe(200);
  const csrf = await browser.token();
  expect((await browser.post('/logout', { csrf })).headers['location']).toBe('/login');
  expect((await openBrowser(web.url, stolen).get('/')).status).toBe(303);
});

test('a made-up session, and one of another service, are no sessions', async () => {
  await using opened = await openDoorWorld({});
  await using other = await openDoorWorld({});
  await using web = await opened.open({ password });
  await using elsewhere = await other.open({ password });
  await elsewhere.browser.logIn(password);
  await web.browser.logIn(password);
  const [name = ''] = [...web.browser.cookies.keys()].filter((one) => one !== 'dripline-visitor');
  const [foreign = ''] = [...elsewhere.browser.cookies]
    .filter(([one]) => one !== 'dripline-visitor')
    .map(([, value]) => value);
  for (const value of [foreign, '', 'x'.repeat(43), '__proto__', 'constructor'])
    expect([value, (await openBrowser(web.url, new Map([[name, value]])).get('/')).status]).toEqual(
      [value, 303],
    );
});

test('a session outlives a restart, and ends after a week without use, after a month, and with another password', async () => {
  await using opened = await openDoorWorld({});
  const clock = openMovableClock(tuesday);
  const options = { host: '127.0.0.1', port: 0, dataFolder: opened.world.config.folders.data };
  const open = (word: string) =>
    openWeb({ ...opened.context, clock }, { ...options, password: word });
  const first = await open(password);
  const { cookies, ...browser } = openBrowser(first.url);
  await browser.logIn(password);
  const csrf = await browser.token();
  await first[Symbol.asyncDispose]();
  const isIn = async (word = password) => {
    await using web = await open(word);
    return (await openBrowser(web.url, new Map(cookies)).get('/')).status === 200;
  };
  expect(await isIn()).toBe(true);
  await using second = await open(password);
  // A form of before the restart is good too.
  expect(
    (
      await openBrowser(second.url, new Map(cookies)).post('/do/pause', {
        arg: 'x',
        csrf,
        back: '/',
      })
    ).headers['location'],
  ).toBe('/');
  expect(await isPaused(opened)).toBe(true);
  for (let week = 0; week < 4; week++) {
    clock.move(6.9 * 24 * 3600_000);
    expect(await isIn()).toBe(true);
  }
  clock.move(3 * 24 * 3600_000);
  expect(await isIn()).toBe(false);
  const again = openBrowser(second.url, cookies);
  await again.logIn(password);
  expect(await isIn()).toBe(true);
  clock.move(7.1 * 24 * 3600_000);
  expect(await isIn()).toBe(false);
  await again.logIn(password);
  expect(await isIn('another password')).toBe(false);
  expect(await isIn()).toBe(false);
});

test('where others reach the page and no password is set one is made, told once, and kept as a hash for the owner alone', async () => {
  await using opened = await openDoorWorld({});
  const made = await opened.open({ host: '0.0.0.0' });
  expect(made.madePassword).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/);
  expect((await made.browser.get('/')).status).toBe(303);
  expect((await made.browser.logIn(made.madePassword ?? '')).status).toBe(303);
  const file = join(opened.world.config.folders.data, 'web', 'password.json');
  expect(readFileSync(file, 'utf8')).not.toContain(made.madePassword);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(
    statSync(join(opened.world.config.folders.data, 'web', 'sessions.json')).mode & 0o777,
  ).toBe(0o600);
  await made[Symbol.asyncDispose]();
  await using again = await opened.open({ host: '0.0.0.0' });
  expect(again.madePassword).toBeUndefined();
  expect((await again.browser.logIn(made.madePassword ?? '')).status).toBe(303);
  // A proxy in front lets others in, although the address is one of loopback.
  await using proxied = await opened.open({ trustedProxies: ['127.0.0.1'] });
  expect((await proxied.browser.get('/')).status).toBe(303);
});

test('open on this machine: other names, and requests that a proxy passed on, are not answered; a name that web.host sets is', async () => {
  await using opened = await openDoorWorld({});
  await using web = await opened.open();
  await using named = await opened.open({ host: 'localhost' });
  const { port } = new URL(web.url);
  const { browser } = web;
  for (const host of [`127.0.0.1:${port}`, 'localhost', '[::1]'])
    expect([host, (await browser.get('/', { host })).status]).toEqual([host, 200]);
  for (const host of ['evil.example', '127.0.0.1.evil.example', `evil.example:${port}`]) {
    const csrf = await browser.token();
    for (const answer of [
      await browser.get('/', { host }),
      await browser.get('/media/a/0', { host }),
      await browser.post('/do/pause', { arg: 'x', csrf, back: '/' }, { host }),
    ])
      expect([host, answer.status, answer.body]).toEqual([
        host,
        421,
        expect.not.stringContaining('Dripline'),
      ]);
  }
  expect((await browser.get('/', { 'x-forwarded-for': '203.0.113.5' })).status).toBe(421);
  for (const name of ['x-real-ip', 'via', 'x-forwarded-host', 'cf-connecting-ip', 'forwarded'])
    expect([name, (await browser.get('/', { [name]: '203.0.113.5' })).status]).toEqual([name, 421]);
  // A proxy that says nothing: the browser tells where the page is.
  const there = 'https://drip.example.com';
  const sameOrigin = { 'sec-fetch-site': 'same-origin' };
  expect((await browser.get('/', { referer: `${there}/queue`, ...sameOrigin })).status).toBe(421);
  expect((await browser.get('/', { referer: `${there}/queue` })).status).toBe(421);
  const shown = await browser.post('/do/pause', { arg: 'x' }, { origin: there, ...sameOrigin });
  expect(shown.status).toBe(421);
  const linked = { referer: 'https://wiki.example.com/', 'sec-fetch-site': 'cross-site' };
  expect((await browser.get('/', linked)).status).toBe(200);
  expect((await browser.get('/', { host: '127.999.1.1' })).status).toBe(400);
  expect((await named.browser.get('/', { host: 'localhost' })).status).toBe(200);
  expect(await isPaused(opened)).toBe(false);
});

test('a form is refused that comes from another page, or without the token of this visitor, with a password and without one', async () => {
  await using opened = await openDoorWorld({});
  await using guarded = await opened.open({ password });
  await using bare = await opened.open();
  await guarded.browser.logIn(password);
  for (const { browser } of [guarded, bare]) {
    const csrf = await browser.token();
    const stranger = await openBrowser((browser === bare.browser ? bare : guarded).url).token(
      browser === bare.browser ? '/' : '/login',
    );
    const send = (token: string, headers: Record<string, string> = {}) =>
      browser.post('/do/pause', { arg: 'x', csrf: token, back: '/' }, headers);
    for (const token of ['', 'made up', stranger]) {
      expect((await send(token)).status).toBe(303);
      expect((await browser.get('/')).body).toContain('Nothing was done');
    }
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ])
      expect([headers, (await send(csrf, headers as Record<string, string>)).status]).toEqual([
        headers,
        403,
      ]);
    expect(await isPaused(opened)).toBe(false);
    const { host } = new URL(browser === bare.browser ? bare.url : guarded.url);
    expect(
      (await send(csrf, { origin: `http://${host}`, 'sec-fetch-site': 'same-origin' })).status,
    ).toBe(303);
    expect(await isPaused(opened)).toBe(true);
    await browser.say('undo', []);
    expect(await isPaused(opened)).toBe(false);
  }
});

test('a proxy that is trusted tells who asks and that it is https; anybody else does not', async () => {
  await using opened = await openDoorWorld({});
  await using web = await opened.open(
    { password, trustedProxies: ['127.0.0.0/8'], limits: { turnEvery: 3_600_000 } },
    withoutWaits(opened.context.clock),
  );
  await using plain = await opened.open({ password });
  const login = async (one: typeof web, word: string, headers: Record<string, string>) =>
    one.browser.post(
      '/login',
      { password: word, csrf: await one.browser.token('/login'), back: '/' },
      headers,
    );
  const secure = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '198.51.100.1' };
  expect((await login(web, password, secure)).headers['set-cookie']).toContain('Secure');
  expect((await login(plain, password, secure)).headers['set-cookie']).not.toContain('Secure');
  web.browser.cookies.clear();
  // Three are free, and one has a turn.
  for (let i = 0; i < 4; i++)
    expect(
      (await login(web, 'wrong', { 'x-forwarded-for': `10.9.8.${i}, 203.0.113.9` })).status,
    ).toBe(401);
  const more = [1, 2, 3, 4].map(() => login(web, 'wrong', { 'x-forwarded-for': '203.0.113.9' }));
  expect((await Promise.race(more)).status).toBe(429);
  expect((await login(web, 'wrong', { 'x-forwarded-for': '203.0.113.10' })).status).toBe(401);
  await web[Symbol.asyncDispose]();
  await Promise.allSettled(more);
});
