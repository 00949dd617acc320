import { expect, test } from 'vitest';
import { schedule } from '../../src/core/schedule/schedule.ts';
import type { ScheduleInput } from '../../src/core/schedule/schedule-input.ts';
import { atLocal, day, localDate, localMinutes, minute, toIso } from '../../src/core/time.ts';
import { cadence, input, posts, zones } from './schedule-kit.ts';

const plan = (changes: Partial<ScheduleInput>) => schedule(input(changes));
const zone = 'Europe/Berlin';

test('the wall clock is kept through every change of the clocks', () => {
  const changes: Record<string, string[]> = {
    'Europe/Berlin': ['2026-10-24', '2027-03-27'],
    'Australia/Lord_Howe': ['2026-10-03', '2027-04-03'],
    'America/Sao_Paulo': ['2018-11-03', '2019-02-16'],
    'America/New_York': ['2026-10-31', '2027-03-13'],
  };
  for (const [own, dates] of Object.entries(changes)) {
    for (const date of dates) {
      const now = atLocal(date, 0, own);
      const { slots } = plan({
        now,
        until: now + 3 * day,
        cadence: cadence({
          zone: own,
          windows: [{ from: 0, to: 1440 }],
          perDay: { min: 6, max: 6 },
        }),
        candidates: posts(18),
      });
      const perDate = Map.groupBy(slots, ({ at }) => localDate(at, own));
      expect([own, date, [...perDate.values()].map((all) => all.length)]).toEqual([
        own,
        date,
        [6, 6, 6],
      ]);
      const noon = plan({
        now,
        until: now + 3 * day,
        cadence: cadence({
          zone: own,
          windows: [{ from: 720, to: 725 }],
          perDay: { min: 1, max: 1 },
        }),
        candidates: posts(3),
      });
      expect([
        own,
        date,
        noon.slots.map(({ at }) => Math.floor(localMinutes(at, own) / 60)),
      ]).toEqual([own, date, [12, 12, 12]]);
    }
  }
});

test('a window that the clocks leave out has no slot, one that comes twice is twice as long and has no more', () => {
  const own = cadence({
    windows: [{ from: 120, to: 180 }],
    perDay: { min: 2, max: 2 },
    minGapFor: 0,
  });
  const onDate = (date: string) =>
    plan({
      now: atLocal(date, 0, zone),
      until: atLocal(date, 1439, zone),
      cadence: own,
      candidates: posts(9),
    }).slots;
  expect(onDate('2027-03-28').map(({ at }) => Math.floor(localMinutes(at, zone) / 60))).toEqual([
    3, 3,
  ]);
  expect(onDate('2026-10-25')).toHaveLength(2);
  expect(onDate('2026-10-25').map(({ at }) => Math.floor(localMinutes(at, zone) / 60))).toEqual([
    2, 2,
  ]);
});

test('a year of daily releases has no day without one and none with two, in every zone', () => {
  const allWindows = [
    { from: 540, to: 1080 },
    { from: 0, to: 60 },
    { from: 120, to: 180 },
    { from: 135, to: 190 },
  ];
  for (const own of zones)
    for (const window of allWindows) {
      const now = atLocal('2026-01-01', 0, own) - minute;
      const { slots } = plan({
        now,
        until: now + 364 * day,
        cadence: cadence({ zone: own, perDay: { min: 1, max: 1 }, windows: [window] }),
        candidates: posts(364),
      });
      const dates = new Set(slots.map(({ at }) => localDate(at, own)));
      expect([own, window, dates.size, slots.length]).toEqual([own, window, 364, 364]);
    }
});

test('windows that overlap are one window', () => {
  const both = plan({
    cadence: cadence({
      windows: [
        { from: 600, to: 900 },
        { from: 540, to: 700 },
      ],
      perDay: { min: 3, max: 3 },
    }),
    candidates: posts(6),
  });
  const whole = plan({
    cadence: cadence({ windows: [{ from: 540, to: 900 }], perDay: { min: 3, max: 3 } }),
    candidates: posts(6),
  });
  expect(both.slots.map(({ at }) => toIso(at))).toEqual(whole.slots.map(({ at }) => toIso(at)));
});

test('a slot that stands aside for a post by hand says so', () => {
  const own = cadence({ perDay: { min: 1, max: 1 } });
  const [usual] = plan({ cadence: own, candidates: posts(1) }).slots;
  const byHand = (usual?.at ?? 0) - 20 * minute;
  const [moved] = plan({
    cadence: own,
    now: byHand + minute,
    past: [{ at: byHand, isByHand: true }],
    candidates: posts(1),
  }).slots;
  expect(moved?.at).toBe(byHand + own.minGapFor);
  expect(moved?.why).toMatch(
    /^slot 1 of 1 on .+; moved, since someone posted by hand Tue 24 Nov \d\d:\d\d$/,
  );
});
