import {
  type Cadence,
  countFor,
  isOpenDay,
  type OpenTime,
  openTimes,
  type Spread,
} from './cadence.ts';
import { chooseTimes, shareOverDays } from '../pacing/choose.ts';
import { explainSlot } from '../pacing/explain.ts';
import type { SlotModel } from '../pacing/slots/slot-model.ts';
import { addDays, dayNumber, type Instant, localDate, minute, mondayOf } from '../time.ts';

/** What engagement has taught by a day, and holds until the next lesson. */
export interface Lesson {
  /** The first local date that it holds for. */
  from: string;
  /** Releases a day, a real number. */
  rate: number;
  model: SlotModel;
}

/** The pace as the schedule sees it. */
export interface Pace {
  /**
   * Oldest first; a date keeps the lesson that held when it began, so that what was learned
   * meanwhile moves no slot of it.
   */
  lessons: Lesson[];
  brake?: { from: Instant; until: Instant; factor: number };
}

/** A cadence so dense has no better and worse hours to choose from. */
export const isPaceable = ({ perDay, minGapFor }: Cadence): boolean =>
  perDay.max <= 24 && minGapFor >= 5 * minute;

export const lessonOn = ({ lessons }: Pace, date: string): Lesson | undefined =>
  lessons.findLast(({ from }) => from <= date) ?? lessons[0];

const isBraked = ({ brake }: Pace, date: string, zone: string) =>
  brake !== undefined && localDate(brake.from, zone) <= date && date < localDate(brake.until, zone);

/**
 * How many releases a date gets: a week's number, whole over the weeks, spread evenly over its open
 * days, the rest on those whose next slot would be worth most; never more than the ceiling.
 */
export function countOn(pace: Pace, date: string, cadence: Cadence): number {
  const lesson = lessonOn(pace, date);
  if (!lesson) return 0;
  const rate = isBraked(pace, date, cadence.zone)
    ? lesson.rate * (pace.brake?.factor ?? 1)
    : lesson.rate;
  // On a day that the account leaves out a queue of its own days may still release.
  if (!isOpenDay(cadence, date)) return countFor(rate, date);
  const share = remember(
    `week ${lesson.model.account} ${mondayOf(date)} ${rate} ${fingerprint(lesson)} ${JSON.stringify(cadence)}`,
    () => shareWeek(lesson, rate, date, cadence),
  );
  return Math.min(share[date] ?? 0, Math.ceil(cadence.perDay.max - 1e-9));
}

function shareWeek(
  { model }: Lesson,
  rate: number,
  date: string,
  cadence: Cadence,
): Record<string, number> {
  const monday = mondayOf(date);
  const days = Array.from({ length: 7 }, (_, i) => addDays(monday, i)).filter((one) =>
    isOpenDay(cadence, one),
  );
  // As `countFor` does it with days: whole numbers whose mean over the weeks is the rate.
  const quota = countFor(
    rate * days.length,
    addDays('1970-01-05', Math.round((dayNumber(monday) - 4) / 7)),
  );
  const toFill = days.map((one) => ({
    date: one,
    openTimes: openTimes(cadence.windows, one, cadence.zone),
  }));
  return shareOverDays(model, toFill, { quota, minGapFor: cadence.minGapFor });
}

export interface PacedSpread extends Spread {
  why(i: number): string;
}

/**
 * The date's slots of one stream: the best of its open times, off the instants that other streams
 * have taken.
 */
export function chooseOn(
  { model, ...lesson }: Lesson,
  times: readonly OpenTime[],
  count: number,
  { minGapFor, seed, taken }: { minGapFor: number; seed: string; taken: readonly Instant[] },
): PacedSpread {
  const key = `slots ${seed} ${count} ${minGapFor} ${fingerprint({ model, ...lesson })} ${times.map(({ from, to }) => `${from}-${to}`).join()} ${taken.join()}`;
  const chosen = remember(key, () => {
    const slots = chooseTimes({ model, openTimes: times, count, minGapFor, taken, seed }).map(
      ({ at }) => at,
    );
    const open = times.flatMap(({ from, to }) =>
      Array.from(
        { length: Math.ceil((to - from) / (30 * minute)) },
        (_, i) => from + i * 30 * minute,
      ),
    );
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

/**
 * What was asked a moment ago is asked again at each plan: the last answers are kept. They follow
 * from the key alone.
 */
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

/** A model in few letters: two that differ anywhere have another one. */
function fingerprint({ from, model }: Omit<Lesson, 'rate'>): string {
  let known = fingerprints.get(model);
  if (known === undefined)
    fingerprints.set(
      model,
      (known = `${model.account} ${model.zone} ${model.scores.join()} ${model.a.join()}`),
    );
  return `${from} ${known}`;
}
