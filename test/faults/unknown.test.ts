import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Delivery } from '../../src/core/delivery/delivery.ts';
import { hour, minute } from '../../src/core/time.ts';
import { openStore } from '../../src/store/open-store.ts';
import { until } from '../flow/world.ts';
import { type CardPage, type FaultWorld, openCardPage, openFaultWorld } from './fault-world.ts';
import { brief } from './faults.ts';
import { postRoutes } from './requests.ts';
import { alter } from '../store/kit.ts';

let page: CardPage;
beforeAll(async () => {
  page = await openCardPage();
});
afterAll(() => page[Symbol.asyncDispose]());

const find = async (world: FaultWorld, id: string) =>
  (await world.deliveries()).find((one) => one.id === id);
const allOut = (world: FaultWorld) =>
  until(
    'all are out',
    async () => (await world.store().countDeliveries({ states: ['released'] })) === 6,
  );
const countOf = (world: FaultWorld, network: string, text: string) =>
  world.sandbox.accepted().filter((post) => post.network === network && post.text.startsWith(text))
    .length;

test('a send with an unknown outcome stays frozen while its repeat cannot be sent', async () => {
  await using world = await openFaultWorld(page);
  await using _served = await world.serve({ ...brief, lookGapFor: minute });
  world.sandbox.misbehave({
    network: 'bluesky',
    route: postRoutes.bluesky,
    times: 1,
    how: 'reset-before',
  });
  await world.say('resume');
  await until(
    'all others are out',
    async () => (await world.store().countDeliveries({ states: ['released'] })) === 5,
  );
  world.sandbox.misbehave({ network: 'bluesky', route: postRoutes.bluesky, times: 1, how: '429' });
  world.clock.move(minute);
  const waiting = await until('the repeat was put off', async () => {
    const one = await find(world, 'thread@bsky');
    return one?.reason?.includes('429') ? one : undefined;
  });
  expect(waiting.state).toBe('releasing');
  expect(waiting.lookAt).toBeGreaterThan(world.clock.now() + minute);
  const { rkey } = waiting.intent!.sending!.payload as { rkey: string };
  world.clock.move(6 * minute);
  await allOut(world);
  expect((await find(world, waiting.id))?.receipts[0]?.id.endsWith(`/${rkey}`)).toBe(true);
  expect(countOf(world, 'bluesky', 'The first')).toBe(1);
});

test('what Bluesky did not have within the hour is a question to a person, not a post', async () => {
  await using world = await openFaultWorld(page);
  await using _served = await world.serve({ ...brief, lookGapFor: minute });
  world.sandbox.misbehave({
    network: 'bluesky',
    route: postRoutes.bluesky,
    times: 1,
    how: 'reset-before',
  });
  await world.say('resume');
  const left = await until('a send without an answer', async () =>
    (await world.deliveries()).find(
      ({ network, lookAt }) => network === 'bluesky' && lookAt !== undefined,
    ),
  );
  await until(
    'all others are out',
    async () => (await world.store().countDeliveries({ states: ['released'] })) === 5,
  );
  world.clock.move(hour + minute);
  await until('a person is asked', async () => (await find(world, left.id))?.state === 'uncertain');
  expect(countOf(world, 'bluesky', 'The first')).toBe(0);
  await world.say(`settle ${left.id} not-released`);
  await allOut(world);
  expect(countOf(world, 'bluesky', 'The first')).toBe(1);
});

test('a clock that is set back over a crash makes nothing young enough to be repeated', async () => {
  await using world = await openFaultWorld(page);
  world.sandbox.misbehave({ network: 'x', route: postRoutes.x, times: 1, how: 'reset-before' });
  {
    await using _served = await world.serve({ ...brief, lookGapFor: minute });
    await world.say('resume');
    await until(
      'all others are out',
      async () => (await world.store().countDeliveries({ states: ['released'] })) === 5,
    );
    await until(
      'a send without an answer',
      async () => (await find(world, 'thread@x'))?.lookAt !== undefined,
    );
  }
  {
    // As a kill between intent and receipt leaves it.
    await using store = await openStore({ dataFolder: world.dataFolder, mode: 'beside' });
    const { lookAt: _lookAt, ...left } = (await store.findDelivery('thread@x')) as Delivery;
    await store.changeDelivery(
      left,
      alter(left, {
        claim: { by: 'gone', fence: left.fence, until: world.clock.now() + minute },
      }),
    );
  }
  const sends = world.asked('x', postRoutes.x);
  world.clock.move(-10 * minute);
  await using _again = await world.serve(brief);
  await until(
    'a person is asked',
    async () => (await find(world, 'thread@x'))?.state === 'uncertain',
  );
  expect(world.asked('x', postRoutes.x)).toBe(sends);
});

test('an empty store does not send again what stands on the accounts already', async () => {
  await using world = await openFaultWorld(page);
  {
    await using _served = await world.serve(brief);
    await world.say('resume');
    await allOut(world);
  }
  const before = world.sandbox.accepted().length;
  rmSync(world.dataFolder, { recursive: true });
  await using _served = await world.serve(brief);
  await world.say('resume');
  await until('all are settled', async () => {
    const deliveries = await world.deliveries();
    return (
      deliveries.length === 6 &&
      deliveries.every(({ state }) => ['released', 'uncertain'].includes(state))
    );
  });
  const states = (await world.deliveries()).map(({ post, state }) => `${post} ${state}`);
  // Of a thread only a person can say whether it is whole.
  expect([...new Set(states)].sort()).toEqual(['card released', 'thread uncertain']);
  expect(world.sandbox.accepted().length).toBe(before);
});
