import { expect, test } from 'vitest';
import { until } from '../flow/world.ts';
import { openBrowser, openDoorWorld, withoutWaits } from './door-kit.ts';

const password = 'correct horse battery';

test('a thousand wrong passwords slow the login and nothing else: health answers, a release goes out, and who was in before gets in', async () => {
  await using opened = await openDoorWorld({ 'posts/hello.md': 'Hello' });
  await using web = await opened.open(
    { password, trustedProxies: ['127.0.0.1'] },
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
  expect([count(200), count(401) <= 20, count(401) + count(429)]).toEqual([1, true, 1000]);
  expect(opened.world.texts('x')).toEqual(['Hello']);
  // Behind the wrong passwords it would have waited for twenty of them; a slow machine takes its
  // time over the one of before too.
  expect(slowest.health).toBeLessThan(Math.max(1500, 8 * loginFor));
  owner.cookies.clear();
  expect((await logIn()).status).toBe(303);
  const { status, headers } = await attacker.post(
    '/login',
    { password, csrf, back: '/' },
    { 'x-forwarded-for': '10.2.3.4' },
  );
  expect([status, Number(headers['retry-after']) > 0]).toEqual([429, true]);
});
