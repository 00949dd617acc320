import { type Counts, measures } from './engagement.ts';
import { day, hour, minute } from './time.ts';

/**
 * Ages at which every delivery is looked at: often while it is young, then rarely, then no more.
 */
export const measureAges: readonly number[] = [
  15 * minute,
  30 * minute,
  ...[1, 2, 3, 6, 12, 24, 48].map((hours) => hours * hour),
  7 * day,
];

export interface NextLook {
  ages: readonly number[];
  /** How old the delivery was at the last look. */
  age: number;
  /** While follow-ups are undecided: ages at which something is decided, sorted. */
  turning?: readonly number[];
  /** Looks, one after the other, that brought the same numbers. */
  unchanged: number;
}

/** A condition is looked at about so many times while it is waited for. */
const looksFor = 10;
const shortest = 2000;

/** The age at which to look next; undefined: there is nothing more to learn. */
export function nextLookAge({ ages, age, turning = [], unchanged }: NextLook): number | undefined {
  // A look a moment early has seen what its mark would have shown.
  const regular = ages.find((one) => one > age * 1.02);
  const turn = turning.find((one) => one > age);
  if (turn === undefined) return regular;
  const last = turning.at(-1) ?? turn;
  const step = Math.max(shortest, Math.min((last / looksFor) * 2 ** unchanged, last / 3));
  return Math.min(regular ?? Infinity, turn, age + step);
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
