import { type Counts, measures } from './engagement.ts';
import { day, hour, minute } from './time.ts';

/** Ages at which every delivery is measured: often while it is young, then rarely, then never. */
export const measureAges: readonly number[] = [
  15 * minute,
  30 * minute,
  ...[1, 2, 3, 6, 12, 24, 48].map((hours) => hours * hour),
  7 * day,
];

export interface NextLook {
  ages: readonly number[];
  /** How old the delivery was when it was last measured. */
  age: number;
  /** While follow-ups are undecided: ages at which something is decided, sorted. */
  turning?: readonly number[];
  /** How many of the latest samples have the same numbers. */
  unchanged: number;
}

/** A condition is judged about so many times while it is waited for. */
const looksFor = 10;
const shortest = 2000;

/** The age at which to measure next, in whole milliseconds; undefined: no more. */
export function nextLookAge({ ages, age, turning = [], unchanged }: NextLook): number | undefined {
  // A sample that was taken a moment early counts for its mark.
  const regular = ages.find((one) => one > age * 1.02);
  const turn = turning.find((one) => one > age);
  if (turn === undefined) return regular;
  const last = turning.at(-1) ?? turn;
  const step = Math.max(shortest, Math.min((last / looksFor) * 2 ** unchanged, last / 3));
  return Math.min(regular ?? Infinity, turn, Math.ceil(age + step));
}

export const isSameCounts = (a: Counts, b: Counts): boolean =>
  measures.every((one) => a[one] === b[one]);

/** How many of the newest samples are alike. */
export function countUnchanged(samples: readonly { counts: Counts }[]): number {
  let same = 0;
  for (
    let i = samples.length - 1;
    i > 0 && isSameCounts(samples[i]?.counts ?? {}, samples[i - 1]?.counts ?? {});
    i--
  )
    same++;
  return same;
}
