import { expect, test } from 'vitest';
import { createRandom, normal, poissonAt } from '../../../bench/pacing/random.ts';
import { brakeOf } from '../../../src/core/pacing/brake.ts';
import type { Observed } from '../../../src/core/pacing/observed.ts';
import { learnRate, loadAt, shareAtLoad } from '../../../src/core/pacing/rate.ts';
import { touchesOf } from '../../../src/core/pacing/count-touches.ts';
import { day, hour } from '../../../src/core/time.ts';
import { now } from './kit.ts';

const wide = { min: 0.2, max: 6 };
const ask = (changes: Partial<Parameters<typeof learnRate>[0]> = {}) =>
  learnRate({ account: 'x', network: 'x', posts: [], now, range: wide, ...changes });

/**
 * A year in which weeks of three a day and of one in two days took turns, for followers who tire at
 * `half` a day.
 */
function tire(half: number): Observed[] {
  const random = createRandom('tire', half);
  const instants: number[] = [];
  for (
    let at = now - 364 * day;
    at < now - day;
    at += Math.floor((now - at) / (7 * day)) % 2 === 0 ? 8 * hour : 48 * hour
  )
    instants.push(at);
  return instants.map((at, i) => {
    const mean = 20 * shareAtLoad(loadAt(at, instants), half);
    return {
      account: 'x',
      network: 'x',
      post: `${i}`,
      at,
      measuredAt: now,
      counts: { likes: poissonAt(mean * Math.exp(0.5 * normal(random)), random()) },
    };
  });
}

test('before anything is measured the rate is about one and a half a day, or what the user has', () => {
  expect(ask().rate).toBeGreaterThan(1);
  expect(ask().rate).toBeLessThan(1.8);
  const { rate } = ask({ current: 0.8 });
  expect(rate).toBeGreaterThanOrEqual(0.8);
  expect(rate).toBeLessThanOrEqual(1);
});

test('followers who tire soon get fewer posts than those who do not', () => {
  const [soon, late] = [
    ask({ posts: tire(0.8), current: 1.4 }),
    ask({ posts: tire(5), current: 1.4 }),
  ];
  expect(soon.belief.middle).toBeLessThan(late.belief.middle);
  expect(soon.rate).toBeLessThan(1.4);
  expect(late.rate).toBeGreaterThan(1.4);
});

test('a week changes the planned rate by a quarter at most, never beyond the range, and the words name it', () => {
  for (const posts of [tire(0.8), tire(5), []])
    for (const current of [0.3, 1, 2, 5])
      for (const openDays of [3, 5, 7]) {
        const range = { min: 0.5, max: 4 };
        const { rate, why } = ask({ posts, current, range, openDays });
        const from = Math.min(4, Math.max(0.5, current));
        expect(rate / from).toBeLessThanOrEqual(1.2501);
        expect(from / rate).toBeLessThanOrEqual(1.2501);
        expect(rate).toBeGreaterThanOrEqual(0.5);
        expect(rate).toBeLessThanOrEqual(4);
        const perWeek = (one: number) => Math.round(one * openDays * 10) / 10;
        expect(why).toMatch(new RegExp(`^${perWeek(rate)} a week, `));
        if (why.includes(' from '))
          expect(why).toMatch(new RegExp(`as before|(up|down) from ${perWeek(from)}, a quarter`));
      }
});

test('a single number is kept, and another one at most suggested', () => {
  const { rate, suggested, why } = ask({
    range: { min: 4, max: 4 },
    posts: tire(0.8),
    current: 4,
  });
  expect(rate).toBe(4);
  expect(suggested).toBeLessThan(2);
  expect(why).toMatch(/^28 a week, as configured: .*; Dripline would try \d+(\.\d)? a week$/);
});

test('posts that are worth more when they are saved go out less often', () => {
  expect(ask({ thrift: 0.5 }).rate).toBeLessThan(ask({ thrift: 0.1 }).rate);
});

const followers = (changes: number[]) => {
  let count = 1000;
  return [
    { at: now - changes.length * 7 * day, count },
    ...changes.map((change, i) => ({
      at: now - (changes.length - 1 - i) * 7 * day,
      count: (count += change),
    })),
  ];
};

test('a week that loses followers beyond the usual halves the rate for a week', () => {
  const brake = brakeOf({ now, followers: followers([5, 3, 6, 4, 5, 2, 4, 5, -30]), warnings: [] });
  expect(brake).toMatchObject({ factor: 0.5, until: now + 7 * day });
  expect(brake?.why).toContain('30 followers left in seven days');
});

test('an ordinary week, a short history and an account that always loses some brake nothing', () => {
  expect(
    brakeOf({ now, followers: followers([5, -3, 6, -4, 5, 2, 4, 5, -6]), warnings: [] }),
  ).toBeUndefined();
  expect(brakeOf({ now, followers: followers([5, -40]), warnings: [] })).toBeUndefined();
  expect(
    brakeOf({
      now,
      followers: followers([-20, -24, -18, -21, -25, -19, -22, -20, -26]),
      warnings: [],
    }),
  ).toBeUndefined();
});

test('a warning of the network brakes until a week after it', () => {
  const warned = { at: now - 2 * day, text: 'too many requests' };
  expect(brakeOf({ now, followers: [], warnings: [warned] })).toMatchObject({
    factor: 0.5,
    until: now + 5 * day,
    why: expect.stringContaining('too many requests') as string,
  });
  expect(brakeOf({ now: now + 6 * day, followers: [], warnings: [warned] })).toBeUndefined();
});

test('touches are counted from views, and reckoned where there are none', () => {
  const releases = [
    { at: now - 20 * day, views: 500 },
    { at: now - 10 * day, views: 1500 },
  ];
  expect(touchesOf({ releases, followers: 1000, now })).toEqual({
    perFollower: 2,
    lastWeek: 0,
    isEstimated: false,
  });
  const mixed = touchesOf({ releases: [...releases, { at: now - day }], followers: 1000, now });
  expect(mixed).toMatchObject({ perFollower: 3, lastWeek: 1, isEstimated: true });
  expect(
    touchesOf({ releases: [{ at: now - day }], followers: 1000, now }).perFollower,
  ).toBeCloseTo(0.1, 9);
});

test('a campaign is held by its cap, and by the cap of a week until that allows it again', () => {
  const releases = Array.from({ length: 4 }, (_, i) => ({ at: now - (4 - i) * day, views: 1000 }));
  expect(touchesOf({ releases, followers: 1000, now, most: 4 }).heldBecause).toContain(
    'its cap is 4',
  );
  const held = touchesOf({ releases, followers: 1000, now, most: 29 });
  expect(held.heldBecause).toContain('in seven days');
  expect(held.heldUntil).toBe(now - 3 * day + 7 * day);
  expect(
    touchesOf({ releases, followers: 1000, now: (held.heldUntil ?? 0) + 1, most: 29 }).heldBecause,
  ).toBeUndefined();
  expect(touchesOf({ releases, followers: 0, now }).perFollower).toBe(0);
});
