import { expect, test } from 'vitest';
import { until } from '../flow/world.ts';
import { openBrowser, openDoorWorld, withoutWaits } from './door-kit.ts';

const password = 'correct horse battery';
const turnEvery = 250;
const device = 'dripline-device-';

test('a thousand wrong passwords slow the login and nothing else: health answers, a release goes out, and the owner gets in', async () => {
  await using opened = await openDoorWorld({ 'posts/hello.md': 'Hello' });
  await using web = await opened.open(
    { password, trustedProxies: ['127.0.0.1'], limits: { turnEvery } },
    withoutWaits(opened.context.clock),
  );
  await until(
    'hello is planned',
    async () => (await opened.context.store.findDelivery('hello@x'))?.state === 'planned',
  );
  const owner = openBrowser(web.url);
  const mine = { 'x-forwarded-for': '198.51.100.7' };
  const logIn = async () =>
    owner.post('/login', { password, csrf: await owner.token('/login'), back: '/' }, mine);
  const begunAt = performance.now();
  expect((await logIn()).status).toBe(303);
  const loginFor = performance.now() - begunAt;
  await owner.say('resume', []);
  const attacker = openBrowser(web.url);
  const csrf = await attacker.token('/login');
  let isOver = false;
  const slowest = { health: 0 };
  const watching = (async () => {
    while (!isOver) {
      const since = performance.now();
      expect((await attacker.get('/healthz')).status).toBe(200);
      slowest.health = Math.max(slowest.health, performance.now() - since);
    }
  })();
  const answers: Promise<number>[] = [];
  const floodedAt = performance.now();
  // Half of them from one address, half of them from everywhere.
  for (let i = 0; i < 1000; i++) {
    const from = i % 2 ? '203.0.113.1' : `10.1.${i >> 8}.${i & 255}`;
    answers.push(
      attacker
        .post('/login', { password: `wrong ${i}`, csrf, back: '/' }, { 'x-forwarded-for': from })
        .then(({ status }) => status),
    );
    if (i % 50 === 49) await answers.at(-25);
    if (i === 100)
      answers.push(
        owner
          .say('now', ['hello@x'], { 'opt-yes': 'true' })
          .then(({ body }) => (body.includes('hello@x: published') ? 200 : 0)),
      );
  }
  const statuses = await Promise.all(answers);
  isOver = true;
  await watching;
  const count = (status: number) => statuses.filter((one) => one === status).length;
  const turns = 1 + (performance.now() - floodedAt) / turnEvery;
  expect([count(200), count(401) + count(429)]).toEqual([1, 1000]);
  expect(count(401)).toBeLessThanOrEqual(20 + turns);
  expect(opened.world.texts('x')).toEqual(['Hello']);
  // Behind the wrong passwords it would have waited for twenty of them; a slow machine takes its
  // time over the one of before too.
  expect(slowest.health).toBeLessThan(Math.max(1500, 8 * loginFor));
  owner.cookies.clear();
  expect((await logIn()).status).toBe(303);
  const elsewhere = { 'x-forwarded-for': '10.2.3.4' };
  const { status } = await attacker.post('/login', { password, csrf, back: '/' }, elsewhere);
  expect(status).toBe(303);
});

test('while a hundred addresses go on and on with wrong passwords, the owner gets in from a new one', async () => {
  await using opened = await openDoorWorld();
  await using web = await opened.open(
    { password, trustedProxies: ['127.0.0.1'], limits: { turnEvery } },
    withoutWaits(opened.context.clock),
  );
  const csrf = await web.browser.token('/login');
  const say = async (word: string, from: string) =>
    (
      await web.browser.post(
        '/login',
        { password: word, csrf, back: '/' },
        { 'x-forwarded-for': from },
      )
    ).status;
  let isOver = false;
  const seen = new Map<number, number>();
  const flood = Array.from({ length: 100 }, async (_, i) => {
    while (!isOver) {
      const status = await say('wrong', `10.0.0.${i}`);
      seen.set(status, (seen.get(status) ?? 0) + 1);
    }
  });
  const over = Promise.all(flood);
  await Promise.race([over, until('the queue is full', () => (seen.get(429) ?? 0) > 200)]);
  const status = await say(password, '198.51.100.7');
  isOver = true;
  await over;
  expect([status, [...seen.keys()].toSorted()]).toEqual([303, [401, 429]]);
});

test('a browser that was in before does not queue behind strangers of its own address', async () => {
  await using opened = await openDoorWorld();
  const clock = withoutWaits(opened.context.clock);
  const limits = { turnEvery: 3_600_000 };
  const trustedProxies = ['10.0.0.1'];
  await using web = await opened.open({ password, trustedProxies, limits }, clock);
  const owner = web.browser;
  expect((await owner.logIn(password)).status).toBe(303);
  const [name = '', value = ''] = [...owner.cookies].find(([one]) => one.startsWith(device)) ?? [];
  const stranger = await fillQueue(web.url);
  owner.cookies.clear();
  owner.cookies.set(name, value);
  expect((await owner.logIn(password)).status).toBe(303);
  const half = value.split('.')[0] ?? '';
  for (const forged of ['', '.', half, `${half}.`, `${value}a`, `${'A'.repeat(22)}.${half}`]) {
    const liar = openBrowser(web.url, new Map([[name, forged]]));
    expect([forged, (await liar.logIn(password)).status]).toEqual([forged, 429]);
  }
  await web[Symbol.asyncDispose]();
  await stranger.over;

  // Another password is another door.
  const other = `${password} staple`;
  await using changed = await opened.open({ password: other, trustedProxies, limits }, clock);
  await changed.browser.logIn(other);
  const renamed = [...changed.browser.cookies.keys()].find((one) => one.startsWith(device)) ?? '';
  expect(renamed).not.toBe(name);
  const strangers = await fillQueue(changed.url);
  const before = openBrowser(changed.url, new Map([[renamed, value]]));
  expect((await before.logIn(other)).status).toBe(429);
  await changed[Symbol.asyncDispose]();
  await strangers.over;
});

/** Takes the free tries of this machine's address, and every place that it may have in the queue. */
async function fillQueue(url: string) {
  const stranger = openBrowser(url);
  for (let i = 0; i < 3; i++) expect((await stranger.logIn('wrong')).status).toBe(401);
  const csrf = await stranger.token('/login');
  const say = () => stranger.post('/login', { password: 'wrong', csrf, back: '/' });
  // The first turn comes at once, and then none for an hour.
  expect((await say()).status).toBe(401);
  const waiting = [say(), say(), say(), say()];
  const { status, headers } = await Promise.race(waiting);
  expect([status, Number(headers['retry-after']) > 0]).toEqual([429, true]);
  return { over: Promise.allSettled(waiting) };
}
