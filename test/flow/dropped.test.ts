import { expect, test } from 'vitest';
import { PublishError } from '../../src/ports/publisher.ts';
import { openWorld, quick, until } from './world.ts';

test('a network that takes a post again and again and never shows it is given up for a person, others are not touched', { timeout: 60_000 }, async () => {
  await using world = await openWorld({ files: { 'posts/a.md': 'A' } });
  await using served = await world.serve({ timing: { ...quick, lookGapFor: 10, sweepEvery: 50 } });
  const publisher = served.context.publishers.get('masto');
  if (!publisher) throw new Error('no account');
  const sent: unknown[] = [];
  publisher.publish = async (payload) => {
    sent.push(payload);
    throw new PublishError('unknown', 'taken, and not shown');
  };
  await world.say('resume');
  await until('a person is asked', async () => (await served.context.store.findDelivery('a@masto'))?.state === 'uncertain', 40_000);
  expect(sent).toHaveLength(11);
  expect((await served.context.store.findDelivery('a@masto'))?.reason).toContain('taken, and not shown');
  expect(world.texts('bluesky')).toEqual(['A']);
  expect(world.texts('x')).toEqual(['A']);
});

test('a publisher that never answers, whatever it is told, holds its account no longer than a publish may take', { timeout: 60_000 }, async () => {
  await using world = await openWorld({ files: { 'posts/010-a.md': 'A', 'posts/020-b.md': 'B' } });
  await using served = await world.serve();
  const publisher = served.context.publishers.get('bsky');
  if (!publisher) throw new Error('no account');
  const publish = publisher.publish.bind(publisher);
  let calls = 0;
  publisher.publish = (payload, options) => (calls++ === 0 ? new Promise(() => undefined) : publish(payload, options));
  await world.say('resume');
  await until('both are out', () => world.texts('bluesky').length === 2, 30_000);
  expect(world.texts('bluesky').toSorted()).toEqual(['A', 'B']);
});
