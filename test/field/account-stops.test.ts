import { expect, test } from 'vitest';
import { hour, minute } from '../../src/core/time.ts';
import { readAccount } from '../../src/flow/facts.ts';
import { tellTrouble } from '../../src/flow/release/account-trouble.ts';
import { backOff, clearBackoff } from '../../src/flow/release/back-off.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { makeDelivery } from '../store/kit.ts';
import { openMovableClock, openWorld, until } from '../flow/world.ts';

async function openTrouble() {
  const clock = openMovableClock(1_800_000_000_000);
  const store = openMemoryStore();
  await store.addDeliveries([makeDelivery('a')]);
  const context = { store, clock };
  const told = async () =>
    (await store.listJournal({})).map(({ type, text }) => `${type}: ${text}`);
  return { ...context, context, told };
}

test('credits that are gone are told at once, once, and so is their return', async () => {
  const { context, clock, told } = await openTrouble();
  const wait = { until: clock.now() + hour, lastError: 'X answered 402', needsPerson: true };
  for (let n = 0; n < 3; n++) {
    await backOff(context, 'bsky', wait);
    await tellTrouble(context, 'bsky');
  }
  expect(await told()).toEqual([expect.stringMatching(/^held: bsky cannot publish until you act/)]);
  for (let n = 0; n < 3; n++) await clearBackoff(context, 'bsky');
  expect(await told()).toHaveLength(2);
  expect((await told())[1]).toMatch(/^notice: bsky works again/);
  expect(await readAccount(context.store, 'bsky')).toEqual({ failures: 0 });
});

test('any other trouble is told after an hour, once, and not where nothing is to be published', async () => {
  const { context, clock, told } = await openTrouble();
  const fail = (account: string) =>
    backOff(context, account, { until: clock.now() + minute, lastError: 'not reachable' });
  for (let passed = 0; passed < 3 * hour; passed += 10 * minute) {
    for (const account of ['bsky', 'empty']) {
      await fail(account);
      await tellTrouble(context, account);
    }
    expect(await told()).toHaveLength(passed < hour ? 0 : 1);
    clock.move(10 * minute);
  }
  expect((await told())[0]).toMatch(/bsky has not been able to publish for an hour: not reachable/);
  await clearBackoff(context, 'bsky');
  await clearBackoff(context, 'empty');
  expect(await told()).toHaveLength(2);
});

test('a trouble that ends within the hour is told to no one', async () => {
  const { context, clock, told } = await openTrouble();
  for (let n = 0; n < 5; n++) {
    await backOff(context, 'bsky', { until: clock.now() + minute, lastError: 'not reachable' });
    clock.move(50 * minute);
    await tellTrouble(context, 'bsky');
    await clearBackoff(context, 'bsky');
  }
  expect(await told()).toEqual([]);
});

test('a network that is away for hours is told by the running service, and its return too', async () => {
  const clock = openMovableClock();
  await using world = await openWorld({ clock, files: { 'posts/1-a.md': 'Hello.' } });
  const undo = world.sandbox.misbehave({ network: 'mastodon', how: '503' });
  await using served = await world.serve();
  await world.say('resume');
  const { store } = served.context;
  const masto = world.config.accounts.find(({ network }) => network === 'mastodon')?.name ?? '';
  await until('it is troubled', async () => (await readAccount(store, masto)).failures > 0);
  clock.move(hour + minute);
  const notices = async () =>
    (await store.listJournal({ types: ['notice'] })).flatMap(({ text = '' }) => text);
  await until('it is told', async () => (await notices()).some((one) => /for an hour/.test(one)));
  undo();
  clock.move(hour);
  await until('it is out', () => world.texts('mastodon').length === 1);
  await until('that is told', async () => (await notices()).some((one) => /works again/.test(one)));
  expect((await notices()).filter((one) => one.startsWith(masto))).toHaveLength(2);
});
