import { expect, test } from 'vitest';
import { StoreError } from '../../src/ports/store.ts';
import { startAgain } from '../../src/flow/start-again.ts';
import { openWorld, quick, until, type World } from '../flow/world.ts';

/** Longer than any test may take: nothing but a chain of its own lets the others go on. */
const never = { ...quick, publishFor: 600_000, claimFor: 900_000, meetFor: 300 };
/** The one request that posts. */
const publishes = /POST .*(?:2\/tweets|putRecord|api\/v1\/statuses)$/;
const networks = ['x', 'bluesky', 'mastodon'] as const;
type Name = (typeof networks)[number];
const othersOf = (network: Name) => networks.filter((one) => one !== network);
const areOut = (world: World, wanted: readonly string[], text: string) =>
  wanted.every((one) => world.texts(one).includes(text));

test.each(networks)(
  'while %s hangs from the start on, the others publish, obey and are measured',
  async (network) => {
    await using world = await openWorld({ files: { 'posts/1-a.md': 'First.' } });
    const others = othersOf(network);
    const undo = world.sandbox.misbehave({ network, how: 'hang' });
    await using served = await world.serve({ timing: never });
    await world.say('resume');
    await until('the first is out', () => areOut(world, others, 'First.'));
    world.write({ 'posts/2-b.md': 'Second.' });
    await until('a new file is out', () => areOut(world, others, 'Second.'));
    world.write({ 'posts/3-c.md': '---\ndate: 2030-01-01\n---\nThird.' });
    await until(
      'it is known',
      async () => (await served.context.store.findPost('c')) !== undefined,
    );
    // It waits for all of them: the one that hangs is given up when the service stops.
    const wish = world.say('now c').catch(() => undefined);
    await until('what a person wants is out', () => areOut(world, others, 'Third.'));
    await until('the service is heard', async () => (await world.say('status')).running);
    expect(world.texts(network)).toEqual([]);
    undo();
    await served[Symbol.asyncDispose]();
    await wish;
  },
);

test.each(networks)(
  'what a killed process left on %s, which hangs, delays what it left on the others',
  async (network) => {
    await using world = await openWorld({ files: { 'posts/1-a.md': 'Left.' } });
    for (const one of networks)
      world.sandbox.misbehave({
        network: one,
        route: publishes,
        how: 'hang-after-commit',
        times: 1,
      });
    {
      await using _first = await world.serve({
        timing: { ...quick, publishFor: 500, lookGapFor: 3000 },
      });
      await world.say('resume');
      await until('all have it', () => areOut(world, networks, 'Left.'));
    }
    world.sandbox.misbehave({ network, how: 'hang' });
    await using _second = await world.serve({ timing: never });
    const others = othersOf(network);
    await until('the others are settled', async () => {
      const { deliveries } = await world.say('show a');
      return others.every((one) =>
        deliveries.some((row: any) => row.network === one && row.state === 'released'),
      );
    });
  },
);

test('a start goes on when the store answers again, and says what it waits for', async () => {
  const told: string[] = [];
  const log = { info: () => undefined, warn: (text: string) => void told.push(text) };
  let tried = 0;
  const step = async () => {
    tried++;
    if (tried < 4) throw new StoreError('unavailable', 'the store cannot be reached');
    return 'well';
  };
  expect(await startAgain(step, { log, gap: 1 })).toBe('well');
  expect(told).toHaveLength(3);
  expect(told[0]).toMatch(/the store cannot be reached\. The start is tried again in/);
  await expect(
    startAgain(() => Promise.reject(new StoreError('full', 'full')), { log, gap: 1 }),
  ).rejects.toThrow('full');
  tried = 0;
  await expect(startAgain(step, { log, gap: 1, tries: 2 })).rejects.toThrow('cannot be reached');
});
