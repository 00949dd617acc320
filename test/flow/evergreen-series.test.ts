import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { hour } from '../../src/core/time.ts';
import { openMovableClock, openWorld, until, type World } from './world.ts';

/** Nothing goes by cadence while a test looks. */
const rare =
  'cadence: { perDay: 1, windows: ["00:00-24:00"], minGap: 1s }\npacing: { mode: steady }';
const start = Date.parse('2026-11-24T08:00:00Z');
const green = (name: string, more = '') => ({
  [`posts/${name}.md`]: `---\nnetworks: [bluesky]\nevergreen: { every: 1h, times: 3 }\n${more}---\nGreen ${name}.`,
});

const stateOf = async (world: World, id: string) => {
  const [post, account] = id.split('@');
  const { deliveries } = await world.say(`show ${post}`);
  return deliveries.find((one: { account: string }) => one.account === account);
};

const untilThere = (world: World, id: string) =>
  until(id, async () =>
    (await world.say('queue')).find((row: { delivery: string }) => row.delivery === id),
  );

test('a release that a person settled has its next run, until it is taken back', async () => {
  await using world = await openWorld({
    yaml: rare,
    files: {
      'posts/aa.md':
        '---\nnetworks: [x]\nevergreen: { every: 1h, variants: ["Another text."] }\n---\nGreen aa.',
    },
  });
  await using _served = await world.serve();
  await world.say('resume');
  const undo = world.sandbox.misbehave({
    network: 'x',
    route: 'POST /2/tweets',
    how: 'reset-before',
  });
  await world.say('now aa --wait=0');
  await until('a doubt', async () => (await stateOf(world, 'aa@x')).state === 'uncertain');
  undo();
  const settle = 'settle aa released https://x.com/dripline/status/12345';
  await world.say(settle);
  await untilThere(world, 'aa~2@x');
  // Taken back, there is no release that it could follow; said again, there is.
  await world.say('undo');
  const { deliveries } = await world.say('show aa');
  expect(
    deliveries.map(({ delivery, state }: Record<string, string>) => [delivery, state]).sort(),
  ).toEqual([
    ['aa@x', 'uncertain'],
    ['aa~2@x', 'withdrawn'],
  ]);
  await world.say(settle);
  await untilThere(world, 'aa~2@x');
});

test('a next run that was lost with its process is made good, after whatever downtime', async () => {
  const clock = openMovableClock(start);
  await using world = await openWorld({ clock, yaml: rare, files: green('aa') });
  {
    await using _served = await world.serve();
    await world.say('resume');
    await world.say('now aa');
    await untilThere(world, 'aa~2@bsky');
  }
  using database = new DatabaseSync(join(world.config.folders.data, 'dripline.db'));
  expect(database.prepare("DELETE FROM deliveries WHERE id = 'aa~2@bsky'").run().changes).toBe(1);
  clock.move(72 * hour);
  await using _served = await world.serve();
  await untilThere(world, 'aa~2@bsky');
});

test('what a restored store finds on the timeline goes round again', async () => {
  await using world = await openWorld({ yaml: rare, files: green('aa') });
  {
    await using _served = await world.serve();
    await world.say('resume');
    await world.say('now aa');
  }
  rmSync(world.config.folders.data, { recursive: true });
  await using _served = await world.serve();
  await world.say('resume');
  // The account is compared with the queue before anything is released.
  await world.say('now aa --wait=0');
  await until('it is found', async () => (await stateOf(world, 'aa@bsky'))?.state === 'released');
  await untilThere(world, 'aa~2@bsky');
  expect(world.texts('bluesky')).toEqual(['Green aa.']);
});

test('approval holds for every run of the approved text, and for no other text', async () => {
  const clock = openMovableClock(start);
  const file = green('aa', 'approval: required\n');
  await using world = await openWorld({ clock, yaml: rare, files: file });
  await using _served = await world.serve();
  await world.say('resume');
  await world.say('approve aa');
  await world.say('now aa');
  const second = await untilThere(world, 'aa~2@bsky');
  expect(second.reason ?? '').not.toContain('approval');
  await world.say('now aa~2');
  world.write({ 'posts/aa.md': `${file['posts/aa.md']} Changed.` });
  await until('it asks again', async () =>
    (await stateOf(world, 'aa~3@bsky'))?.reason?.includes('waits for approval again'),
  );
});

test.each(['in-turn', 'best-first'])(
  'with evergreen %s, `skip` and `move … bottom` put a run behind all other runs',
  async (order) => {
    const clock = openMovableClock(start);
    const yaml = rare.replace('mode: steady', `mode: steady, evergreen: ${order}`);
    const files = { ...green('aa'), ...green('bb'), ...green('cc') };
    await using world = await openWorld({ clock, yaml, files });
    await using _served = await world.serve();
    await world.say('resume');
    for (const id of ['aa', 'bb', 'cc']) await world.say(`now ${id}`);
    await untilThere(world, 'cc~2@bsky');
    clock.move(2 * hour);
    const orderOf = async () =>
      (await world.say('queue')).map(({ post }: { post: string }) => post);
    await world.say('skip aa~2');
    await until('bb, cc, aa', async () => (await orderOf()).join() === 'bb,cc,aa');
    await world.say('move bb~2 bottom');
    await until('cc, aa, bb', async () => (await orderOf()).join() === 'cc,aa,bb');
  },
);
