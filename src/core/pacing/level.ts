import { day, type Instant } from '../time.ts';

/** Readings of one series, oldest first, as logarithms. */
export interface Series {
  at: ArrayLike<Instant>;
  values: ArrayLike<number>;
  variances: ArrayLike<number>;
}

export interface Level {
  mean: number;
  variance: number;
}

export interface LevelOptions {
  /** Before the first reading. */
  start: Level;
  /** How far the level wanders in a week: a variance. */
  wander: number;
}

const week = 7 * day;

/** What is normal for the account at each reading, from all of them: a wandering level, smoothed both ways. */
export function smoothLevel({ at, values, variances }: Series, { start, wander }: LevelOptions): Float64Array {
  const n = at.length;
  const [means, spreads, ahead] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  let { mean, variance } = start;
  for (let i = 0; i < n; i++) {
    if (i > 0) variance += (wander * ((at[i] as number) - (at[i - 1] as number))) / week;
    ahead[i] = variance;
    const gain = variance / (variance + (variances[i] as number));
    mean += gain * ((values[i] as number) - mean);
    variance *= 1 - gain;
    means[i] = mean;
    spreads[i] = variance;
  }
  for (let i = n - 2; i >= 0; i--)
    means[i] = (means[i] as number) + ((spreads[i] as number) / (ahead[i + 1] as number)) * ((means[i + 1] as number) - (means[i] as number));
  return means;
}

/** The level at `now` from what was read before. */
export function levelAt({ at, values, variances }: Series, now: Instant, { start, wander }: LevelOptions): Level {
  let { mean, variance } = start;
  let last = at[0] ?? now;
  for (let i = 0; i < at.length; i++) {
    variance += (wander * ((at[i] as number) - last)) / week;
    last = at[i] as number;
    const gain = variance / (variance + (variances[i] as number));
    mean += gain * ((values[i] as number) - mean);
    variance *= 1 - gain;
  }
  return { mean, variance: variance + (wander * Math.max(0, now - last)) / week };
}
