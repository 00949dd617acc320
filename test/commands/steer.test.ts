import { expect, test } from 'vitest';
import { day, hour } from '../../src/core/time.ts';
import { openWorld, tuesday, until } from '../flow/world.ts';
import { rareCadence, sayAs, stateOf, statesOf, untilState } from './kit.ts';

const files = { 'posts/010-a.md': 'A', 'posts/020-b.md': 'B', 'posts/030-c.md': 'C' };
type Row = { delivery: string; at?: string; state: string };

test('skip covers a post, one of its deliveries, or what is next; undo puts each back where it was', async () => {
  await using world = await openWorld({ yaml: rareCadence, files });
  await using _served = await world.serve();
  const order = async () =>
    (await world.say<Row[]>('queue --account=x')).map(({ delivery }) => delivery);
  const untilOrder = (...ids: string[]) =>
    until(
      `the order ${ids.join(' ')}`,
      async () => (await order()).join() === ids.map((id) => `${id}@x`).join(),
    );
  expect((await world.say('skip a')).skipped).toEqual(['a@bsky', 'a@masto', 'a@x']);
  await untilOrder('b', 'c', 'a');
  await world.say('undo');
  await untilOrder('a', 'b', 'c');
  expect((await world.say('skip b@x')).skipped).toEqual(['b@x']);
  await untilOrder('a', 'c', 'b');
  const next = (await world.say<Row[]>('queue'))[0]?.delivery;
  expect((await world.say('skip next')).skipped).toEqual([next]);
  await world.say('undo');
  await world.say('undo');
  await untilOrder('a', 'b', 'c');
  await world.say('skip a@x --for-good');
  await expect(world.say('skip a@x')).rejects.toThrow('a@x was skipped');
  expect(await statesOf(world, 'a')).toMatchObject({ 'a@x': 'skipped', 'a@bsky': 'planned' });
});

test('move reschedules to a time, to the top or to the bottom, and undo takes each back', async () => {
  await using world = await openWorld({
    yaml: rareCadence,
    files: {
      ...files,
      'posts/040-d.md': `---\nexpires: ${new Date(tuesday + 10 * day).toISOString().slice(0, 10)}\n---\nD`,
    },
  });
  await using _served = await world.serve();
  await world.say('resume');
  const slot = async (id: string) =>
    (await world.say<Row[]>('queue')).find(({ delivery }) => delivery === id)?.at ?? '';
  const first = await slot('a@x');
  await world.say('move c@x top');
  await until('c took the place of a', async () => (await slot('c@x')) === first);
  await world.say('undo');
  await until('a has it again', async () => (await slot('a@x')) === first);
  await world.say('move a@x bottom');
  await until('a is last', async () => (await slot('a@x')) > (await slot('d@x')));
  const { at } = await world.say<{ at: string }>('move b@x tomorrow 8:30');
  await until('b is pinned', async () => (await slot('b@x')) === at);
  expect(
    new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Europe/Berlin',
      hour: '2-digit',
      minute: '2-digit',
    }).format(new Date(at)),
  ).toBe('08:30');
  await world.say('undo');
  await until('b goes by cadence again', async () => (await slot('b@x')) !== at);
  await expect(world.say('move b whenever')).rejects.toThrow('"whenever" is not a time');
  await expect(world.say('move b 2020-01-01')).rejects.toThrow(
    'Wed 1 Jan 2020 09:00 is in the past. Use `now b`',
  );
  await expect(world.say('move d 20d')).rejects.toThrow(/d@x expires .*: change `expires`/);
});

test('now releases at once, whatever the cadence says, and tells the outcome', async () => {
  await using world = await openWorld({
    yaml: 'cadence: { perDay: 1, windows: ["03:00-03:01"], days: [sun], minGap: 24h }',
    files: { ...files, 'posts/040-d.md': '---\ndraft: true\n---\nD' },
  });
  await using _served = await world.serve();
  await expect(world.say('now a')).rejects.toThrow('is on an account that is paused');
  await world.say('resume');
  const said = await world.say('now a');
  expect(said.map(({ state }: Row) => state)).toEqual(['released', 'released', 'released']);
  expect(said.map(({ url }: { url: string }) => url).sort()).toEqual(
    world.sandbox
      .accepted()
      .map(({ url }) => url)
      .sort(),
  );
  expect((await world.say('now b@x'))[0]).toMatchObject({ delivery: 'b@x', state: 'released' });
  await expect(world.say('now a')).rejects.toThrow('a@x is published');
  await expect(world.say('now d@x')).rejects.toThrow('d@x is held: is a draft');
  await expect(world.say('undo')).rejects.toThrow('b@x is published by now');
  expect(await stateOf(world, 'b@bsky')).toBe('planned');
});

test('while a release is under way, nothing else is done to it', async () => {
  await using world = await openWorld({ yaml: rareCadence, files });
  await using _served = await world.serve();
  await world.say('resume');
  const undo = world.sandbox.misbehave({
    network: 'mastodon',
    route: 'POST /api/v1/statuses',
    how: 'hang',
  });
  await world.say('now a@masto --wait=0');
  await untilState(world, 'a@masto', 'releasing');
  for (const line of [
    'now a@masto',
    'move a@masto top',
    'withdraw a@masto',
    'skip a@masto',
    'retry a@masto',
    'undo',
  ])
    await expect(world.say(line)).rejects.toThrow('a@masto is being published');
  undo();
  await untilState(world, 'a@masto', 'released');
  expect(world.texts('mastodon')).toEqual(['A']);
});

test('a network that asks for time is not waited for: now says when it is tried again', async () => {
  await using world = await openWorld({ yaml: rareCadence, files });
  await using served = await world.serve({
    timing: { listenEvery: 50, retryAfter: hour, publishFor: 1000, sweepEvery: 300 },
  });
  await world.say('resume');
  world.sandbox.misbehave({ network: 'mastodon', route: 'POST /api/v1/statuses', how: '429' });
  await world.say('now a@masto --wait=0');
  await until(
    'it was tried',
    async () => ((await served.context.store.findDelivery('a@masto'))?.attempts ?? 0) > 0,
  );
  const since = performance.now();
  await world.say('now b@masto');
  expect(performance.now() - since).toBeLessThan(5000);
  expect(await stateOf(world, 'b@masto')).toBe('planned');
});

test('plan shows the days asked for, however far ahead something is pinned', async () => {
  const far = new Date(tuesday + 40 * day).toISOString();
  await using world = await openWorld({
    yaml: rareCadence,
    files: { 'posts/a.md': 'A', 'posts/far.md': `---\ndate: ${far}\n---\nFar` },
  });
  await using _served = await world.serve();
  const plan = async (days: number) =>
    new Set((await world.say<Row[]>(`plan --days=${days}`)).map(({ delivery }) => delivery));
  await until('it is scheduled', async () => (await plan(60)).has('far@x'));
  expect(await plan(14)).toEqual(new Set(['a@x', 'a@bsky', 'a@masto']));
});

test('what is moved and still waits says what it waits for', async () => {
  await using world = await openWorld({
    yaml: rareCadence,
    files: { ...files, 'posts/040-d.md': '---\napproval: required\n---\nD' },
  });
  await using served = await world.serve();
  await untilState(world, 'd@x', 'waiting');
  const { text } = await sayAs(world, served, 'cli', 'move d@x top');
  expect(text).toBe('d@x: moved to the top of the queue. d@x still waits for approval.');
});
