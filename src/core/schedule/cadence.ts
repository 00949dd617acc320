import { chance } from '../chance.ts';
import {
  atLocal,
  dayNumber,
  type Instant,
  minute,
  parseClock,
  weekdayOf,
  type Weekday,
  weekdays,
} from '../time.ts';

/** Minutes since local midnight; `to` is at most 1440. */
export interface Window {
  from: number;
  to: number;
}

/** In minutes of the day. A window over midnight becomes two. */
export function parseWindow(text: string): Window[] | undefined {
  const [from, to, ...rest] = text.split(/\s*[-–]\s*/).map(parseClock);
  if (from === undefined || to === undefined || rest.length || from === to) return undefined;
  return from < to
    ? [{ from, to }]
    : [
        { from: 0, to },
        { from, to: 1440 },
      ].filter((one) => one.from < one.to);
}

/** How often, and when, one account releases. */
export interface Cadence {
  zone: string;
  /**
   * Releases for each local date; steady pacing uses `min`, `max` is a ceiling. Fractions are
   * spread over days.
   */
  perDay: { min: number; max: number };
  windows: Window[];
  days: readonly Weekday[];
  minGapFor: number;
  /** Dates, both ends included. */
  blackout: { from: string; to: string }[];
  /** A post that says nothing itself is published together with its other accounts. */
  together?: boolean;
}

/** A named queue's share of an account's cadence; defaults to the account's values. */
export interface QueueCadence {
  perDay?: number;
  windows?: Window[];
  days?: readonly Weekday[];
}

export const defaultCadence: Omit<Cadence, 'zone'> = {
  perDay: { min: 1, max: 1 },
  windows: [{ from: 9 * 60, to: 18 * 60 }],
  days: weekdays,
  minGapFor: 90 * minute,
  blackout: [],
};

export function isOpenDay(cadence: Pick<Cadence, 'days' | 'blackout'>, date: string): boolean {
  return (
    cadence.days.includes(weekdayOf(date)) &&
    !cadence.blackout.some(({ from, to }) => from <= date && date <= to)
  );
}

/** How many releases this date gets: a whole number whose mean over days is `perDay`. */
export function countFor(perDay: number, date: string): number {
  const ordinal = dayNumber(date);
  return Math.floor(perDay * (ordinal + 1) + 1e-9) - Math.floor(perDay * ordinal + 1e-9);
}

export interface OpenTime {
  from: Instant;
  to: Instant;
}

/**
 * The windows of a date as instants, oldest first, those that overlap as one. A window that the
 * clocks skip in spring opens right behind the gap, for as long as it would have been open.
 */
export function openTimes(windows: Window[], date: string, zone: string): OpenTime[] {
  const times = windows
    .map((window) => openTime(window, date, zone))
    .sort((a, b) => a.from - b.from);
  const merged: OpenTime[] = [];
  for (const time of times) {
    const last = merged.at(-1);
    if (last && time.from <= last.to) last.to = Math.max(last.to, time.to);
    else merged.push(time);
  }
  return merged;
}

function openTime(window: Window, date: string, zone: string): OpenTime {
  const from = atLocal(date, window.from, zone);
  const to = atLocal(date, window.to, zone);
  return { from, to: to > from ? to : from + (window.to - window.from) * minute };
}

const maxJitterFor = 7 * minute;

/**
 * Slots of one date, spread evenly over its open times. Slots are computed lazily, as there may be
 * thousands.
 */
export interface Spread {
  count: number;
  at(i: number): Instant;
  /** The first slot later than this instant; `count` where there is none. */
  firstAfter(instant: Instant): number;
}

/**
 * `count` instants, each moved a little by seeded chance, in rising order and never nearer than
 * `minGapFor`. `phase`, between .25 and .75, is the place of each in its share of the time: it
 * differs by account, so that not all networks post at once.
 */
export function spread(
  times: OpenTime[],
  count: number,
  { minGapFor, seed, phase = 0.5 }: { minGapFor: number; seed: string; phase?: number },
): Spread {
  const length = times.reduce((sum, { from, to }) => sum + to - from, 0);
  const most = minGapFor > 0 ? Math.max(1, Math.floor(length / minGapFor)) : count;
  const fitting = length <= 0 ? 0 : Math.max(0, Math.min(count, most));
  const step = length / fitting;
  const room = Math.max(0, Math.min(2 * maxJitterFor, step - minGapFor, step / 2));
  const at = (i: number) =>
    Math.floor(pointAt(times, (i + phase) * step + (chance(seed, i) - 0.5) * room));
  const firstAfter = (instant: Instant) => {
    let [low, high] = [0, fitting];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at(middle) > instant) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  return { count: fitting, at, firstAfter };
}

function pointAt(times: OpenTime[], position: number): Instant {
  let rest = position;
  for (const { from, to } of times) {
    if (rest < to - from) return from + rest;
    rest -= to - from;
  }
  return (times.at(-1)?.to ?? 0) - 1;
}

export function isWithin(times: OpenTime[], at: Instant): boolean {
  return times.some(({ from, to }) => from <= at && at < to);
}
