import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isWithin, openTimes } from '../../../src/core/schedule/cadence.ts';
import { chooseTimes, shareOverDays } from '../../../src/core/pacing/choose.ts';
import { hourOfWeek } from '../../../src/core/pacing/slots/week-clock.ts';
import { hour, localMinutes, minute } from '../../../src/core/time.ts';
import { zone } from './kit.ts';

const flat = { scores: Array.from({ length: 168 }, () => 0), zone };
const peakAt = (clock: number, height = 0.3) => ({
  zone,
  scores: Array.from(
    { length: 168 },
    (_, i) => height * Math.exp(-(((i % 24) + 0.5 - clock) ** 2) / 4),
  ),
});
const open = (from: number, to: number, date = '2026-11-24') =>
  openTimes([{ from: from * 60, to: to * 60 }], date, zone);

test('the best hour is taken first, and a second release keeps away from it', () => {
  const [first] = chooseTimes({
    model: peakAt(14.5),
    openTimes: open(8, 22),
    count: 1,
    minGapFor: 0,
    taken: [],
    seed: 'a',
  });
  expect(Math.abs(localMinutes(first?.at ?? 0, zone) - 14.5 * 60)).toBeLessThanOrEqual(22);
  const two = chooseTimes({
    model: peakAt(15, 0.02),
    openTimes: open(8, 22),
    count: 2,
    minGapFor: 0,
    taken: [],
    seed: 'a',
  });
  expect((two[1]?.at ?? 0) - (two[0]?.at ?? 0)).toBeGreaterThan(3 * hour);
});

const problem = fc.record({
  windows: fc.array(
    fc
      .tuple(fc.integer({ min: 0, max: 1300 }), fc.integer({ min: 5, max: 600 }))
      .map(([from, length]) => ({ from, to: Math.min(1440, from + length) })),
    { minLength: 1, maxLength: 3 },
  ),
  date: fc.constantFrom('2026-03-29', '2026-10-25', '2026-11-24', '2026-11-28'),
  count: fc.integer({ min: 1, max: 6 }),
  minGapFor: fc.integer({ min: 0, max: 300 }).map((minutes) => minutes * minute),
  offset: fc.array(fc.integer({ min: -300, max: 1700 }), { maxLength: 3 }),
  peak: fc.integer({ min: 0, max: 23 }),
  probes: fc.constantFrom(0, 0.5),
  seed: fc.string(),
});

test('times lie in the windows, keep the gap to one another and to what is taken, and are the same again', () => {
  fc.assert(
    fc.property(problem, ({ windows, date, count, minGapFor, offset, peak, probes, seed }) => {
      const times = openTimes(windows, date, zone);
      const midnight = openTimes([{ from: 0, to: 1440 }], date, zone)[0]?.from ?? 0;
      const taken = offset.map((minutes) => midnight + minutes * minute);
      const choose = () =>
        chooseTimes({
          model: peakAt(peak),
          openTimes: times,
          count,
          minGapFor,
          taken,
          seed,
          probes,
        });
      const chosen = choose().map(({ at }) => at);
      expect(choose().map(({ at }) => at)).toEqual(chosen);
      expect(chosen.length).toBeLessThanOrEqual(count);
      chosen.forEach((at, i) => {
        expect(isWithin(times, at)).toBe(true);
        for (const other of taken) expect(Math.abs(at - other)).toBeGreaterThanOrEqual(minGapFor);
        if (i > 0) expect(at - (chosen[i - 1] ?? 0)).toBeGreaterThanOrEqual(minGapFor);
      });
    }),
    { numRuns: 300 },
  );
});

test('greed leaves room: as many are given as fit', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 180 }),
      fc.integer({ min: 0, max: 23 }),
      (count, gap, peak) => {
        const length = (count - 1) * gap + 1;
        const from = Math.floor((1440 - length) / 2);
        const times = openTimes([{ from, to: from + length }], '2026-11-24', zone);
        expect(
          chooseTimes({
            model: peakAt(peak),
            openTimes: times,
            count,
            minGapFor: gap * minute,
            taken: [],
            seed: 'a',
          }),
        ).toHaveLength(count);
      },
    ),
  );
});

test('the clock changes and the local times do not', () => {
  const localTimes = (date: string) =>
    chooseTimes({
      model: peakAt(14),
      openTimes: open(7, 23, date),
      count: 3,
      minGapFor: 2 * hour,
      taken: [],
      seed: 'same',
    }).map(({ at }) => hourOfWeek(at, zone));
  expect(localTimes('2026-03-29')).toEqual(localTimes('2026-03-22'));
  expect(localTimes('2026-10-25')).toEqual(localTimes('2026-10-18'));
});

const weekDays = Array.from({ length: 7 }, (_, i) => `2026-11-${23 + i}`);

test('a week is shared evenly, and what is left over goes to the days that are worth most', () => {
  const scores = Array.from({ length: 168 }, (_, i) => (Math.floor(i / 24) >= 5 ? 0.2 : 0));
  const days = weekDays.map((date) => ({ date, openTimes: open(8, 22, date) }));
  expect(
    Object.values(shareOverDays({ scores, zone }, days, { quota: 9, minGapFor: hour })),
  ).toEqual([1, 1, 1, 1, 1, 2, 2]);
  expect(Object.values(shareOverDays(flat, days, { quota: 14, minGapFor: hour }))).toEqual([
    2, 2, 2, 2, 2, 2, 2,
  ]);
});

test('a day without room gives its share to the others', () => {
  const days = weekDays.map((date, i) => ({ date, openTimes: i === 0 ? [] : open(8, 9, date) }));
  const shares = shareOverDays(flat, days, { quota: 20, minGapFor: hour });
  expect(shares[weekDays[0] ?? '']).toBe(0);
  expect(Object.values(shares).reduce((sum, one) => sum + one, 0)).toBe(6);
});
