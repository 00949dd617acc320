import { expect, test } from 'vitest';
import { minute } from '../../src/core/time.ts';
import { openMovableClock, openWorld, until, type World } from './world.ts';

const states = (shown: { deliveries: { delivery: string; state: string }[] }) =>
  Object.fromEntries(shown.deliveries.map((one) => [one.delivery, one.state]));

test('a post goes to every account once, after the first start was confirmed', async () => {
  await using world = await openWorld({ files: { 'posts/010-hello.md': 'Hello from a file.' } });
  await using served = await world.serve();
  expect(served.web).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await world.say('status')).paused.firstStart).toBe(true);
  expect(world.sandbox.accepted()).toEqual([]);
  await world.say('resume');
  await until('all three released', async () =>
    Object.values(states(await world.say('show hello'))).every((state) => state === 'released'),
  );
  for (const network of ['x', 'bluesky', 'mastodon'])
    expect(world.texts(network)).toEqual(['Hello from a file.']);
  const journal = await world.say('journal');
  expect(
    journal
      .filter((entry: { type: string }) => entry.type === 'released')
      .map((entry: { url: string }) => entry.url)
      .sort(),
  ).toEqual(
    world.sandbox
      .accepted()
      .map(({ url }) => url)
      .sort(),
  );
});

test('a thread goes out in order, each part answering the one before', async () => {
  await using world = await openWorld({ files: { 'posts/a.md': 'One\n\n---\nTwo\n\n---\nThree' } });
  await using _served = await world.serve();
  await world.say('resume');
  await until('nine parts', () => world.sandbox.accepted().length === 9);
  for (const network of ['x', 'bluesky', 'mastodon']) {
    const posts = world.sandbox.accepted().filter((post) => post.network === network);
    expect(posts.map(({ text }) => text)).toEqual(['One', 'Two', 'Three']);
    expect(posts.slice(1).map(({ inReplyTo }) => inReplyTo)).toEqual(
      posts.slice(0, 2).map(({ id }) => id),
    );
  }
});

test('a text that is too long for one network fails there alone, and goes out once it is corrected', async () => {
  await using world = await openWorld({ files: { 'posts/long.md': 'x'.repeat(290) } });
  await using _served = await world.serve();
  await world.say('resume');
  await until('the outcome on all', async () =>
    Object.values(states(await world.say('show long'))).every((state) =>
      ['released', 'failed'].includes(state),
    ),
  );
  expect(states(await world.say('show long'))).toEqual({
    'long@x': 'failed',
    'long@bsky': 'released',
    'long@masto': 'released',
  });
  world.write({ 'posts/long.md': 'Short now.' });
  await until('the corrected one on X', () => world.texts('x').length === 1);
  expect(world.texts('x')).toEqual(['Short now.']);
  expect(world.texts('bluesky')).toEqual(['x'.repeat(290)]);
});

/**
 * The service has made its plan anew and asked each account for what is due: it does both before it
 * hears the next word.
 */
async function hasLooked(world: World) {
  for (const id of ['p28', 'p29']) {
    await world.say(`move ${id} top`);
    await until(
      `${id} is first`,
      async () =>
        (await world.say<{ delivery: string }[]>('queue --account=bsky'))[0]?.delivery ===
        `${id}@bsky`,
    );
  }
}

test('nothing is released while paused, and what passed is not made up for', async () => {
  const clock = openMovableClock();
  const files = Object.fromEntries(
    Array.from({ length: 30 }, (_, i) => [`posts/${100 + i}-p${i}.md`, `Post ${i}`]),
  );
  await using world = await openWorld({ clock, files });
  await using _served = await world.serve();
  await world.say('resume');
  await until('a first release', () => world.sandbox.accepted().length >= 3);
  await world.say('pause');
  await until('what was under way is finished', async () =>
    (await world.say('queue')).every((row: { state: string }) => row.state !== 'releasing'),
  );
  const paused = world.sandbox.accepted().length;
  // Some fifty slots pass on each account.
  clock.move(minute);
  await hasLooked(world);
  expect(world.sandbox.accepted().length).toBe(paused);
  const resumed = clock.now();
  await world.say('resume');
  await until('it goes on', () => world.sandbox.accepted().length >= paused + 6);
  const perNetwork = world.texts('bluesky').length;
  expect(perNetwork).toBeLessThanOrEqual(
    Math.ceil(paused / 3) + Math.ceil((clock.now() - resumed) / 1000) + 1,
  );
});

test('undo brings back what a skip took out', async () => {
  await using world = await openWorld({
    yaml: 'cadence: { perDay: 1, minGap: 1h }',
    files: { 'posts/a.md': 'A', 'posts/b.md': 'B' },
  });
  await using _served = await world.serve();
  expect((await world.say('skip a --for-good')).skipped).toEqual(['a@bsky', 'a@masto', 'a@x']);
  expect(states(await world.say('show a'))['a@x']).toBe('skipped');
  await world.say('undo');
  await until('it is planned again', async () =>
    Object.values(states(await world.say('show a'))).every((state) => state === 'planned'),
  );
  await expect(world.say('undo')).rejects.toThrow('nothing to take back');
});
