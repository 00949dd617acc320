import { countFor, isOpenDay, isWithin, openTimes, type Spread, spread } from './cadence.ts';
import { chance } from '../chance.ts';
import { chooseOn, lessonOn, type PacedSpread } from './pace.ts';
import { pickDefined } from '../pick-defined.ts';
import type { Candidate, ScheduleInput } from './schedule-input.ts';
import { addDays, day, type Instant, localDate, minute, minutesPerDay } from '../time.ts';

/** A pin or a slot that passed no longer ago than this is still released. */
export const graceFor = 15 * minute;

export const graceOf = (input: ScheduleInput): number => input.graceFor ?? graceFor;

/** An instant of a date at which the cadence would release something. */
export interface Opening {
  at: Instant;
  stream: string;
  /** Of its stream on that day. */
  place: readonly [which: number, count: number];
  /** Only this candidate may take it: a retry, or a follow-up. */
  only?: string;
  /** Its own instant has passed; the instant to which it was moved has not. */
  isMoved?: boolean;
  /** For a follow-up; not an opening of the cadence. */
  isFollowUp?: boolean;
  /** Why this instant, where the pace has chosen it. */
  learned?: string;
}

export const openDate = (date: string, input: ScheduleInput) =>
  openTimes([{ from: 0, to: minutesPerDay }], date, input.cadence.zone)[0]?.from ?? 0;

/** A queue without a number, windows or days of its own shares the account's openings. */
export const streamOf = (candidate: Pick<Candidate, 'queue'>, input: ScheduleInput): string => {
  const own = candidate.queue === undefined ? undefined : input.queues[candidate.queue];
  return own && (own.perDay !== undefined || own.windows || own.days)
    ? (candidate.queue ?? '')
    : '';
};

interface Queue {
  input: ScheduleInput;
  rest: Candidate[];
  /** Instants of pins. */
  pins: Instant[];
}

interface DateTotal {
  date: string;
  /** What the cadence gives the date. */
  total: number;
}

/**
 * The date's openings, earliest first: the future ones, and at most one that has just passed, to
 * catch up with.
 */
export function* openingsOn(
  { input, rest, pins }: Queue,
  { date, total }: DateTotal,
): Generator<Opening> {
  const retries = [...retriesOn(date, rest, input), ...roomOn(date, rest, input)].sort(
    (a, b) => a.at - b.at,
  );
  const streams = streamsOn(date, sharesOn(input, rest, { date, total }), input);
  const caughtUp = catchUp(streams, input);
  if (caughtUp) yield caughtUp;
  yield* movedOnes(streams, input, pins);
  const heads = streams.map(({ stream, slots }) => ({
    stream,
    slots,
    i: slots.firstAfter(Math.max(input.now, (input.notBefore ?? 0) - 1)),
  }));
  for (;;) {
    const head = heads
      .filter(({ i, slots }) => i < slots.count)
      .sort((a, b) => a.slots.at(a.i) - b.slots.at(b.i) || (a.stream < b.stream ? -1 : 1))[0];
    const retry = retries[0];
    if (retry && (!head || retry.at <= head.slots.at(head.i))) yield retries.shift() ?? retry;
    else if (head) yield toOpening(head.stream, head.slots, head.i++);
    else return;
  }
}

interface Stream {
  stream: string;
  slots: Spread & Partial<Pick<PacedSpread, 'why'>>;
}

function toOpening(stream: string, slots: Stream['slots'], i: number): Opening {
  const learned = slots.why?.(i) || undefined;
  return pickDefined({ at: slots.at(i), stream, place: [i + 1, slots.count] as const, learned });
}

/** The slots of each stream on the date: chosen by the pace, or spread evenly. */
function streamsOn(
  date: string,
  shares: [string, number][],
  { account, cadence, queues, pace }: ScheduleInput,
): Stream[] {
  const { minGapFor, zone, blackout } = cadence;
  const lesson = pace && lessonOn(pace, date);
  const taken: Instant[] = [];
  return shares.flatMap(([stream, share]): Stream[] => {
    const own = queues[stream];
    if (!isOpenDay({ days: own?.days ?? cadence.days, blackout }, date)) return [];
    const times = openTimes(own?.windows ?? cadence.windows, date, zone);
    const seed = `${account} ${stream} ${date}`;
    if (!lesson) {
      const phase = 0.25 + chance(account, stream) / 2;
      return [{ stream, slots: spread(times, share, { minGapFor, seed, phase }) }];
    }
    const slots = chooseOn(lesson, times, { count: share, minGapFor, seed, taken });
    for (let i = 0; i < slots.count; i++) taken.push(slots.at(i));
    return [{ stream, slots }];
  });
}

/** The last slot that passed a moment ago, if nothing was released since. Never more than one. */
function catchUp(streams: Stream[], input: ScheduleInput): Opening | undefined {
  const { now, freshFrom, past, notBefore = 0 } = input;
  const passed = streams
    .map(({ stream, slots }) => ({ stream, slots, i: slots.firstAfter(now) - 1 }))
    .filter(({ i }) => i >= 0)
    .sort((a, b) => a.slots.at(a.i) - b.slots.at(b.i))
    .at(-1);
  const at = passed?.slots.at(passed.i) ?? 0;
  if (
    !passed ||
    at <= now - graceOf(input) ||
    at < freshFrom ||
    at < notBefore ||
    notBefore > now ||
    past.some((one) => one.at >= at)
  )
    return undefined;
  return toOpening(passed.stream, passed.slots, passed.i);
}

/**
 * Slots that were moved behind another release, since it was too near: rescheduling in between
 * keeps them.
 */
function movedOnes(
  streams: Stream[],
  { now, freshFrom, past, notBefore = 0, cadence: { minGapFor } }: ScheduleInput,
  pins: Instant[],
): Opening[] {
  const used = new Set(past.map(({ openingAt }) => openingAt));
  // A pin moves slots on either side of it, a slot only those after its own opening.
  const others = [
    ...past.map(({ at, openingAt = -Infinity }) => ({ at, from: openingAt })),
    ...pins.map((at) => ({ at, from: -Infinity })),
  ].sort((a, b) => a.at - b.at);
  const hasMoved = (opening: Instant) => {
    const before = others.filter(({ from }) => from < opening).map(({ at }) => at);
    return (
      opening >= freshFrom &&
      opening >= notBefore &&
      !used.has(opening) &&
      moveBehind(before, opening, minGapFor) > now
    );
  };
  return streams
    .flatMap(({ stream, slots }) => {
      const openings: Opening[] = [];
      for (let i = slots.firstAfter(now - 3 * minGapFor); i < slots.firstAfter(now); i++)
        if (hasMoved(slots.at(i))) openings.push({ ...toOpening(stream, slots, i), isMoved: true });
      return openings;
    })
    .sort((a, b) => a.at - b.at);
}

/** The instant, or a later one, at least the gap away from the taken instants (oldest first). */
export function moveBehind(taken: readonly Instant[], instant: Instant, gap: number): Instant {
  let at = instant;
  for (const other of taken) if (Math.abs(at - other) < gap) at = other + gap;
  return at;
}

/** A failed release is retried soon after, where the rules allow, not in the next regular slot. */
function retriesOn(date: string, rest: Candidate[], input: ScheduleInput): Opening[] {
  const { zone, days, blackout, windows } = input.cadence;
  const tried = rest.filter(
    (one) =>
      !one.isFollowUp && one.retryAt !== undefined && one.retryAt > input.now - graceOf(input),
  );
  return tried
    .flatMap((one): Opening[] => {
      const stream = streamOf(one, input);
      const own = input.queues[stream];
      const at = Math.max(one.retryAt ?? 0, input.notBefore ?? 0);
      const isOpen =
        localDate(at, zone) === date &&
        isOpenDay({ days: own?.days ?? days, blackout }, date) &&
        isWithin(openTimes(own?.windows ?? windows, date, zone), at);
      return isOpen ? [{ at, stream, place: [1, 1], only: one.delivery }] : [];
    })
    .sort((a, b) => a.at - b.at);
}

/** Openings for follow-ups on the date: in each window, as early as possible. */
function roomOn(date: string, rest: Candidate[], input: ScheduleInput): Opening[] {
  const { zone, windows } = input.cadence;
  const following = rest.filter((one) => one.isFollowUp);
  if (!following.length || !isOpenDay(input.cadence, date)) return [];
  return openTimes(windows, date, zone).flatMap(({ from, to }) =>
    following.flatMap((one): Opening[] => {
      const at = Math.max(
        from,
        input.now,
        input.notBefore ?? 0,
        one.notBefore ?? 0,
        one.retryAt ?? 0,
      );
      return at < to
        ? [{ at, stream: '', place: [1, 1], only: one.delivery, isMoved: true, isFollowUp: true }]
        : [];
    }),
  );
}

/**
 * How many of the date's releases each stream gets. A named queue has its own number, the account's
 * own queue the rest; where there are not enough for all, the streams take turns from day to day.
 */
function sharesOn(
  input: ScheduleInput,
  rest: Candidate[],
  { date, total }: DateTotal,
): [string, number][] {
  const dayEnd = openDate(addDays(date, 1), input);
  // A pin took no opening of any stream.
  const released = input.past.filter(
    ({ at, openingAt }) => openingAt !== undefined && localDate(at, input.cadence.zone) === date,
  );
  const active = new Set(released.map((one) => streamOf(one, input)));
  for (const one of rest)
    if (!one.isFollowUp && (one.notBefore ?? 0) < dayEnd) active.add(streamOf(one, input));
  const wantedBy = (stream: string) => {
    const own = stream === '' ? undefined : input.queues[stream]?.perDay;
    return own === undefined ? total : Math.min(total, countFor(own, date));
  };
  const wanted = [...active].sort().map((stream): [string, number] => [stream, wantedBy(stream)]);
  const named = wanted.filter(([stream]) => stream !== '');
  const shared = named.reduce((sum, [, count]) => sum + count, 0);
  if (active.has('') && shared < total) return [['', total - shared], ...named];
  const turn = Math.round(openDate(date, input) / day);
  return [...dealInTurn(new Map(wanted), { total, turn })];
}

/**
 * One to each stream after the other, beginning at `turn`, until the total or all wants are met.
 */
function dealInTurn(
  wanted: ReadonlyMap<string, number>,
  { total, turn }: { total: number; turn: number },
): Map<string, number> {
  const streams = [...wanted.keys()];
  const dealt = new Map<string, number>();
  for (let left = total, i = turn, misses = 0; left > 0 && misses < streams.length; i++) {
    const stream = streams[i % streams.length] ?? '';
    const has = dealt.get(stream) ?? 0;
    if (has >= (wanted.get(stream) ?? 0)) {
      misses++;
      continue;
    }
    dealt.set(stream, has + 1);
    left--;
    misses = 0;
  }
  return dealt;
}
