import {
  type Cadence,
  countFor,
  isOpenDay,
  type OpenTime,
  openTimes,
  type Spread,
} from './cadence.ts';
import { type ChooseInput, chooseTimes, shareOverDays } from '../pacing/choose.ts';
import { explainSlot } from '../pacing/explain.ts';
import type { SlotModel } from '../pacing/slots/slot-model.ts';
import { addDays, dayNumber, type Instant, localDate, minute, mondayOf } from '../time.ts';

/** What was learned from engagement by a day; valid until the next lesson. */
export interface Lesson {
  /** The first local date on which it is valid. */
  from: string;
  /** Releases a day, a real number. */
  rate: number;
  model: SlotModel;
}

/** The pace as the schedule sees it. */
export interface Pace {
  /**
   * Oldest first; a date keeps the lesson that was valid when it began, so that a new one does not
   * move its slots.
   */
  lessons: Lesson[];
  brake?: { from: Instant; until: Instant; factor: number };
}

/** A denser cadence has no better and worse hours to choose from. */
export const isPaceable = ({ perDay, minGapFor }: Cadence): boolean =>
  perDay.max <= 24 && minGapFor >= 5 * minute;

export const lessonOn = ({ lessons }: Pace, date: string): Lesson | undefined =>
  lessons.findLast(({ from }) => from <= date) ?? lessons[0];

/** The factor on the rate; 1: no brake. */
function brakeOn({ brake }: Pace, date: string, zone: string): number {
  if (!brake || date < localDate(brake.from, zone)) return 1;
  return date < localDate(brake.until, zone) ? brake.factor : 1;
}

/**
 * How many releases a date gets: a week's number, whole over the weeks, spread evenly over its open
 * days, the rest on those whose next slot is worth most; never more than the ceiling.
 */
export function countOn(pace: Pace, date: string, cadence: Cadence): number {
  const lesson = lessonOn(pace, date);
  if (!lesson) return 0;
  const rate = lesson.rate * brakeOn(pace, date, cadence.zone);
  // On a day that the account leaves out a queue of its own days may still release.
  if (!isOpenDay(cadence, date)) return countFor(rate, date);
  const monday = mondayOf(date);
  const week = `week ${lesson.model.account} ${monday} ${rate} ${fingerprint(lesson)}`;
  const share = remember(`${week} ${JSON.stringify(cadence)}`, () =>
    shareWeek(lesson.model, cadence, { monday, rate }),
  );
  return Math.min(share[date] ?? 0, Math.ceil(cadence.perDay.max - 1e-9));
}

function shareWeek(
  model: SlotModel,
  cadence: Cadence,
  { monday, rate }: { monday: string; rate: number },
): Record<string, number> {
  const days = Array.from({ length: 7 }, (_, i) => addDays(monday, i)).filter((one) =>
    isOpenDay(cadence, one),
  );
  // As `countFor` does with days: whole numbers whose mean over the weeks is the rate.
  const week = Math.round((dayNumber(monday) - dayNumber(firstMonday)) / 7);
  const quota = countFor(rate * days.length, addDays(firstMonday, week));
  const toFill = days.map((one) => ({
    date: one,
    openTimes: openTimes(cadence.windows, one, cadence.zone),
  }));
  return shareOverDays(model, toFill, { quota, minGapFor: cadence.minGapFor });
}

/** Of 1970. */
const firstMonday = '1970-01-05';

export interface PacedSpread extends Spread {
  why(i: number): string;
}

type Choice = Pick<ChooseInput, 'count' | 'minGapFor' | 'seed' | 'taken'>;

/** The date's slots of one stream: the best of its open times, off the taken instants. */
export function chooseOn(
  { model, ...lesson }: Lesson,
  times: readonly OpenTime[],
  { count, minGapFor, seed, taken }: Choice,
): PacedSpread {
  const key = [
    `slots ${seed} ${count} ${minGapFor} ${fingerprint({ model, ...lesson })}`,
    times.map(({ from, to }) => `${from}-${to}`).join(),
    taken.join(),
  ].join(' ');
  const chosen = remember(key, () => {
    const slots = chooseTimes({ model, openTimes: times, count, minGapFor, taken, seed }).map(
      ({ at }) => at,
    );
    const open = times.flatMap(halfHours);
    return { slots, why: slots.map((at) => explainSlot(model, at, open)) };
  });
  const { slots } = chosen;
  return {
    count: slots.length,
    at: (i) => slots[i] ?? Number.NaN,
    firstAfter: (instant) => {
      const i = slots.findIndex((at) => at > instant);
      return i < 0 ? slots.length : i;
    },
    why: (i) => chosen.why[i] ?? '',
  };
}

const halfHour = 30 * minute;

const halfHours = ({ from, to }: OpenTime): Instant[] =>
  Array.from({ length: Math.ceil((to - from) / halfHour) }, (_, i) => from + i * halfHour);

/** Memoized, since every plan asks for the same. The values depend only on the key. */
const kept = new Map<string, unknown>();
const mostKept = 3000;

function remember<T>(key: string, make: () => T): T {
  if (kept.has(key)) return kept.get(key) as T;
  if (kept.size >= mostKept) kept.clear();
  const made = make();
  kept.set(key, made);
  return made;
}

const fingerprints = new WeakMap<SlotModel, string>();

/** A key for a model. */
function fingerprint({ from, model }: Omit<Lesson, 'rate'>): string {
  let known = fingerprints.get(model);
  if (known === undefined)
    fingerprints.set(
      model,
      (known = `${model.account} ${model.zone} ${model.scores.join()} ${model.a.join()}`),
    );
  return `${from} ${known}`;
}
