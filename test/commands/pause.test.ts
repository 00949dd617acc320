import { expect, test } from 'vitest';
import { hour, minute } from '../../src/core/time.ts';
import {
  type MovableClock,
  openMovableClock,
  openWorld,
  tuesday,
  untilQuiet,
  type World,
} from '../flow/world.ts';
import { rareCadence, sayAs, stateOf, untilState } from './kit.ts';

const files = { 'posts/010-a.md': 'A', 'posts/020-b.md': 'B' };

test('a pause of one account leaves the others alone', async () => {
  await using world = await openWorld({ yaml: rareCadence, files });
  await using _served = await world.serve();
  await world.say('resume');
  await world.say('pause x');
  expect(
    (await world.say('status')).accounts.map(
      ({ name, paused }: { name: string; paused?: boolean }) => [name, paused],
    ),
  ).toEqual([
    ['x', true],
    ['bsky', undefined],
    ['masto', undefined],
  ]);
  expect(
    (await world.say('now b')).map(
      (one: { delivery: string; state: string }) => `${one.delivery} ${one.state}`,
    ),
  ).toEqual(['b@bsky released', 'b@masto released']);
  await expect(world.say('now b@x')).rejects.toThrow(
    'b@x is on an account that is paused: use `resume` first',
  );
  await world.say('resume x');
  await world.say('now b@x');
  expect(world.texts('x')).toEqual(['B']);
});

const on = (world: World, network: string) =>
  world.sandbox.accepted().filter((post) => post.network === network);

/**
 * Sets the clock to the next slot, and waits until what is due then is out: while something is
 * under way no time passes but the machine's own.
 */
async function passNextSlot(world: World, clock: MovableClock) {
  const slots = (await world.say<{ at?: string }[]>('queue')).flatMap(({ at }) =>
    at === undefined ? [] : [Date.parse(at)],
  );
  clock.move(Math.max(0, Math.min(...slots) + 1 - clock.now()));
  await untilQuiet(world, clock);
}

test('a pause with an end goes on by itself, and what passed is not made up for', async () => {
  const clock = openMovableClock(tuesday);
  await using world = await openWorld({
    clock,
    yaml: 'cadence: { perDay: 24, windows: ["00:00-24:00"], minGap: 10m }',
    files: Object.fromEntries(
      Array.from({ length: 12 }, (_, i) => [`posts/${10 + i}-p${i}.md`, `P${i}`]),
    ),
  });
  await using _served = await world.serve();
  await world.say('resume');
  await world.say('pause 3h');
  const pausedAt = clock.now();
  clock.move(3 * hour);
  const goesOnAt = clock.now();
  await untilQuiet(world, clock);
  expect(on(world, 'bluesky')).toEqual([]);
  while (on(world, 'bluesky').length < 2) await passNextSlot(world, clock);
  const times = on(world, 'bluesky').map(({ at }) => Date.parse(at));
  expect(times.filter((at) => at > pausedAt && at < goesOnAt)).toEqual([]);
  expect((times.at(-1) ?? 0) - (times.at(-2) ?? 0)).toBeGreaterThanOrEqual(10 * minute - 1000);
});

test('undo of a pause and of a resume takes back that one alone', async () => {
  await using world = await openWorld({ yaml: rareCadence, files });
  await using served = await world.serve();
  await world.say('resume');
  await world.say('pause x');
  await sayAs(world, served, 'telegram:1', 'pause bsky');
  await world.say('undo');
  const paused = async () =>
    (await world.say('status')).accounts
      .filter((one: { paused?: unknown }) => one.paused)
      .map(({ name }: { name: string }) => name);
  expect(await paused()).toEqual(['bsky']);
  await expect(sayAs(world, served, 'web', 'undo')).rejects.toThrow('nothing to take back');
  await sayAs(world, served, 'telegram:1', 'undo');
  expect(await paused()).toEqual([]);
  expect(
    (await world.say('journal'))
      .filter(({ type }: { type: string }) => type === 'undone')
      .map(({ by }: { by: string }) => by),
  ).toEqual(['cli', 'telegram:1']);
  await world.say('undo');
  expect((await world.say('status')).paused).toMatchObject({ by: 'dripline', firstStart: true });
});

test('a pause that somebody else has ended, or made anew, is not taken back', async () => {
  await using world = await openWorld({ yaml: rareCadence, files });
  await using served = await world.serve();
  await world.say('resume');
  await world.say('pause');
  await sayAs(world, served, 'telegram:1', 'resume');
  await expect(world.say('undo')).rejects.toThrow('it was resumed since');
  await sayAs(world, served, 'telegram:1', 'pause');
  await expect(world.say('undo')).rejects.toThrow('telegram:1 has paused it since');
});

test('a resume is not taken back once something went out because of it', async () => {
  await using world = await openWorld({ files: { 'posts/a.md': 'A' } });
  await using _served = await world.serve();
  await world.say('resume');
  await untilState(world, 'a@x', 'released');
  await expect(world.say('undo')).rejects.toThrow(/a@\w+ was published since. Use `pause` instead/);
  expect(await stateOf(world, 'a@x')).toBe('released');
});

test('the first start with real accounts waits, and `resume` of one account is refused until all may go on', async () => {
  await using world = await openWorld({ files });
  await using _served = await world.serve();
  expect((await world.say('status')).paused).toMatchObject({ by: 'dripline', firstStart: true });
  await expect(world.say('resume x')).rejects.toThrow(
    'everything is paused, not only x. Use `resume`',
  );
  expect(
    (await world.say('queue')).every(({ state }: { state: string }) => state === 'planned'),
  ).toBe(true);
  await world.say('resume');
  expect((await world.say('status')).paused).toBe(null);
  expect((await world.say('resume')).resumed).toBe(null);
});

test('what is no time and no account is told apart from a refusal', async () => {
  await using world = await openWorld({ yaml: rareCadence, files });
  await using _served = await world.serve();
  await expect(world.say('pause soon')).rejects.toMatchObject({
    name: 'Refusal',
    message: expect.stringContaining(
      '"soon" is neither a time nor an account. Use 2h, until fri 9am, or one of x, bsky, masto',
    ),
  });
  await expect(world.say('pause until 2020-01-01')).rejects.toThrow('is in the past');
  await expect(world.say('resume nobody')).rejects.toThrow('there is no account "nobody"');
});
