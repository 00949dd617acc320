import { expect, test } from 'vitest';
import { createActivity, stepsPerHour } from '../../bench/pacing/audience.ts';
import { createRandom } from '../../bench/pacing/random.ts';
import { meanOf } from '../../bench/pacing/stats.ts';
import { createWorld, slotSpread, type Strength, strengths } from '../../bench/pacing/world.ts';

const seeds = Array.from({ length: 24 }, (_, i) => i + 1);

/**
 * What real logs show of how much hours differ is between the first two; the others are what
 * vendors imply.
 */
const described: Record<Strength, number> = { faint: 0.06, weak: 0.13, medium: 0.18, strong: 0.23 };

test('hours differ in the worlds as much as in real logs, and more from strength to strength', () => {
  const spreads = strengths.map((strength) =>
    meanOf(
      seeds.flatMap((seed) =>
        createWorld({ seed, size: 'small', strength, weeks: 1, posts: 1 }).channels.map(slotSpread),
      ),
    ),
  );
  strengths.forEach((strength, i) => {
    expect((spreads[i] ?? 0) / described[strength]).toBeGreaterThan(0.8);
    expect((spreads[i] ?? 0) / described[strength]).toBeLessThan(1.2);
  });
  expect(spreads.toSorted((a, b) => a - b)).toEqual(spreads);
});

const hoursOf = (seed: number) => {
  const activity = createActivity(createRandom('activity', seed));
  return Array.from({ length: 168 }, (_, hour) =>
    meanOf([...activity.subarray(hour * stepsPerHour, (hour + 1) * stepsPerHour)]),
  );
};

test('a region sleeps at night, and looks less at weekends', () => {
  const weeks = seeds.map(hoursOf);
  const peaks = weeks.map((hours) => {
    const daily = Array.from({ length: 24 }, (_, hour) =>
      meanOf(hours.filter((_, i) => i % 24 === hour)),
    );
    return Math.log(Math.max(...daily) / Math.min(...daily));
  });
  expect(Math.exp(meanOf(peaks))).toBeGreaterThan(8);
  expect(Math.exp(meanOf(peaks))).toBeLessThan(11.5);
  const weekend = meanOf(
    weeks.map((hours) => meanOf(hours.slice(120)) / meanOf(hours.slice(0, 120))),
  );
  expect(weekend).toBeGreaterThan(0.75);
  expect(weekend).toBeLessThan(0.95);
});
