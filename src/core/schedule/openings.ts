import { countFor, isOpenDay, isWithin, openTimes, type Spread, spread } from './cadence.ts';
import { chance } from '../chance.ts';
import { chooseOn, lessonOn, type PacedSpread } from './pace.ts';
import type { Candidate, ScheduleInput } from './schedule-input.ts';
import {
  addDays,
  day,
  formatClock,
  formatLocal,
  type Instant,
  localDate,
  minute,
} from '../time.ts';

/** A pin, or a slot, that passed no longer ago than this is still kept. */
export const graceFor = 15 * minute;

/** An instant of a date at which the cadence would release something. */
export interface Opening {
  at: Instant;
  stream: string;
  /** Which of how many of its stream that day. */
  place: [number, number];
  /** Only this candidate may take it: it is tried again. */
  only?: string;
  /** Its own instant has passed, the one that it was moved to has not. */
  isMoved?: boolean;
  /** For a follow-up alone: no opening of the cadence. */
  isFollowUp?: boolean;
  /** Why this instant, where the pace has chosen it. */
  learned?: string;
}

export const openDate = (date: string, input: ScheduleInput) =>
  openTimes([{ from: 0, to: 1440 }], date, input.cadence.zone)[0]?.from ?? 0;

export function whyThen(
  { at, stream, place: [which, count], only, isFollowUp, learned }: Opening,
  { queues, cadence }: ScheduleInput,
): string {
  if (isFollowUp) return 'as soon as there is room, since it follows another post';
  if (only) return 'soon after the attempt before, which the network could not take';
  const hours = (queues[stream]?.windows ?? cadence.windows)
    .map(({ from, to }) => `${formatClock(from)}–${formatClock(to)}`)
    .join(', ');
  return `slot ${which} of ${count} on ${formatLocal(at, cadence.zone).slice(0, -6)}${stream ? ` for the queue "${stream}"` : ''} (${hours})${learned ? `: ${learned}` : ''}`;
}

/** A queue that says nothing of its own shares the account's openings. */
export const streamOf = (candidate: Pick<Candidate, 'queue'>, input: ScheduleInput): string => {
  const own = candidate.queue === undefined ? undefined : input.queues[candidate.queue];
  return own && (own.perDay !== undefined || own.windows || own.days)
    ? (candidate.queue ?? '')
    : '';
};

/**
 * The date's openings, earliest first: those ahead, and of those just passed one to catch up with.
 */
export function* openingsOn(
  date: string,
  { rest, pins }: { rest: Candidate[]; pins: Instant[] },
  input: ScheduleInput,
  total: number,
): Generator<Opening> {
  const retries = [...retriesOn(date, rest, input), ...roomOn(date, rest, input)].sort(
    (a, b) => a.at - b.at,
  );
  const streams = streamsOn(date, sharesOn(date, rest, input, total), input);
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
  const learned = slots.why?.(i);
  return { at: slots.at(i), stream, place: [i + 1, slots.count], ...(learned ? { learned } : {}) };
}

/** Where each stream's share of the date stands: chosen by what was learned, or spread evenly. */
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
    if (!lesson)
      return [
        {
          stream,
          slots: spread(times, share, {
            minGapFor,
            seed,
            phase: 0.25 + chance(account, stream) / 2,
          }),
        },
      ];
    const slots = chooseOn(lesson, times, share, { minGapFor, seed, taken });
    for (let i = 0; i < slots.count; i++) taken.push(slots.at(i));
    return [{ stream, slots }];
  });
}

/** The last slot that passed a moment ago, if nothing went out since. Never more than one. */
function catchUp(
  streams: Stream[],
  { now, freshFrom, past, notBefore = 0 }: ScheduleInput,
): Opening | undefined {
  const passed = streams
    .map(({ stream, slots }) => ({ stream, slots, i: slots.firstAfter(now) - 1 }))
    .filter(({ i }) => i >= 0)
    .sort((a, b) => a.slots.at(a.i) - b.slots.at(b.i))
    .at(-1);
  const at = passed?.slots.at(passed.i) ?? 0;
  if (
    !passed ||
    at <= now - graceFor ||
    at < freshFrom ||
    at < notBefore ||
    notBefore > now ||
    past.some((one) => one.at >= at)
  )
    return undefined;
  return toOpening(passed.stream, passed.slots, passed.i);
}

/**
 * Slots that stood too near to another release, and were moved behind it: a plan made anew
 * meanwhile keeps them.
 */
function movedOnes(
  streams: Stream[],
  { now, freshFrom, past, notBefore = 0, cadence: { minGapFor } }: ScheduleInput,
  pins: Instant[],
): Opening[] {
  const used = new Set(past.map(({ openingAt }) => openingAt));
  // A pin moves what stands on either side of it, a slot only those that come after its own
  // opening.
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

/**
 * The instant, or a later one behind those of the taken instants (oldest first) that stand nearer
 * than the gap.
 */
export function moveBehind(taken: readonly Instant[], instant: Instant, gap: number): Instant {
  let at = instant;
  for (const other of taken) if (Math.abs(at - other) < gap) at = other + gap;
  return at;
}

/**
 * A release that could not land is tried again soon after, where the rules allow, rather than in
 * the next regular slot.
 */
function retriesOn(date: string, rest: Candidate[], input: ScheduleInput): Opening[] {
  const { zone, days, blackout, windows } = input.cadence;
  const tried = rest.filter(
    (one) => !one.isFollowUp && one.retryAt !== undefined && one.retryAt > input.now - graceFor,
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

/** Where follow-ups may stand on the date: in each window as early as they may. */
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
 * own queue what is left; where there is not enough for all, they take turns from day to day.
 */
function sharesOn(
  date: string,
  rest: Candidate[],
  input: ScheduleInput,
  total: number,
): [string, number][] {
  const dayEnd = openDate(addDays(date, 1), input);
  // What a person's own word released took no opening of any stream.
  const released = input.past.filter(
    ({ at, openingAt }) => openingAt !== undefined && localDate(at, input.cadence.zone) === date,
  );
  const active = new Set(released.map((one) => streamOf(one, input)));
  for (const one of rest)
    if (!one.isFollowUp && (one.notBefore ?? 0) < dayEnd) active.add(streamOf(one, input));
  const streams = [...active].sort();
  const wanted = new Map(
    streams.map((stream) => [
      stream,
      stream === ''
        ? total
        : Math.min(total, countFor(input.queues[stream]?.perDay ?? total, date)),
    ]),
  );
  const named = streams.filter((stream) => stream !== '');
  const shared = named.reduce((sum, stream) => sum + (wanted.get(stream) ?? 0), 0);
  if (active.has('') && shared < total)
    return [
      ['', total - shared],
      ...named.map((stream): [string, number] => [stream, wanted.get(stream) ?? 0]),
    ];
  return [...dealInTurn(streams, wanted, total, Math.round(openDate(date, input) / day))];
}

function dealInTurn(
  streams: string[],
  wanted: Map<string, number>,
  total: number,
  turn: number,
): Map<string, number> {
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
