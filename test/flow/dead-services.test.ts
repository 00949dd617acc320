import { expect, test } from 'vitest';
import { hour } from '../../src/core/time.ts';
import {
  beat,
  removeDeadServices,
  type ServiceFact,
  servicePrefix,
} from '../../src/flow/service-fact.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { openWorld, until } from './world.ts';

const factOf = (worker: string, beatAt: number): ServiceFact => ({
  worker,
  pid: 1,
  host: 'h',
  version: '0',
  startedAt: beatAt,
  beatAt,
});

test.each([
  [true, []],
  [false, ['fresh', 'set-back']],
] as const)(
  'a start removes what killed services said of themselves (alone on the store: %s)',
  async (isAlone, left) => {
    const store = openMemoryStore();
    const clock = { now: () => 1000 * hour, monotonic: () => 0 };
    const put = (worker: string, beatAt: number) =>
      beat({ store, worker }, () => factOf(worker, beatAt));
    for (let i = 0; i < 60; i++) await put(`dead-${i}`, clock.now() - (i + 2) * hour);
    await put('fresh', clock.now() - 1000);
    await put('set-back', clock.now() + 1000);
    await put('me', clock.now() - 5 * hour);
    await removeDeadServices({ store, clock, worker: 'me' }, { isAlone });
    const facts = await store.listFacts<ServiceFact>(servicePrefix);
    expect(facts.map(({ value }) => value.worker).toSorted()).toEqual(['me', ...left].toSorted());
  },
);

test('after kills and restarts, the store knows the service that runs and no other', async () => {
  await using world = await openWorld();
  for (let i = 0; i < 3; i++) {
    await using served = await world.serve();
    const { store, clock } = served.context;
    await until('it beats', async () => (await store.listFacts(servicePrefix)).length > 0);
    expect(await store.listFacts(servicePrefix)).toHaveLength(1);
    // As kill -9 leaves it.
    await beat({ store, worker: `killed-${i}` }, () => factOf(`killed-${i}`, clock.now()));
  }
  await using last = await world.serve();
  await until('it is alone', async () => {
    const facts = await last.context.store.listFacts<ServiceFact>(servicePrefix);
    return facts.length === 1 && facts[0]?.value.worker === last.context.worker;
  });
});
