import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rules, startOf, zone } from '../../bench/pacing/calendar.ts';
import { addCounts, followWorld } from '../../bench/pacing/follow-bench.ts';
import { policies } from '../../bench/pacing/policies.ts';
import { rateWorld } from '../../bench/pacing/rate-bench.ts';
import { simulate } from '../../bench/pacing/simulate.ts';
import { slotWorld } from '../../bench/pacing/slot-bench.ts';
import { meanOf } from '../../bench/pacing/stats.ts';
import {
  createWorld,
  openFrom,
  openTo,
  type Size,
  type Strength,
} from '../../bench/pacing/world.ts';
import { hourOfWeek } from '../../src/core/pacing/slots/week-clock.ts';
import { localDate } from '../../src/core/time.ts';

/**
 * Seeds 1 to 24 are never tried anything out on. Three months, since half a year takes too long for
 * a test. Thresholds are what is wanted, or two and a half standard errors below the record.
 */
const seeds = Array.from({ length: 24 }, (_, i) => i + 1);
const weeks = 14;

const fixed = 'fixed slots 9/14/19';
const wrong = 'Dripline, prior wrong by 9 h, 10 % probes';
const flat = 'Dripline, flat prior';
const reference = 'kernel-gamma';

/**
 * Each world's echo under a policy. A policy's worlds are played when they are first asked for, and
 * kept: they depend on nothing else that was played.
 */
const played = new Map<string, number[]>();
function play(size: Size, strength: Strength, policy: string): number[] {
  const key = `${size} ${strength} ${policy}`;
  const known =
    played.get(key) ??
    seeds.map(
      (seed) =>
        slotWorld({ seed, size, strength, horizons: [weeks], policies: [policy] })[policy]?.[0] ??
        0,
    );
  played.set(key, known);
  return known;
}
const ratio = (some: readonly number[], others: readonly number[]) =>
  meanOf(some.map((one, i) => one / (others[i] ?? 1)));
const gain = (size: Size, strength: Strength, policy: string, over = fixed) =>
  100 * (ratio(play(size, strength, policy), play(size, strength, over)) - 1);

test('on small accounts the learned times beat fixed slots', () => {
  expect(gain('small', 'weak', 'Dripline')).toBeGreaterThan(2);
});

test('on small accounts they do not lose where the prior is wrong', () => {
  expect(gain('small', 'weak', wrong)).toBeGreaterThan(-0.5);
});

test('on small accounts they are no worse than those of the reference learner', () => {
  expect(gain('small', 'weak', 'Dripline', reference)).toBeGreaterThan(-0.9);
});

test('on medium accounts they beat fixed slots', () => {
  expect(gain('medium', 'weak', 'Dripline')).toBeGreaterThan(2.5);
});

test('on medium accounts they beat fixed slots without the prior', () => {
  expect(gain('medium', 'weak', flat)).toBeGreaterThan(1);
});

test('on medium accounts they do not lose where the prior is wrong', () => {
  expect(gain('medium', 'weak', wrong)).toBeGreaterThan(-0.5);
});

test('on medium accounts they are no worse than those of the reference learner', () => {
  expect(gain('medium', 'weak', 'Dripline', reference)).toBeGreaterThan(-0.2);
});

test('on medium accounts they get more than nine tenths of what there is to be had', () => {
  expect(
    ratio(play('medium', 'weak', 'Dripline'), play('medium', 'weak', 'oracle')),
  ).toBeGreaterThan(0.9);
});

test('where hours hardly differ nothing is lost by learning', () => {
  expect(gain('small', 'faint', 'Dripline')).toBeGreaterThan(0);
});

test.each([
  ['Dripline', 'fixed 1.4 a day'],
  ['Dripline, range 0.6–1.4', 'fixed 1 a day'],
])('the rate of %s is no worse than %s', (ours, other) => {
  const worlds = seeds.map((seed) => rateWorld({ seed, size: 'small' }, [weeks], [ours, other]));
  const mean = (name: string) => 100 * meanOf(worlds.map((world) => world[name]?.[0] ?? 0));
  expect(mean(ours) - mean(other)).toBeGreaterThan(-1);
});

test('of the posts that the follow-up test calls good nine in ten are, and of those that are not hardly one is called so', () => {
  const all = seeds
    .slice(0, 8)
    .map((seed) => followWorld(seed, 'small')['Dripline: score >= 1.5 * typical'])
    .filter((one) => one !== undefined)
    .reduce(addCounts);
  expect(all.posts).toBeGreaterThan(5000);
  expect(all.good / all.flags).toBeGreaterThan(0.9);
  expect(all.bad / all.plain).toBeLessThan(0.01);
  expect(all.twiceFlagged / all.twice).toBeGreaterThan(0.2);
});

const products = Object.keys(policies).filter((name) => name.startsWith('Dripline'));

test('every plan keeps the night, the gap, the caps and the budget, and comes out the same again', () => {
  expect(products).toHaveLength(3);
  for (const seed of seeds.slice(0, 3)) {
    const world = createWorld({ seed, size: 'small', strength: 'weak', weeks: 6, posts: 80 });
    for (const name of products) {
      const play = () =>
        simulate(world, (policies[name] as (typeof policies)[string])(world)).map((releases) =>
          releases.map(({ at }) => at),
        );
      const played = play();
      expect(play()).toEqual(played);
      for (const times of played) expectKept(times);
    }
  }
});

function expectKept(times: readonly number[]): void {
  expect(times).toHaveLength(6 * rules.perWeek);
  for (const at of times) {
    const clock = hourOfWeek(at, zone) % 24;
    expect(clock >= openFrom && clock < openTo).toBe(true);
  }
  for (let i = 1; i < times.length; i++)
    expect((times[i] ?? 0) - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(rules.minGapFor);
  const perDate = Map.groupBy(times, (at) => localDate(at, zone));
  expect(perDate.size).toBe(42);
  for (const some of perDate.values()) expect([1, 2]).toContain(some.length);
  for (let week = 0; week < 6; week++)
    expect(times.filter((at) => at >= startOf(week) && at < startOf(week + 1))).toHaveLength(
      rules.perWeek,
    );
}

/** Who calls a function of the pacing, in a tree of sources, and with which keys. */
function callsOf(root: string, name: string): { path: string; keys: string }[] {
  return readdirSync(new URL(`../../${root}`, import.meta.url), { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => {
      const text = readFileSync(new URL(`../../${root}/${path}`, import.meta.url), 'utf8');
      const calls = text.matchAll(new RegExp(`(?<!function )\\b${name}\\(`, 'g'));
      return [...calls].map(() => ({ path: `${root}/${path}`, keys: text }));
    });
}

const pathsOf = (name: string) =>
  [...callsOf('src', name), ...callsOf('bench', name)].map(({ path }) => path);

test('the service and the benchmark learn through one function, with the same options', () => {
  expect(pathsOf('learnRate')).toEqual(['src/core/pacing/lesson.ts']);
  // The log has no audience that is known beforehand.
  expect(pathsOf('learnSlots').toSorted()).toEqual([
    'bench/pacing/log-bench.ts',
    'src/core/pacing/lesson.ts',
  ]);
  expect(pathsOf('learnLesson').toSorted()).toEqual([
    'bench/pacing/rate-bench.ts',
    'src/flow/plan/teach.ts',
  ]);
  const optionsOf = (root: string, name: string) =>
    [...new Set(callsOf(root, name).map(({ keys }) => optionKeys(keys, name)))].toSorted();
  expect(optionsOf('src/flow', 'learnLesson')[0]).toMatch(/^account,.*,ages,.*,zone$/);
  // The service shares the hours of a zone, and no post is worth saving to it.
  expect(optionsOf('bench/pacing', 'learnLesson').map(without(['thrift']))).toEqual(
    optionsOf('src/flow', 'learnLesson').map(without(['hours'])),
  );
});

/** The option keys that the file hands to the function, in order. */
function optionKeys(text: string, name: string): string {
  const call = text.slice(text.search(new RegExp(`(?<!function )\\b${name}\\(`)));
  const literal = call.slice(call.indexOf('{') + 1, call.search(/\n {4,8}\}\),?\n/));
  return [...literal.matchAll(/^ {6,10}(\w+)[,:]/gm)]
    .map(([, key = '']) => key)
    .toSorted()
    .join();
}

const without = (left: string[]) => (keys: string) =>
  keys
    .split(',')
    .filter((key) => !left.includes(key))
    .join();

test('the follow-up test is the one that ships', () => {
  for (const name of ['isAtLeast', 'typicalOf'])
    expect(pathsOf(name)).toEqual(
      expect.arrayContaining([
        'bench/pacing/follow-bench.ts',
        'src/flow/measure/typical-of-account.ts',
      ]),
    );
});
