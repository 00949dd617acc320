import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { openEnvironment } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import { defaultPeople } from '../../src/sandbox/open-sandbox.ts';
import { codeIn, press } from '../networks/consenting.ts';
import { openServed } from '../../src/app.ts';
import { changeAccount, readAccount } from '../../src/flow/facts.ts';
import { quick, until } from '../flow/world.ts';
import { type ConnectWorld, openConnectWorld, outIn, second } from './connecting-kit.ts';
import { openBrowser } from './door-kit.ts';

const [x, bluesky] = defaultPeople;
const root = '/accounts/connect';
afterEach(() => vi.unstubAllEnvs());

const none = () => 'timezone: Europe/Berlin # here\naccounts: {}\n';
const masto = (token: string) => (urls: Record<string, string>) =>
  `timezone: Europe/Berlin\naccounts:\n  masto: { network: mastodon, url: "${urls['mastodon']}", token: ${token} }\n`;
/** The sandbox's server is asked where an account is there already. */
const near = (urls: Record<string, string>) =>
  `timezone: Europe/Berlin\naccounts:\n  bsky: { network: bluesky, baseUrl: "${urls['bluesky']}", handle: ${bluesky.handle}, password: ${bluesky.password} }\n`;

async function consent(world: ConnectWorld, fields: Record<string, string> = {}) {
  const { mastodon: url } = world.sandbox.baseUrls;
  const begun = await world.submit(`${root}/mastodon`, { way: 'consent', url, ...fields });
  expect([begun.status, begun.headers['location']]).toEqual([
    303,
    expect.stringMatching(/^\/accounts\/connect\/step\/[\w-]{32}$/),
  ]);
  const step = begun.headers['location'] ?? '';
  return { step, out: outIn(await world.browser.get(step)) };
}

/** What the browser asks us for after the network's page. */
async function backFrom(out: string, decision: 'allow' | 'deny', who?: string): Promise<string> {
  const to = new URL((await press(out, decision, who)).headers.get('location') ?? '');
  return `${to.pathname}${to.search}`;
}

for (const place of ['data', 'variables'])
  test(`an account on Mastodon is connected by a click, shown, and saved in ${place}; it is used after a restart`, async () => {
    await using world = await openConnectWorld(near);
    const { browser } = world;
    const { step, out } = await consent(world);
    const back = await backFrom(out, 'allow');
    expect(back).toMatch(/^\/accounts\/connect\/callback\?code=.+&state=.+/);
    const answered = await browser.get(back, { 'sec-fetch-site': 'cross-site' });
    expect([answered.status, answered.headers['location']]).toEqual([303, step]);
    const page = (await browser.get(step)).body;
    for (const shown of ['@dripline@', 'write:statuses', 'value="masto"', '.env'])
      expect(page).toContain(shown);
    const saved = await world.submit(step, { do: 'save', name: 'masto', place });
    expect(saved.headers['location']).toBe('/accounts');
    const accounts = (await browser.get('/accounts')).body;
    expect(accounts).toContain('Restart Dripline to use it');
    expect(accounts).toMatch(/<b>masto<\/b> is connected as @dripline@/);
    expect(accounts).toContain('The configuration has changed since the start. It is valid');
    const account = world.next().accounts.find(({ name }) => name === 'masto');
    expect(account).toMatchObject({
      network: 'mastodon',
      baseUrl: world.sandbox.baseUrls.mastodon,
    });
    const token = account && 'token' in account ? account.token : '';
    const file = place === 'data' ? 'data/accounts.json' : '.env';
    expect(world.read(file)).toContain(token);
    for (const private_ of ['data/accounts.json', 'data/apps.json', file])
      expect(statSync(join(world.folder, private_)).mode & 0o777).toBe(0o600);
    for (const open of [page, accounts, world.read('config/dripline.yaml')])
      expect(open).not.toContain(token);
    expect(JSON.stringify(world.next().shown)).not.toContain(token);
    const { store } = world.served.context;
    expect(JSON.stringify(await store.listJournal({ limit: 1000 }))).not.toContain(token);
  });

test('an answer is taken once, by the browser that began, within its time; HEAD and prefetch take nothing', async () => {
  await using world = await openConnectWorld(near);
  const { browser } = world;
  const { step, out } = await consent(world);
  const back = await backFrom(out, 'allow');
  const exchanges = () =>
    world.sandbox.requests().find(({ route }) => route === 'POST /oauth/token')?.count ?? 0;
  const stranger = openBrowser(world.web);
  await stranger.get('/');
  const refused = await stranger.get(back);
  expect([refused.status, refused.body]).toEqual([
    400,
    expect.stringContaining('does not know this connection any more'),
  ]);
  expect((await stranger.get(step)).status).toBe(404);
  expect((await stranger.get(back.replace(/state=.*/, 'state='))).status).toBe(400);
  expect((await browser.get(back, { 'sec-purpose': 'prefetch' })).status).toBe(405);
  expect(exchanges()).toBe(0);
  expect((await browser.get(back)).status).toBe(303);
  expect(exchanges()).toBe(1);
  expect((await browser.get(back)).status).toBe(400);
  expect(exchanges()).toBe(1);
  expect((await browser.get(step)).body).toContain('What was granted');

  const late = await consent(world);
  const lateBack = await backFrom(late.out, 'allow');
  world.clock.move(16 * 60_000);
  expect((await browser.get(lateBack)).status).toBe(400);
  expect((await browser.get(late.step)).status).toBe(404);
  // What was granted is forgotten too.
  expect((await browser.get(step)).status).toBe(404);
  expect(exchanges()).toBe(1);
});

test('a consent that is refused, a code that is wrong and an unknown error say so, and nothing is saved', async () => {
  await using world = await openConnectWorld(near);
  const { browser } = world;
  const before = world.read('config/dripline.yaml');
  const told = async (back: string) => {
    const { headers } = await browser.get(back);
    return (await browser.get(headers['location'] ?? '')).body;
  };
  const first = await consent(world);
  expect(await told(await backFrom(first.out, 'deny'))).toContain(
    'Consent was refused at 127.0.0.1',
  );
  const second_ = await consent(world);
  const state = new URL(second_.out).searchParams.get('state') ?? '';
  expect(await told(`${root}/callback?code=made-up&state=${state}`)).toContain(
    'does not take this code: it is wrong, was used already, or is too old',
  );
  const third = await consent(world);
  const other = new URL(third.out).searchParams.get('state') ?? '';
  const page = await told(`${root}/callback?error=%3Cscript%3Ealert(1)&state=${other}`);
  expect(page).toContain('gave no access (scriptalert1)');
  expect(page).not.toContain('<script>alert');
  expect(page).toContain('Start again');
  expect(world.read('config/dripline.yaml')).toBe(before);
});

test('where networks do not send people back to, a code is typed', async () => {
  await using world = await openConnectWorld(near);
  const { mastodon: url } = world.sandbox.baseUrls;
  const { browser } = world;
  const csrf = await browser.token(`${root}/mastodon`);
  const { host } = new URL(world.web);
  for (const [origin, isCallback] of [
    [`http://${host}`, true],
    [undefined, false],
  ] as const) {
    const begun = await browser.post(
      `${root}/mastodon`,
      { csrf, way: 'consent', url },
      origin ? { origin } : {},
    );
    const step = begun.headers['location'] ?? '';
    const page = await browser.get(step);
    expect(page.body.includes('name="code"')).toBe(!isCallback);
    if (isCallback) continue;
    const code = codeIn(await (await press(outIn(page), 'allow')).text());
    await world.submit(step, { do: 'code', code: 'wrong' });
    expect((await browser.get(step)).body).toContain('does not take this code');
    await world.submit(step, { do: 'code', code: `${code}&state=abc` });
    expect((await browser.get(step)).body).toContain('What was granted');
  }
});

test('X is connected by PIN as an account that does not own the app, and by its four values', async () => {
  await using world = await openConnectWorld(near);
  const { x: baseUrl } = world.sandbox.baseUrls;
  const { browser } = world;
  const { appKey, appSecret, accessToken, accessSecret } = x;
  const begun = await world.submit(`${root}/x`, { way: 'pin', appKey, appSecret, baseUrl });
  const step = begun.headers['location'] ?? '';
  const page = await browser.get(step);
  expect(page.body).toContain('The PIN that you were shown');
  const pin = codeIn(await (await press(outIn(page), 'allow', 'second')).text());
  await world.submit(step, { do: 'code', code: pin });
  expect((await browser.get(step)).body).toContain('@second on X');
  await world.submit(step, { do: 'save', name: 'x-second', place: 'variables' });
  expect(world.next().accounts).toContainEqual(
    expect.objectContaining({ name: 'x-second', ownReads: false, baseUrl, ...toTokens(second.x) }),
  );
  const own = { appKey, appSecret, accessToken, accessSecret };
  const wrong = await world.submit(`${root}/x`, {
    way: 'tokens',
    ...own,
    accessSecret: 'w',
    baseUrl,
  });
  expect([wrong.status, wrong.body]).toEqual([422, expect.stringContaining('role="alert"')]);
  expect(wrong.body).not.toContain(accessToken);
  const right = await world.submit(`${root}/x`, { way: 'tokens', ...own, baseUrl });
  await world.submit(right.headers['location'] ?? '', {
    do: 'save',
    name: 'x-main',
    place: 'data',
  });
  expect(world.next().accounts.map(({ name }) => name)).toEqual(['bsky', 'x-second', 'x-main']);
  expect(world.read('config/dripline.yaml')).not.toContain(accessSecret);
});

const toTokens = ({ accessToken, accessSecret }: typeof x) => ({ accessToken, accessSecret });

test('a reconnected account gets its new token, its queue stays, and another identity is told beforehand', async () => {
  await using world = await openConnectWorld(masto(defaultPeople[2].token));
  const { browser, served } = world;
  await until('the account is known', async () => {
    const { body } = await browser.get('/accounts');
    return body.includes('@dripline@');
  });
  expect((await browser.get('/accounts')).body).toContain(`${root}?account=masto`);
  const form = (await browser.get(`${root}/mastodon?account=masto`)).body;
  expect(form).toContain(`value="${world.sandbox.baseUrls.mastodon}"`);
  expect(form).not.toContain(defaultPeople[2].token);
  const { step, out } = await consent(world, { account: 'masto' });
  await browser.get(await backFrom(out, 'allow', 'second'));
  expect((await browser.get(step)).body).toMatch(/masto has been @dripline@.* so far/);
  const again = await consent(world, { account: 'masto' });
  await browser.get(await backFrom(again.out, 'allow'));
  const page = (await browser.get(again.step)).body;
  expect(page).not.toContain('so far');
  expect(page).not.toContain('name="name"');
  await world.submit(again.step, { do: 'save', place: 'variables' });
  expect((await browser.get('/accounts')).body).toContain('Reconnected as @dripline@');
  expect(world.next().accounts).toHaveLength(1);
  expect(world.next().accounts[0]).not.toMatchObject({ token: defaultPeople[2].token });
  expect(served.context.settings.accounts[0]).toMatchObject({ token: defaultPeople[2].token });

  // The same person under another name would publish everything twice.
  const twin = await consent(world);
  await browser.get(await backFrom(twin.out, 'allow'));
  expect((await browser.get(twin.step)).body).toContain('would publish');
  const before = world.read('config/dripline.yaml');
  await world.submit(twin.step, { do: 'save', name: 'other', place: 'data' });
  expect(world.read('config/dripline.yaml')).toBe(before);
});

test('a token that was revoked: the account is held, and Reconnect stands beside the reason', async () => {
  await using world = await openConnectWorld(masto('revoked-token'));
  const { browser } = world;
  const page = await until('it is held', async () => {
    const { body } = await browser.get('/accounts');
    return body.includes('Reconnect the account') ? body : undefined;
  });
  expect(page).toMatch(/class="button main"\s+href="\/accounts\/connect\?account=masto"/);
});

test('forms of other sites, without their token, of other names and of odd values change nothing', async () => {
  await using world = await openConnectWorld(near);
  const { browser } = world;
  const { mastodon: url } = world.sandbox.baseUrls;
  const before = world.read('config/dripline.yaml');
  const fields = { way: 'consent', url };
  const foreign = { origin: 'https://evil.example' };
  const csrf = await browser.token(`${root}/mastodon`);
  expect((await browser.post(`${root}/mastodon`, { csrf, ...fields }, foreign)).status).toBe(403);
  const stale = await browser.post(`${root}/mastodon`, { csrf: 'x', ...fields });
  expect(stale.headers['location']).toBe(root);
  expect(world.sandbox.requests().some(({ route }) => route === 'POST /api/v1/apps')).toBe(false);
  expect((await browser.get(`${root}/threads`)).status).toBe(404);
  const inside = await world.submit(`${root}/mastodon`, {
    way: 'consent',
    url: 'https://10.0.0.8',
  });
  expect([inside.status, inside.body]).toEqual([422, expect.stringContaining('private network')]);
  const begun = await consent(world);
  await browser.get(await backFrom(begun.out, 'allow', 'second'));
  for (const name of ['../x', 'Bad Name', 'bsky', '']) {
    await world.submit(begun.step, { do: 'save', name, place: 'data' });
    expect((await browser.get(begun.step)).body).toContain('role="alert"');
  }
  await world.submit(begun.step, { do: 'discard' });
  expect((await browser.get(begun.step)).status).toBe(404);
  expect(world.sandbox.requests().some(({ route }) => route === 'POST /oauth/revoke')).toBe(true);
  expect(world.read('config/dripline.yaml')).toBe(before);
});

test('where the configuration is mounted read-only, the whole account is kept in the data folder', async () => {
  await using world = await openConnectWorld(near);
  // A file that is not ours to write.
  const mounted = join(world.folder, 'mounted.yaml');
  writeFileSync(mounted, world.read('config/dripline.yaml'));
  vi.stubEnv('DRIPLINE_CONFIG', mounted);
  const { step, out } = await consent(world);
  await world.browser.get(await backFrom(out, 'allow'));
  expect((await world.browser.get(step)).body).not.toContain('.env');
  await world.submit(step, { do: 'save', name: 'masto', place: 'variables' });
  expect((await world.browser.get('/accounts')).body).toContain('<b>masto</b> is connected');
  const { accounts, shown } = loadConfig(world.folder, openEnvironment(world.folder));
  expect(accounts.map(({ name }) => name)).toEqual(['bsky', 'masto']);
  expect(shown).toContainEqual({
    key: 'accounts.masto.token',
    value: '…',
    from: 'data/accounts.json',
  });
  expect(world.read('config/dripline.yaml')).not.toContain('masto');
});

test('from a service without accounts only the public internet is asked', async () => {
  await using world = await openConnectWorld(none);
  const { mastodon: url } = world.sandbox.baseUrls;
  expect((await world.browser.get('/accounts')).body).toContain('Connect an account');
  for (const address of [url, url.replace('http:', 'https:')]) {
    const { status, body } = await world.submit(`${root}/mastodon`, {
      way: 'consent',
      url: address,
    });
    expect([status, body]).toEqual([422, expect.stringMatching(/private network|encryption/)]);
  }
});

test('an answer that comes after a restart says to start again, and a new start works', async () => {
  await using world = await openConnectWorld(near);
  const { step, out } = await consent(world);
  const back = await backFrom(out, 'allow');
  await world.served[Symbol.asyncDispose]();
  const config = { ...world.next(), web: { host: '127.0.0.1', port: 0 } };
  const log = { info: () => undefined, warn: () => undefined };
  await using served = await openServed(config, { log, clock: world.clock, timing: quick });
  const web = served.web ?? '';
  for (const page of [await openBrowser(web).get(back), await openBrowser(web).get(step)]) {
    expect([400, 404]).toContain(page.status);
    expect(page.body).toMatch(/Dripline was\s+restarted meanwhile\. Nothing was\s+changed/);
    expect(page.body).toContain('href="/accounts/connect">Start again');
  }
});

test('another identity is confirmed by a button', async () => {
  await using world = await openConnectWorld(near);
  const { browser, served } = world;
  const { store } = served.context;
  await until('it is known', async () => (await readAccount(store, 'bsky')).identity);
  const stranger = { id: 'did:plc:other', handle: 'other.test', url: 'https://other.test' };
  const heldBecause = 'its credential belongs to other.test: say `confirm bsky` if that is meant';
  await changeAccount(store, 'bsky', (fact) => ({ ...fact, stranger, heldBecause }));
  const page = (await browser.get('/accounts')).body;
  expect(page).toContain('It is @other.test now');
  expect(page).not.toContain('say <code>');
  await world.submit('/do/confirm', { arg: 'bsky', back: '/accounts' });
  const after = (await browser.get('/accounts')).body;
  expect(after).toContain('bsky is other.test from now on.');
  expect((await readAccount(store, 'bsky')).identity).toEqual(stranger);
  expect((await store.listJournal({ types: ['confirmed'] }))[0]?.by).toBe('web');
});
