import { readFileSync } from 'node:fs';
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
const patience = 120_000;

const fixed = 'fixed slots 9/14/19';
const wrong = 'Dripline, prior wrong by 9 h, 10 % probes';
const flat = 'Dripline, flat prior';
const reference = 'kernel-gamma';

const playAll = (size: Size, strength: Strength, wanted: string[]) =>
  seeds.map((seed) => slotWorld({ seed, size, strength, horizons: [weeks], policies: wanted }));
const gain = (worlds: Record<string, number[]>[], policy: string, over = fixed) =>
  meanOf(worlds.map((world) => 100 * ((world[policy]?.[0] ?? 0) / (world[over]?.[0] ?? 1) - 1)));

test(
  'on small accounts the learned times beat fixed slots, do not lose where the prior is wrong, and are no worse than those of the reference learner',
  { timeout: patience },
  () => {
    const worlds = playAll('small', 'weak', [fixed, 'Dripline', wrong, reference]);
    expect(gain(worlds, 'Dripline')).toBeGreaterThan(2);
    expect(gain(worlds, wrong)).toBeGreaterThan(-0.5);
    expect(gain(worlds, 'Dripline', reference)).toBeGreaterThan(-0.9);
  },
);

test(
  'on medium accounts they beat fixed slots with the prior, without it and where it is wrong, and are no worse than those of the reference learner',
  { timeout: patience },
  () => {
    const worlds = playAll('medium', 'weak', [fixed, 'Dripline', flat, wrong, reference, 'oracle']);
    expect(gain(worlds, 'Dripline')).toBeGreaterThan(2.5);
    expect(gain(worlds, flat)).toBeGreaterThan(1);
    expect(gain(worlds, wrong)).toBeGreaterThan(-0.5);
    expect(gain(worlds, 'Dripline', reference)).toBeGreaterThan(-0.2);
    expect(
      meanOf(worlds.map((world) => (world['Dripline']?.[0] ?? 0) / (world['oracle']?.[0] ?? 1))),
    ).toBeGreaterThan(0.9);
  },
);

test('where hours hardly differ nothing is lost by learning', { timeout: patience }, () => {
  expect(gain(playAll('small', 'faint', [fixed, 'Dripline']), 'Dripline')).toBeGreaterThan(0);
});

test(
  "the rate is no worse than a well-chosen fixed one, nor than the user's own",
  { timeout: patience },
  () => {
    const wanted = ['fixed 1 a day', 'fixed 1.4 a day', 'Dripline', 'Dripline, range 0.6–1.4'];
    const worlds = seeds.map((seed) => rateWorld(seed, 'small', [weeks], wanted));
    const mean = (name: string) => 100 * meanOf(worlds.map((world) => world[name]?.[0] ?? 0));
    expect(mean('Dripline') - mean('fixed 1.4 a day')).toBeGreaterThan(-1);
    expect(mean('Dripline, range 0.6–1.4') - mean('fixed 1 a day')).toBeGreaterThan(-1);
  },
);

test(
  'of the posts that the follow-up test calls good nine in ten are, and of those that are not hardly one is called so',
  { timeout: patience },
  () => {
    const all = seeds
      .slice(0, 8)
      .map((seed) => followWorld(seed, 'small')['Dripline: score >= 1.5 * typical'])
      .filter((one) => one !== undefined)
      .reduce(addCounts);
    expect(all.posts).toBeGreaterThan(5000);
    expect(all.good / all.flags).toBeGreaterThan(0.9);
    expect(all.bad / all.plain).toBeLessThan(0.01);
    expect(all.twiceFlagged / all.twice).toBeGreaterThan(0.2);
  },
);

const products = Object.keys(policies).filter((name) => name.startsWith('Dripline'));

test(
  'every plan keeps the night, the gap, the caps and the budget, and comes out the same again',
  { timeout: patience },
  () => {
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
  },
);

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

test("the benchmark drives the product's own code", () => {
  const importsOf = (file: string) =>
    readFileSync(new URL(`../../bench/pacing/${file}.ts`, import.meta.url), 'utf8').matchAll(
      /import \{([^}]+)\} from '\.\.\/\.\.\/src\/core\/pacing\/([a-z-]+)\.ts'/g,
    );
  const names = (file: string) =>
    [...importsOf(file)].flatMap(([, imported = '']) =>
      imported.split(',').map((name) => name.trim()),
    );
  expect(names('policies')).toContain('learnSlots');
  expect(names('planner')).toEqual(expect.arrayContaining(['chooseTimes', 'shareOverDays']));
  expect(names('rate-bench')).toContain('learnRate');
  expect(names('follow-bench')).toEqual(
    expect.arrayContaining(['isAtLeast', 'typicalOf', 'learnSlots']),
  );
});
