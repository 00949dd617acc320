import { expect, test } from 'vitest';
import type { Sample } from '../../../src/core/engagement.ts';
import { defaultAgeCurves, fitAgeCurves, shareByAge } from '../../../src/core/pacing/age-curve.ts';
import { echoOf, lumpOf, toObserved } from '../../../src/core/pacing/observed.ts';
import { hourOfWeek, readCurve } from '../../../src/core/pacing/slots/week-clock.ts';
import { networks } from '../../../src/core/network/network.ts';
import { atLocal, hour, minute } from '../../../src/core/time.ts';
import { createRandom, poissonAt } from '../../../bench/pacing/random.ts';
import { now } from './kit.ts';

const sample = (changes: Partial<Sample>): Sample => ({
  delivery: 'a@x',
  post: 'a',
  account: 'x',
  network: 'x',
  releasedAt: now,
  at: now + hour,
  counts: { likes: 1 },
  ...changes,
});

test('of each delivery the newest sample counts', () => {
  const observed = toObserved([
    sample({ at: now + 2 * hour, counts: { likes: 5 } }),
    sample({}),
    sample({ delivery: 'b@x', post: 'b', releasedAt: now - hour }),
  ]);
  expect(observed.map(({ post, counts }) => [post, counts.likes])).toEqual([
    ['b', 1],
    ['a', 5],
  ]);
});

test('a number that a network does not give is no number', () => {
  expect(echoOf({ likes: 3, replies: 2 }, 'score')).toBe(7);
  expect(echoOf({ likes: 3 }, 'views')).toBeUndefined();
  expect(echoOf({ views: 3 }, 'score')).toBeUndefined();
});

test('a score made of answers varies more than one made of likes', () => {
  expect(lumpOf([{ likes: 1000 }], 'score')).toBeCloseTo(1, 1);
  expect(lumpOf([{ replies: 1000 }], 'score')).toBeCloseTo(2, 1);
  expect(lumpOf([{ likes: 1000 }], 'likes')).toBe(1);
});

test('the share of the final numbers grows with age, from nothing to all', () => {
  for (const network of networks) {
    const shares = [0, 0.25, 1, 6, 24, 168].map((hours) => shareByAge(network, hours * hour));
    expect(shares[0]).toBe(0);
    expect(shares.toSorted((a, b) => a - b)).toEqual(shares);
    expect(shares.at(-1)).toBeGreaterThan(0.99);
  }
  expect(shareByAge('x', hour)).toBeCloseTo(0.52, 1);
});

function grow(posts: number, curve = { slow: 0.6, halfFor: 1.5, tailFor: 9 }): Sample[] {
  const random = createRandom('grow', posts);
  const curves = { ...defaultAgeCurves, bluesky: curve };
  return Array.from({ length: posts }, (_, i) => {
    const total = poissonAt(12, random());
    const moments = Array.from({ length: total }, () => random());
    return [0.25, 1, 3, 6, 12, 24, 48, 168].map((hours) =>
      sample({
        delivery: `${i}@b`,
        network: 'bluesky',
        at: now + hours * hour,
        counts: {
          likes: moments.filter((moment) => moment < shareByAge('bluesky', hours * hour, curves))
            .length,
        },
      }),
    );
  }).flat();
}

test('two hundred full histories bend the age curve to what the account sees, fewer do not', () => {
  const fitted = fitAgeCurves(grow(300));
  for (const hours of [0.5, 1, 3, 6, 12])
    expect(
      Math.abs(
        shareByAge('bluesky', hours * hour, fitted) -
          shareByAge('bluesky', hours * hour, {
            ...defaultAgeCurves,
            bluesky: { slow: 0.6, halfFor: 1.5, tailFor: 9 },
          }),
      ),
    ).toBeLessThan(0.04);
  expect(fitted.x).toEqual(defaultAgeCurves.x);
  expect(fitAgeCurves(grow(150))).toEqual(defaultAgeCurves);
});

test("the hour of the week is the wall clock's, on both sides of a change of the clock and on its day", () => {
  for (const date of ['2026-03-28', '2026-03-29', '2026-03-30', '2026-10-25', '2026-11-24']) {
    for (const minutes of [0, 60, 90, 9 * 60 + 30, 23 * 60 + 59]) {
      const weekday = (new Date(`${date}T00:00Z`).getUTCDay() + 6) % 7;
      expect(hourOfWeek(atLocal(date, minutes, 'Europe/Berlin'), 'Europe/Berlin')).toBeCloseTo(
        weekday * 24 + minutes / 60,
        6,
      );
    }
  }
  expect(hourOfWeek(Date.parse('2026-11-23T00:00Z') + 15 * minute, 'UTC')).toBeCloseTo(0.25, 6);
});

test('a curve is read between the middles of its hours, around the end of the week too', () => {
  const curve = Array.from({ length: 168 }, (_, i) => i);
  expect(readCurve(curve, 10.5)).toBe(10);
  expect(readCurve(curve, 11)).toBe(10.5);
  expect(readCurve(curve, 0)).toBe(83.5);
});
