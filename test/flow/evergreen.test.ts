import { expect, test } from 'vitest';
import { rankForRun } from '../../src/core/delivery/rank.ts';
import { bestFirst } from '../../src/flow/plan/evergreen.ts';
import type { Delivery } from '../../src/core/delivery/delivery.ts';
import { day, hour } from '../../src/core/time.ts';
import { makeDelivery, makePlace } from '../store/kit.ts';
import { openWorld, quick, until } from './world.ts';

const dense = 'cadence: { perDay: 170000, windows: ["00:00-24:00"], minGap: 0s }';

test('an evergreen post comes round with its variants in turn, as often as it may, and fresh posts go first', async () => {
  await using world = await openWorld({
    yaml: dense,
    files: {
      'posts/010-green.md':
        '---\nnetworks: bsky\nevergreen: { every: 1s, times: 4, variants: ["Variant one.", "And variant two."] }\n---\nThe first text.',
    },
  });
  await using _served = await world.serve({ timing: quick });
  await world.say('resume');
  await until('four runs', () => world.texts('bluesky').length >= 4);
  expect(world.texts('bluesky')).toEqual([
    'The first text.',
    'Variant one.',
    'And variant two.',
    'Variant one.',
  ]);
  await until(
    'its receipt',
    async () => (await world.say('show green~4')).deliveries[0].state === 'released',
  );
  expect((await world.say('show green')).deliveries).toHaveLength(4);
});

test('on X a run that says nearly what an earlier one said is refused before it is sent', async () => {
  await using world = await openWorld({
    yaml: dense,
    files: {
      'posts/green.md':
        '---\nnetworks: x\nevergreen: { every: 1s, variants: ["the FIRST text!", "Something else."] }\n---\nThe first text.',
    },
  });
  await using _served = await world.serve({ timing: quick });
  await world.say('resume');
  const failed = await until('its end', async () => {
    const [, second] = (await world.say('show green')).deliveries;
    return second?.state === 'failed' ? second : undefined;
  });
  expect(failed.reason).toContain('the text of run 2 is nearly that of run 1');
  expect(world.texts('x')).toEqual(['The first text.']);
});

test('best first puts what did best before the others, and leaves what is fresh where it is', async () => {
  await using place = await makePlace();
  await using store = await place.open();
  const now = 1_800_000_000_000;
  const run = (post: string): Delivery =>
    makeDelivery(post, {
      id: `${post}~2@bsky`,
      run: 2,
      rank: rankForRun(1),
      terms: { hash: 'h', isEvergreen: true },
    });
  const sample = (post: string, likes: number, age: number) => ({
    delivery: `${post}@bsky`,
    post,
    account: 'bsky',
    network: 'bluesky' as const,
    releasedAt: now - 30 * day,
    at: now - 30 * day + age,
    counts: { likes },
  });
  // The young one has less so far, and will have more.
  await store.addSamples([
    sample('meh', 4, 48 * hour),
    sample('good', 20, 48 * hour),
    sample('young', 15, hour),
  ]);
  const queue = [makeDelivery('fresh'), run('meh'), run('unknown'), run('good'), run('young')];
  const clock = { now: () => now, monotonic: () => 0 };
  const sorted = await bestFirst({ store, clock }, 'bsky', queue);
  expect(sorted.map(({ post }) => post)).toEqual(['fresh', 'young', 'good', 'meh', 'unknown']);
});
