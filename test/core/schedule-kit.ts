import fc from 'fast-check';
import {
  type Cadence,
  countFor,
  isOpenDay,
  isWithin,
  openTimes,
} from '../../src/core/schedule/cadence.ts';
import { countOn } from '../../src/core/schedule/pace.ts';
import { schedule } from '../../src/core/schedule/schedule.ts';
import type { Slot } from '../../src/core/schedule/slot.ts';
import type { Candidate, Past, ScheduleInput } from '../../src/core/schedule/schedule-input.ts';
import { day, hour, type Instant, localDate, minute, weekdays } from '../../src/core/time.ts';

export const start = Date.parse('2026-11-24T08:00:00Z');

export const cadence = (changes: Partial<Cadence> = {}): Cadence => ({
  zone: 'Europe/Berlin',
  perDay: { min: 3, max: 3 },
  windows: [{ from: 9 * 60, to: 18 * 60 }],
  days: weekdays,
  minGapFor: 90 * minute,
  blackout: [],
  ...changes,
});

export function input(changes: Partial<ScheduleInput> = {}): ScheduleInput {
  const own = changes.cadence ?? cadence();
  return {
    account: 'bsky',
    now: start,
    until: start + 14 * day,
    freshFrom: 0,
    cadence: own,
    perDay: own.perDay.min,
    ceiling: own.perDay.max,
    queues: {},
    past: [],
    candidates: [],
    ...changes,
  };
}

export const posts = (count: number, changes: Partial<Candidate> = {}, prefix = 'p'): Candidate[] =>
  Array.from({ length: count }, (_, i) => ({ delivery: `${prefix}${i}`, ...changes }));

/** What a plan without a person's word breaks, in words; empty: nothing. */
export function broken(one: ScheduleInput, slots: Slot[]): string[] {
  const { cadence: own, queues, past, now } = one;
  const problems: string[] = [];
  const byId = new Map(one.candidates.map((candidate) => [candidate.delivery, candidate]));
  const times: { at: Instant; isOurs: boolean }[] = [
    ...past.map(({ at }) => ({ at, isOurs: false })),
    ...slots.map(({ at }) => ({ at: Math.max(at, now), isOurs: true })),
  ].sort((a, b) => a.at - b.at);
  times.forEach(({ at, isOurs }, i) => {
    const before = times[i - 1];
    if (before && (isOurs || before.isOurs) && at - before.at < own.minGapFor)
      problems.push(`gap of ${(at - before.at) / minute} min`);
  });
  const perDate = new Map<string, number>();
  const perFeed = new Map<string, number>();
  const add = (counts: Map<string, number>, key: string) =>
    counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const { at, feed } of past) {
    add(perDate, localDate(at, own.zone));
    if (feed) add(perFeed, `${localDate(at, own.zone)} ${feed}`);
  }
  for (const { at, delivery } of slots) {
    const date = localDate(at, own.zone);
    const candidate = byId.get(delivery);
    const queue = candidate?.queue === undefined ? undefined : queues[candidate.queue];
    const total = one.pace ? countOn(one.pace, date, own) : countFor(one.perDay, date);
    const allowed = one.candidates.some(({ isFollowUp }) => isFollowUp)
      ? Math.max(total, countFor(one.ceiling, date))
      : total;
    add(perDate, date);
    if ((perDate.get(date) ?? 0) > allowed)
      problems.push(`${perDate.get(date)} on ${date}, ${allowed} allowed`);
    if (candidate?.feed) {
      add(perFeed, `${date} ${candidate.feed.url}`);
      if (
        (perFeed.get(`${date} ${candidate.feed.url}`) ?? 0) > countFor(candidate.feed.perDay, date)
      )
        problems.push(`more of the feed than its share on ${date}`);
    }
    if (!isOpenDay({ days: queue?.days ?? own.days, blackout: own.blackout }, date))
      problems.push(`${delivery} on ${date}, which is closed`);
    if (!isWithin(openTimes(queue?.windows ?? own.windows, date, own.zone), at))
      problems.push(`${delivery} outside the windows`);
    if (at > one.until) problems.push(`${delivery} beyond the plan`);
    if (
      candidate &&
      (at < (candidate.notBefore ?? 0) ||
        at >= (candidate.expires ?? Infinity) ||
        at < (candidate.retryAt ?? 0) ||
        at < (one.notBefore ?? 0))
    )
      problems.push(`${delivery} outside its own time`);
  }
  return problems;
}

export const zones = [
  'UTC',
  'Europe/Berlin',
  'America/Sao_Paulo',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'America/New_York',
  'Africa/Cairo',
];

const window = fc
  .tuple(fc.integer({ min: 0, max: 1380 }), fc.integer({ min: 30, max: 1440 }))
  .map(([from, length]) => ({ from, to: Math.min(1440, from + length) }));

export const anyCadence: fc.Arbitrary<Cadence> = fc.record({
  zone: fc.constantFrom(...zones),
  perDay: fc
    .oneof(fc.integer({ min: 1, max: 8 }), fc.constantFrom(0.5, 0.3, 1.5, 2.7))
    .map((n) => ({ min: n, max: n })),
  windows: fc.uniqueArray(window, { minLength: 1, maxLength: 3, selector: ({ from }) => from }),
  days: fc.subarray([...weekdays], { minLength: 1 }),
  minGapFor: fc.constantFrom(0, 10 * minute, 90 * minute, 4 * hour, 30 * hour),
  blackout: fc.constantFrom([], [{ from: '2026-11-25', to: '2026-11-27' }]),
});

export const anyNow = fc.oneof(
  fc.integer({ min: 0, max: 400 * 24 * 60 }).map((minutes) => start + minutes * minute),
  fc
    .constantFrom(
      '2026-10-24T22:00Z',
      '2027-03-27T20:00Z',
      '2026-04-04T12:00Z',
      '2026-10-03T12:00Z',
    )
    .map((text) => Date.parse(text)),
);

export const feed = { url: 'https://example.com/feed', perDay: 1 };

/** Named queues, feeds, times of their own: everything but a person's word. */
export const anyCandidates = (now: Instant): fc.Arbitrary<Candidate[]> =>
  fc
    .array(
      fc.record({
        queue: fc.option(fc.constantFrom('tips', 'night', 'plain'), { nil: undefined }),
        feed: fc.option(fc.constant(feed), { nil: undefined, freq: 4 }),
        notBefore: fc.option(
          fc.integer({ min: 0, max: 5 * 24 }).map((hours) => now + hours * hour),
          { nil: undefined, freq: 4 },
        ),
        expires: fc.option(
          fc.integer({ min: 1, max: 10 * 24 }).map((hours) => now + hours * hour),
          { nil: undefined, freq: 4 },
        ),
        retryAt: fc.option(
          fc.integer({ min: -30, max: 600 }).map((minutes) => now + minutes * minute),
          { nil: undefined, freq: 6 },
        ),
      }),
      { maxLength: 25 },
    )
    .map((list) =>
      list.map(
        (one, i) =>
          Object.fromEntries(
            Object.entries({ delivery: `p${i}`, ...one }).filter(
              ([, value]) => value !== undefined,
            ),
          ) as unknown as Candidate,
      ),
    );

export const anyPast = (now: Instant): fc.Arbitrary<Past[]> =>
  fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: 48 * 60 }).map((minutes) => now - minutes * minute),
    }),
    { maxLength: 4 },
  );

export const queues = {
  tips: { perDay: 1, windows: [{ from: 720, to: 840 }] },
  night: {
    windows: [
      { from: 0, to: 240 },
      { from: 1320, to: 1440 },
    ],
  },
  plain: {},
};

export const anyInput: fc.Arbitrary<ScheduleInput> = anyNow
  .chain((now) =>
    fc.record({
      now: fc.constant(now),
      cadence: anyCadence,
      candidates: anyCandidates(now),
      past: anyPast(now),
      hasPause: fc.boolean(),
    }),
  )
  .map(({ hasPause, ...one }) =>
    input({
      ...one,
      until: one.now + 10 * day,
      queues,
      ...(hasPause ? { notBefore: one.now + 5 * hour } : {}),
    }),
  );

export const toPast = (
  at: Instant,
  { openingAt }: Pick<Slot, 'openingAt'>,
  candidate: Candidate | undefined,
): Past => ({
  at,
  ...(openingAt === undefined ? {} : { openingAt }),
  ...(candidate?.queue ? { queue: candidate.queue } : {}),
  ...(candidate?.feed ? { feed: candidate.feed.url } : {}),
});

/**
 * Releases every slot at its instant, planning anew each time, until nothing is left or the time is
 * over.
 */
export function play(one: ScheduleInput, until: Instant): Past[] {
  let state = one;
  const out: Past[] = [];
  for (let i = 0; i < 500; i++) {
    const next = schedule(state).slots[0];
    if (!next || next.at > until) break;
    const at = Math.max(next.at, state.now);
    const past = toPast(
      at,
      next,
      state.candidates.find(({ delivery }) => delivery === next.delivery),
    );
    out.push(past);
    state = {
      ...state,
      now: at + 1000,
      until: at + 1000 + (one.until - one.now),
      past: [...state.past, past],
      candidates: state.candidates.filter(({ delivery }) => delivery !== next.delivery),
    };
  }
  return out;
}
