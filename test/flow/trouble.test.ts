import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { hour, minute } from '../../src/core/time.ts';
import { launchMongo } from '../peers/mongo-launcher.ts';
import { openMovableClock, openWorld, tuesday, until, untilQuiet, type World } from './world.ts';

const posts = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`posts/${1000 + i}-p${i}.md`, `Post ${i}`]),
  );

interface Row {
  state: string;
  at?: string;
  reason?: string;
}

const on = (world: World, network: string) =>
  world.sandbox.accepted().filter((post) => post.network === network);

test('after three days asleep with 200 overdue, each account releases one at once and the rest minGap apart', async () => {
  const clock = openMovableClock(tuesday);
  await using world = await openWorld({
    clock,
    yaml: 'cadence: { perDay: 72, windows: ["00:00-24:00"], minGap: 10m }',
    files: posts(200),
  });
  {
    await using _served = await world.serve();
    await world.say('resume');
  }
  const before = world.sandbox.accepted().length;
  clock.move(3 * 24 * hour);
  await using _again = await world.serve();
  for (let passed = 0; passed < 60; passed += 2) {
    clock.move(2 * minute);
    await untilQuiet(world, clock);
  }
  for (const network of ['x', 'bluesky', 'mastodon']) {
    const times = on(world, network)
      .slice(Math.ceil(before / 3))
      .map(({ at }) => Date.parse(at));
    expect(times.length).toBeGreaterThanOrEqual(2);
    for (let i = 1; i < times.length; i++)
      expect((times[i] ?? 0) - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(10 * minute - 1000);
    expect(times.length).toBeLessThanOrEqual(1 + 6);
  }
});

test('a network that is down for a day delays nobody else, is asked ever more rarely, and gets each post once when it is back', async () => {
  const clock = openMovableClock(tuesday);
  await using world = await openWorld({
    clock,
    yaml: 'cadence: { perDay: 24, windows: ["00:00-24:00"], minGap: 10m }',
    files: posts(30),
  });
  await using _served = await world.serve();
  const undo = world.sandbox.misbehave({ network: 'mastodon', how: 'reset-before' });
  await world.say('resume');
  for (let passed = 0; passed < 24 * 5; passed++) {
    clock.move(12 * minute);
    await untilQuiet(world, clock);
  }
  expect(on(world, 'bluesky').length).toBeGreaterThanOrEqual(23);
  expect(on(world, 'x').length).toBeGreaterThanOrEqual(23);
  expect(on(world, 'mastodon')).toEqual([]);
  const asked = world.sandbox
    .requests()
    .filter(
      ({ network, route }) => network === 'mastodon' && route.startsWith('POST /api/v1/statuses'),
    )
    .reduce((sum, { count }) => sum + count, 0);
  expect(asked).toBeLessThanOrEqual(60);
  const shown = await world.say('status');
  expect(shown.accounts.find(({ name }: { name: string }) => name === 'masto')).toHaveProperty(
    'lastError',
  );
  undo();
  for (let passed = 0; passed < 20; passed++) {
    clock.move(12 * minute);
    await untilQuiet(world, clock);
  }
  await until('Mastodon has posts again', () => on(world, 'mastodon').length >= 1);
  const times = on(world, 'mastodon').map(({ at }) => Date.parse(at));
  for (let i = 1; i < times.length; i++)
    expect((times[i] ?? 0) - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(10 * minute - 1000);
  expect(new Set(on(world, 'mastodon').map(({ text }) => text)).size).toBe(times.length);
});

test('wrong credentials hold the account, are told once, and are good again when they were mended', async () => {
  await using world = await openWorld({ files: posts(2) });
  world.config.accounts = world.config.accounts.map((account) =>
    account.network === 'mastodon' ? { ...account, token: 'wrong' } : account,
  );
  {
    await using _served = await world.serve();
    await world.say('resume');
    await until(
      'the others are out',
      () => on(world, 'x').length === 2 && on(world, 'bluesky').length === 2,
    );
    const status = await world.say('status');
    expect(
      status.accounts.find(({ name }: { name: string }) => name === 'masto').heldBecause,
    ).toMatch(/token|log in|credential/i);
    expect(
      (await world.say('journal')).filter(({ type }: { type: string }) => type === 'held'),
    ).toHaveLength(1);
    expect(
      (await world.say<Row[]>('queue --account=masto')).every(({ state }) => state === 'waiting'),
    ).toBe(true);
  }
  world.config.accounts = world.config.accounts.map((account) =>
    account.network === 'mastodon' ? { ...account, token: 'sandbox-token' } : account,
  );
  await using _again = await world.serve();
  await until('Mastodon too', () => on(world, 'mastodon').length === 2);
});

test('a posts folder that was unmounted withdraws nothing, holds what comes from it, and goes on when it is back', async () => {
  await using world = await openWorld({
    yaml: 'cadence: { perDay: 24, windows: ["00:00-24:00"], minGap: 10m }',
    files: posts(5),
  });
  await using served = await world.serve();
  await world.say('resume');
  await rename(join(world.folder, 'posts'), join(world.folder, 'elsewhere'));
  await until('all are held', async () =>
    (await world.say<Row[]>('queue')).every(
      ({ state, reason }) => state === 'waiting' && /mounted/.test(reason ?? ''),
    ),
  );
  expect(
    (await world.say('journal')).filter(
      ({ type, text }: { type: string; text: string }) =>
        type === 'notice' && text.includes('posts folder'),
    ),
  ).toHaveLength(1);
  expect(await served.context.store.countDeliveries({ states: ['withdrawn'] })).toBe(0);
  await rename(join(world.folder, 'elsewhere'), join(world.folder, 'posts'));
  await until('all are planned again', async () =>
    (await world.say('queue')).some(({ state }: Row) => state === 'planned'),
  );
});

test('a clock that is set back an hour holds until the networks confirm it, and nothing goes out twice or too near', async () => {
  const clock = openMovableClock();
  const networksClock = openMovableClock();
  await using world = await openWorld({ clock: networksClock, files: posts(40) });
  await using served = await world.serve({ clock });
  await world.say('resume');
  await until('some are out', () => world.sandbox.accepted().length >= 6);
  clock.move(-hour);
  await until('it holds', () => served.context.hold.because);
  expect(served.context.hold.because).toMatch(/clock/);
  const held = world.sandbox.accepted().length;
  const heldAt = performance.now();
  // The networks agree after all: it was this machine that had been wrong before.
  networksClock.move(-hour);
  await until('it goes on', () => served.context.hold.because === undefined);
  // One on each account was under way; from when it goes on, at the earliest since it held, they
  // are a second apart.
  expect(world.sandbox.accepted().length).toBeLessThanOrEqual(
    held + 3 * (1 + Math.floor((performance.now() - heldAt) / 1000)),
  );
  const texts = world.sandbox.accepted().map(({ network, text }) => `${network} ${text}`);
  expect(new Set(texts).size).toBe(texts.length);
});

test('a second service on the same SQLite store is refused, naming the first', async () => {
  await using world = await openWorld({ files: posts(1) });
  await using _served = await world.serve();
  await expect(world.serve()).rejects.toThrow(`process ${process.pid} on`);
});

const mongoTest = inject('mongoUri') ? test : test.skip;

mongoTest(
  'a MongoDB that goes away and comes back costs nothing but time (needs Java 17 and Maven)',
  { timeout: 420_000 },
  async () => {
    await using world = await openWorld({
      yaml: 'cadence: { perDay: 86000, windows: ["00:00-24:00"], minGap: 0s }',
      files: posts(25),
    });
    const file = join(world.folder, 'mongo.h2');
    const first = await launchMongo({ file });
    const port = Number(new URL(first.uri).port);
    world.config.mongoUri = `${first.uri.replace(/\/$/, '')}/away`;
    await using served = await world.serve();
    await world.say('resume');
    await until('some are out', () => world.sandbox.accepted().length >= 6);
    await first[Symbol.asyncDispose]();
    await until('the service notices', () =>
      served.context.store.countDeliveries({}).then(
        () => false,
        () => true,
      ),
    );
    await using _second = await launchMongo({ port, file });
    await until('all are out', () => world.sandbox.accepted().length === 75, 240_000);
    const texts = world.sandbox.accepted().map(({ network, text }) => `${network} ${text}`);
    expect(new Set(texts).size).toBe(75);
  },
);
