import { expect, test } from 'vitest';
import { schedule } from '../../src/core/schedule/schedule.ts';
import { brokenRules } from '../../src/core/schedule/tell-why.ts';
import type { Candidate, ScheduleInput } from '../../src/core/schedule/schedule-input.ts';
import { atLocal, day, hour, localDate, localMinutes, minute } from '../../src/core/time.ts';
import { cadence, feed, input, play, posts, start } from './schedule-kit.ts';

const plan = (changes: Partial<ScheduleInput>) => schedule(input(changes));
const slotOf = (changes: Partial<ScheduleInput>, delivery = 'p0') =>
  plan(changes).slots.find((slot) => slot.delivery === delivery);
const reasonOf = (changes: Partial<ScheduleInput>, delivery = 'p0') =>
  plan(changes).unplaced.find((one) => one.delivery === delivery);
const one = (changes: Partial<Candidate> = {}): Partial<ScheduleInput> => ({
  candidates: posts(1, changes),
});
const zone = 'Europe/Berlin';

test('a slot says why it was chosen', () => {
  expect(slotOf({ candidates: posts(4) })?.why).toMatch(
    /^slot [123] of 3 on Tue 24 Nov \(09:00–18:00\)$/,
  );
});

test('the queue goes out in its order, so many a day, on every day', () => {
  const { slots } = plan({ now: atLocal('2026-11-24', 0, zone), candidates: posts(9) });
  expect(slots.map(({ delivery }) => delivery)).toEqual(posts(9).map(({ delivery }) => delivery));
  expect(slots.map(({ at }) => localDate(at, zone))).toEqual(
    ['24', '25', '26'].flatMap((date) => Array.from({ length: 3 }, () => `2026-11-${date}`)),
  );
});

test('a fraction of a release a day is spread over days', () => {
  const { slots } = plan({
    cadence: cadence({ perDay: { min: 0.5, max: 0.5 } }),
    candidates: posts(5),
  });
  const dates = slots.map(({ at }) => Date.parse(localDate(at, zone)) / day);
  expect(dates.slice(1).map((date, i) => date - (dates[i] ?? 0))).toEqual([2, 2, 2, 2]);
});

test('a pin is kept to the minute, says which rules it breaks, and others are planned around it', () => {
  const sunday = atLocal('2026-11-29', 3 * 60, zone);
  const now = atLocal('2026-11-28', 23 * 60, zone);
  const changes = {
    now,
    cadence: cadence({ days: ['mon', 'tue'] }),
    candidates: [{ delivery: 'pin', pinnedAt: sunday }],
  };
  expect(slotOf(changes, 'pin')).toEqual({
    delivery: 'pin',
    at: sunday,
    why: 'pinned to Sun 29 Nov 03:00 by its date (on a day that the cadence leaves out, outside the windows)',
  });
  const noon = atLocal('2026-11-24', 12 * 60, zone);
  const { slots } = plan({
    now: atLocal('2026-11-24', 0, zone),
    candidates: [...posts(4), { delivery: 'pin', pinnedAt: noon }],
  });
  expect(slots.find(({ delivery }) => delivery === 'pin')?.at).toBe(noon);
  for (const slot of slots)
    if (slot.delivery !== 'pin')
      expect(Math.abs(slot.at - noon)).toBeGreaterThanOrEqual(90 * minute);
  // The pin counts: two others have room on its day.
  expect(slots.filter(({ at }) => localDate(at, zone) === '2026-11-24')).toHaveLength(3);
  expect(brokenRules(noon, { cadence: cadence(), past: [{ at: noon - hour }] })).toBe(
    'closer than minGap to another post',
  );
});

test('a pin whose minute passed is kept for a quarter of an hour, then missed', () => {
  expect(slotOf(one({ pinnedAt: start - 15 * minute }))?.at).toBe(start - 15 * minute);
  expect(reasonOf(one({ pinnedAt: start - 15 * minute - 1 }))).toEqual({
    delivery: 'p0',
    state: 'missed',
    because: 'passed',
    reason: 'its minute, Tue 24 Nov 08:44, passed while nothing could be published',
  });
  expect(reasonOf(one({ pinnedDate: '2026-11-23' }))).toMatchObject({
    state: 'missed',
    reason: 'its day, 2026-11-23, passed while nothing could be published',
  });
  // A pin that the network could not take is tried again, however late that is.
  expect(slotOf(one({ pinnedAt: start - hour, retryAt: start + 5 * minute }))).toMatchObject({
    at: start + 5 * minute,
    why: expect.stringContaining('a retry'),
  });
});

test('a day that was named gets a slot of that day before the others, or one of its own', () => {
  const busy = plan({
    candidates: [...posts(9), { delivery: 'day', pinnedDate: '2026-11-25' }],
  }).slots;
  expect(localDate(busy.find(({ delivery }) => delivery === 'day')?.at ?? 0, zone)).toBe(
    '2026-11-25',
  );
  expect(busy.filter(({ at }) => localDate(at, zone) === '2026-11-25')).toHaveLength(3);
  const closed = slotOf({
    ...one({ pinnedDate: '2026-11-28' }),
    cadence: cadence({ days: ['mon'] }),
  });
  expect([localDate(closed?.at ?? 0, zone), localMinutes(closed?.at ?? 0, zone)]).toEqual([
    '2026-11-28',
    9 * 60,
  ]);
  // However often the plan is made anew, also a moment before and after.
  for (const before of [24 * 60, 10, 1, 0, -1, -14])
    expect(
      slotOf({
        ...one({ pinnedDate: '2026-11-28' }),
        cadence: cadence({ days: ['mon'] }),
        now: (closed?.at ?? 0) - before * minute,
      })?.at,
    ).toBe(closed?.at);
  expect(closed?.why).toBe('2026-11-28 has no free slot: published on this day anyway');
});

test('what expires, waits, or comes after another says so', () => {
  expect(reasonOf(one({ expires: start }))).toEqual({
    delivery: 'p0',
    state: 'expired',
    because: 'passed',
    reason: 'expired 2026-11-24T08:00:00Z',
  });
  expect(reasonOf(one({ held: { because: 'draft', text: 'is a draft' } }))).toMatchObject({
    state: 'waiting',
    because: 'draft',
    reason: 'is a draft',
  });
  expect(reasonOf(one({ notBefore: start + 20 * day }))).toMatchObject({
    state: 'waiting',
    reason: 'not before Mon 14 Dec 09:00',
  });
  expect(slotOf(one({ notBefore: start + 2 * day }))?.at).toBeGreaterThanOrEqual(start + 2 * day);
  expect(reasonOf(one({ after: { delivery: 'x', post: 'x', delayFor: 0 } }))).toMatchObject({
    state: 'waiting',
    reason: 'after x, which is not published',
  });
  expect(
    slotOf(one({ after: { delivery: 'x', post: 'x', delayFor: 2 * day, releasedAt: start - day } }))
      ?.at,
  ).toBeGreaterThanOrEqual(start + day);
  const chain = plan({
    candidates: [
      { delivery: 'b', after: { delivery: 'a', post: 'a', delayFor: day } },
      { delivery: 'a' },
    ],
  }).slots;
  expect(
    (chain.find(({ delivery }) => delivery === 'b')?.at ?? 0) -
      (chain.find(({ delivery }) => delivery === 'a')?.at ?? 0),
  ).toBeGreaterThanOrEqual(day);
  expect(reasonOf({ candidates: posts(100) }, 'p99')).toEqual({
    delivery: 'p99',
    state: 'queued',
    because: 'not-yet',
    reason: 'its turn comes after the next 14 days',
  });
});

test('nothing is given before the end of a pause, and slots before it are not made up for', () => {
  const until = start + 3 * hour;
  expect(slotOf({ ...one(), notBefore: until })?.at).toBeGreaterThanOrEqual(until);
  const first = slotOf({ now: atLocal('2026-11-24', 0, zone), ...one() })?.at ?? 0;
  // A slot of a moment ago is caught up with, unless it lay in the pause.
  expect(slotOf({ ...one(), now: first + minute })?.at).toBe(first);
  expect(slotOf({ ...one(), now: first + minute, freshFrom: first + 1 })?.at).toBeGreaterThan(
    first + hour,
  );
  expect(slotOf({ ...one(), now: first + minute, past: [{ at: first }] })?.at).toBeGreaterThan(
    first + hour,
  );
});

test('a slot that was moved behind another release is still there when the plan is made anew', () => {
  const first = slotOf({ now: atLocal('2026-11-24', 0, zone), ...one() })?.at ?? 0;
  const past = [{ at: first - 30 * minute }];
  const moved = slotOf({ ...one(), now: first - 10 * minute, past })?.at;
  expect(moved).toBe(first + hour);
  for (const later of [1, 20, 59])
    expect(slotOf({ ...one(), now: first + later * minute, past })?.at).toBe(moved);
});

test('a release that the network could not take is tried again soon, inside the rules', () => {
  const noon = atLocal('2026-11-24', 12 * 60, zone);
  expect(slotOf({ ...one({ retryAt: noon + 7 * minute }), now: noon })).toEqual({
    delivery: 'p0',
    at: noon + 7 * minute,
    openingAt: noon + 7 * minute,
    why: 'a retry, since the network could not take it before',
  });
  const evening = atLocal('2026-11-24', 18 * 60 + 5, zone);
  expect(
    localDate(slotOf({ ...one({ retryAt: evening }), now: evening - minute })?.at ?? 0, zone),
  ).toBe('2026-11-25');
  expect(
    slotOf({ ...one({ retryAt: noon + 7 * minute, expires: noon + 7 * minute }), now: noon }),
  ).toBeUndefined();
});

test('named queues keep to their own windows and share what a day has, in turn', () => {
  const queues = { tips: { perDay: 1, windows: [{ from: 720, to: 840 }] }, blog: { perDay: 1 } };
  const candidates = [
    ...posts(9, {}, 'own'),
    ...posts(9, { queue: 'tips' }, 'tip'),
    ...posts(9, { queue: 'blog' }, 'blog'),
  ];
  const { slots } = plan({ now: atLocal('2026-11-24', 0, zone), queues, candidates });
  const perDate = Map.groupBy(slots, ({ at }) => localDate(at, zone));
  for (const [date, all] of [...perDate].slice(0, 6))
    expect([date, all.map(({ delivery }) => delivery.replace(/\d/, '')).sort()]).toEqual([
      date,
      ['blog', 'own', 'tip'],
    ]);
  for (const { at, delivery } of slots)
    if (delivery.startsWith('tip'))
      expect([12, 13]).toContain(Math.floor(localMinutes(at, zone) / 60));
  // One a day for two queues: they take turns.
  const turns = plan({
    now: atLocal('2026-11-24', 0, zone),
    queues,
    candidates: candidates.slice(9),
    cadence: cadence({ perDay: { min: 1, max: 1 } }),
  }).slots.map(({ delivery }) => delivery.replace(/\d/, ''));
  expect(
    new Set([turns.slice(0, 2).toSorted().join(), turns.slice(2, 4).toSorted().join()]),
  ).toEqual(new Set(['blog,tip']));
  expect(slots.find(({ delivery }) => delivery === 'tip0')?.why).toMatch(
    /for the queue "tips" \(12:00–14:00\)$/,
  );
});

test("a feed's back catalogue takes no more than its share, and lets the others by", () => {
  const { slots } = plan({
    now: atLocal('2026-11-24', 0, zone),
    candidates: [...posts(50, { feed }, 'item'), ...posts(4, {}, 'own')],
  });
  const first = slots
    .filter(({ at }) => localDate(at, zone) === '2026-11-24')
    .map(({ delivery }) => delivery);
  expect(first).toEqual(['item0', 'own0', 'own1']);
  expect(slots.filter(({ delivery }) => delivery.startsWith('item'))).toHaveLength(
    new Set(
      slots
        .filter(({ delivery }) => delivery.startsWith('item'))
        .map(({ at }) => localDate(at, zone)),
    ).size,
  );
});

test('played for a month, an account releases what it was told to', () => {
  const out = play(
    input({
      cadence: cadence({ perDay: { min: 2, max: 2 }, days: ['mon', 'wed', 'fri'] }),
      candidates: posts(100),
    }),
    start + 28 * day,
  );
  expect(out).toHaveLength(2 * 12);
});
