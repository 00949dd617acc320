import { expect, test } from 'vitest';
import { PublishError } from '../../src/ports/publisher.ts';
import { StoreError } from '../../src/ports/store.ts';
import { openWorld, quick, until } from './world.ts';

test('a network that takes a post again and again and never shows it is given up for a person, others are not touched', async () => {
  await using world = await openWorld({ files: { 'posts/a.md': 'A' } });
  await using served = await world.serve({ timing: { ...quick, lookGapFor: 10, sweepEvery: 50 } });
  const publisher = served.context.publishers.get('masto');
  if (!publisher) throw new Error('no account');
  const sent: unknown[] = [];
  publisher.publish = async (payload, { mayOpen }) => {
    mayOpen();
    sent.push(payload);
    throw new PublishError('unknown', 'taken, and not shown');
  };
  await world.say('resume');
  await until(
    'a person is asked',
    async () => (await served.context.store.findDelivery('a@masto'))?.state === 'uncertain',
  );
  expect(sent).toHaveLength(11);
  expect((await served.context.store.findDelivery('a@masto'))?.reason).toContain(
    'taken, and not shown',
  );
  expect(world.texts('bluesky')).toEqual(['A']);
  expect(world.texts('x')).toEqual(['A']);
});

test('a publisher that never answers, whatever it is told, holds its account no longer than a publish may take', async () => {
  await using world = await openWorld({ files: { 'posts/010-a.md': 'A', 'posts/020-b.md': 'B' } });
  await using served = await world.serve({
    timing: { ...quick, claimFor: 10_000, publishFor: 5000 },
  });
  const publisher = served.context.publishers.get('bsky');
  if (!publisher) throw new Error('no account');
  const publish = publisher.publish.bind(publisher);
  let calls = 0;
  publisher.publish = (payload, options) => {
    if (calls++ > 0) return publish(payload, options);
    options.mayOpen();
    return new Promise(() => undefined);
  };
  await world.say('resume');
  await until('both are out', () => world.texts('bluesky').length === 2);
  expect(world.texts('bluesky').toSorted()).toEqual(['A', 'B']);
});

test.each([
  'the write is lost',
  'the write stands and its answer is lost',
  'the look after it fails',
])('a store that fails right before a send leaves no doubt, on X either: %s', async (how) => {
  await using world = await openWorld({ files: { 'posts/a.md': 'A' } });
  await using served = await world.serve({
    timing: { ...quick, claimFor: 10_000, publishFor: 5000 },
  });
  const { store } = served.context;
  const [change, find] = [store.changeDelivery.bind(store), store.findDelivery.bind(store)];
  const failing = new Map([
    ['x', 1],
    ['bluesky', 1],
    ['mastodon', 1],
  ]);
  const isFirst = (network: string) => {
    const left = failing.get(network) ?? 0;
    failing.set(network, left - 1);
    return left > 0;
  };
  const fail = () => {
    throw new StoreError('unavailable', 'gone for a moment');
  };
  store.changeDelivery = async (before, after, entries) => {
    if (
      !after.intent?.sending ||
      before.intent?.sending ||
      how === 'the look after it fails' ||
      !isFirst(after.network)
    )
      return change(before, after, entries);
    if (how === 'the write stands and its answer is lost') await change(before, after, entries);
    return fail();
  };
  store.findDelivery = async (id) => {
    const found = await find(id);
    return how === 'the look after it fails' && found?.intent?.sending && isFirst(found.network)
      ? fail()
      : found;
  };
  await world.say('resume');
  await until('all three are out', () => world.sandbox.accepted().length === 3);
  await until(
    'their receipts',
    async () => (await store.countDeliveries({ states: ['released'] })) === 3,
  );
  for (const network of ['x', 'bluesky', 'mastodon']) expect(world.texts(network)).toEqual(['A']);
  expect([...failing.values()].every((left) => left <= 0)).toBe(true);
});
