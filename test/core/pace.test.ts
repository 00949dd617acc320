import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Cadence } from '../../src/core/schedule/cadence.ts';
import { countOn, isPaceable, lessonOn, type Pace } from '../../src/core/schedule/pace.ts';
import { hourOfWeek } from '../../src/core/pacing/slots/week-clock.ts';
import { schedule } from '../../src/core/schedule/schedule.ts';
import type { Candidate, ScheduleInput } from '../../src/core/schedule/schedule-input.ts';
import { addDays, day, hour, localDate, minute, mondayOf } from '../../src/core/time.ts';
import {
  anyCadence,
  anyNow,
  broken,
  cadence,
  input,
  play,
  posts,
  queues,
  start,
  toPast,
} from './schedule-kit.ts';

const curve = fc.array(fc.double({ min: -0.6, max: 0.6, noNaN: true }), {
  minLength: 168,
  maxLength: 168,
});
const anyRange = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 3 }))
  .map(([min, more]) => ({ min, max: min + more }));
const anyPaceable: fc.Arbitrary<Cadence> = fc
  .tuple(anyCadence, anyRange, fc.constantFrom(10 * minute, 90 * minute, 3 * hour))
  .map(([one, perDay, minGapFor]) => ({ ...one, perDay, minGapFor }));

function paceOf({ zone, perDay }: Cadence, from: string, scores: number[], share: number): Pace {
  const flat = scores.map(() => 10);
  const model = {
    account: 'bsky',
    network: 'bluesky' as const,
    zone,
    scores,
    a: flat,
    b: flat,
    prior: scores.map(() => 0),
    posts: {},
    count: 0,
  };
  return { lessons: [{ from, rate: perDay.min + (perDay.max - perDay.min) * share, model }] };
}

const anyPaced: fc.Arbitrary<ScheduleInput & { pace: Pace }> = fc
  .tuple(
    anyNow,
    anyPaceable,
    curve,
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.integer({ min: 1, max: 20 }),
    fc.boolean(),
  )
  .map(([now, own, scores, share, count, hasFollowUps]) => ({
    ...input({ now, cadence: own, queues, until: now + 10 * day }),
    pace: paceOf(own, localDate(now, own.zone), scores, share),
    candidates: posts(count).map((one, i): Candidate =>
      hasFollowUps && i % 4 === 1 ? { ...one, isFollowUp: true, notBefore: now + i * hour } : one,
    ),
  }));

test('slots that were learned keep every rule: minGap, windows, days, the day’s number and its ceiling', () => {
  fc.assert(
    fc.property(anyPaced, (one) => {
      expect(broken(one, schedule(one).slots)).toEqual([]);
    }),
    { numRuns: 150 },
  );
}, 60_000);

test('a plan made later, and with a lesson that holds from next week on, gives the slots that the earlier one gave', () => {
  fc.assert(
    fc.property(anyPaced, curve, fc.integer({ min: 1, max: 6 }), (paced, scores, released) => {
      const one = { ...paced, candidates: paced.candidates.map(({ delivery }) => ({ delivery })) };
      const { slots } = schedule(one);
      fc.pre(slots.length > released);
      const done = slots.slice(0, released);
      const later = Math.floor(((done.at(-1)?.at ?? 0) + (slots[released]?.at ?? 0)) / 2);
      fc.pre(later > one.now);
      const monday = addDays(mondayOf(localDate(later, one.cadence.zone)), 7);
      const [lesson] = one.pace.lessons;
      const lessons = lesson
        ? [lesson, { ...lesson, from: monday, model: { ...lesson.model, scores } }]
        : [];
      const again = schedule({
        ...one,
        now: later,
        pace: { lessons },
        past: done.map((slot) => toPast(Math.max(slot.at, one.now), slot, undefined)),
        candidates: one.candidates.filter(
          ({ delivery }) => !done.some((slot) => slot.delivery === delivery),
        ),
      });
      const thisWeek = ({ at }: { at: number }) => localDate(at, one.cadence.zone) < monday;
      expect(again.slots.filter(thisWeek)).toEqual(slots.slice(released).filter(thisWeek));
    }),
    { numRuns: 100 },
  );
}, 60_000);

test('over weeks there are as many releases as the rate says, whatever the hours are worth', () => {
  fc.assert(
    fc.property(curve, fc.double({ min: 0.3, max: 3, noNaN: true }), (scores, rate) => {
      const own = cadence({
        perDay: { min: 0.3, max: 4 },
        days: ['mon', 'tue', 'wed', 'thu', 'fri'],
      });
      const pace = paceOf(own, '2026-11-23', scores, (rate - 0.3) / 3.7);
      const dates = Array.from({ length: 8 * 7 }, (_, i) => addDays('2026-11-23', i));
      const counts = dates.map((date) => countOn(pace, date, own)).filter((_, i) => i % 7 < 5);
      const total = counts.reduce((sum, one) => sum + one, 0);
      expect(Math.abs(total - rate * 40)).toBeLessThanOrEqual(1);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }),
    { numRuns: 40 },
  );
});

test('a brake halves the releases of its week, and of no other', () => {
  const own = cadence({
    perDay: { min: 2, max: 4 },
    days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
  });
  const pace = paceOf(
    own,
    '2026-11-23',
    Array.from({ length: 168 }, () => 0),
    1,
  );
  const braked: Pace = { ...pace, brake: { from: start, until: start + 7 * day, factor: 0.5 } };
  const sum = (some: Pace, from: string) =>
    Array.from({ length: 7 }, (_, i) => countOn(some, addDays(from, i), own)).reduce(
      (a, b) => a + b,
      0,
    );
  expect([sum(pace, '2026-11-24'), sum(braked, '2026-11-24'), sum(braked, '2026-12-01')]).toEqual([
    28, 14, 28,
  ]);
});

test('a date keeps the lesson that held when it began', () => {
  const own = cadence();
  const old = paceOf(own, '2026-11-16', [], 0).lessons;
  const fresh = paceOf(own, '2026-11-23', [], 0).lessons;
  const pace = { lessons: [...old, ...fresh] };
  expect(
    ['2026-11-01', '2026-11-22', '2026-11-23', '2027-01-01'].map(
      (date) => lessonOn(pace, date)?.from,
    ),
  ).toEqual(['2026-11-16', '2026-11-16', '2026-11-23', '2026-11-23']);
});

test('in the week in which the clock changes the local times are those of any other week', () => {
  const own = cadence({
    zone: 'Europe/Berlin',
    perDay: { min: 2, max: 2 },
    days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
  });
  const scores = Array.from({ length: 168 }, (_, i) => Math.sin(i / 3) / 4);
  const timesFrom = (from: string) => {
    const now = Date.parse(`${from}T00:00Z`);
    const one = {
      ...input({ now, cadence: own, until: now + 8 * day, candidates: posts(20) }),
      pace: paceOf(own, from, scores, 0),
    };
    return play(one, now + 7 * day - 2 * hour).map(({ at }) => hourOfWeek(at, own.zone));
  };
  // The clocks go forward on Sunday, 28 March. Chance moves each slot by seven minutes at most.
  const [changing, usual] = [timesFrom('2027-03-22'), timesFrom('2027-04-05')];
  expect(changing).toHaveLength(14);
  changing.forEach((at, i) =>
    expect(Math.abs(at - (usual[i] ?? 0))).toBeLessThanOrEqual(14 / 60 + 0.01),
  );
});

test('a cadence of thousands a day is kept as it is', () => {
  expect(isPaceable(cadence({ perDay: { min: 1, max: 3 } }))).toBe(true);
  expect(isPaceable(cadence({ perDay: { min: 4320, max: 4320 }, minGapFor: 12_000 }))).toBe(false);
});
