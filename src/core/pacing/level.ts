import { day, type Instant } from '../time.ts';
import { emptyReading, readCount } from './math/count-model.ts';

/** An estimate with its variance. */
export interface Level {
  mean: number;
  variance: number;
}

export interface LevelOptions {
  /** Before the first reading. */
  start: Level;
  /** Variance of the level's random walk in a week. */
  wander: number;
}

/** A standard deviation of seven per cent a week: growth, seasons, changes of the networks. */
export const usualWander = 0.005;

const week = 7 * day;

/** Measurements of logarithms, oldest first. */
export interface Readings {
  at: readonly Instant[];
  values: readonly number[];
  variances: readonly number[];
}

/**
 * What is normal for the account at each reading: a local level model (a random walk plus noise),
 * by a Kalman filter and the Rauch-Tung-Striebel smoother.
 */
export function smoothLevel(
  { at, values, variances }: Readings,
  { start, wander }: LevelOptions,
): Float64Array {
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
  for (let i = n - 2; i >= 0; i--) {
    const share = (spreads[i] as number) / (ahead[i + 1] as number);
    means[i] = (means[i] as number) + share * ((means[i + 1] as number) - (means[i] as number));
  }
  return means;
}

/** A count, and the logarithm of the known factor (age, slot, load) between it and the level. */
export interface Counted {
  at: Instant;
  count: number;
  known: number;
}

/**
 * Residuals are clipped at so many standard deviations (Huber): one viral post is not a new level.
 */
export const farthest = 2.5;

/**
 * The evidence of a count that lies just where it is expected, by Laplace's approximation: the
 * Poisson log likelihood at rate = count (without log count!, as in `readCount`), less half the
 * logarithm of the precision of the rate's logarithm, count + 1. Subtracted, what is left is how
 * much worse than its best the count fits.
 */
const bestEvidence = (count: number) =>
  (count > 0 ? count * Math.log(count) - count : 0) - 0.5 * Math.log(1 + count);

/** -z²/2 at three standard deviations: a viral post says no more against a level than this. */
const leastEvidence = -4.5;

export interface FollowOptions extends LevelOptions {
  /** Variance of the logarithm of how good posts are. */
  spread: number;
}

/**
 * The level at `now` from the counts before it, and the log likelihood of these counts, by which
 * variants are compared.
 */
export function followLevel(
  counts: readonly Counted[],
  now: Instant,
  { start, wander, spread }: FollowOptions,
): Level & { evidence: number } {
  const reading = emptyReading();
  let { mean, variance } = start;
  let last = counts[0]?.at ?? now;
  let evidence = 0;
  for (const { at, count, known } of counts) {
    variance += (wander * (at - last)) / week;
    last = at;
    const expected = mean + known;
    readCount(reading, count, { mean: expected, variance: spread + variance });
    evidence += Math.max(reading.evidence - bestEvidence(count), leastEvidence);
    const total = variance + spread + reading.variance;
    const limit = farthest * Math.sqrt(total);
    const gain = variance / total;
    mean += gain * Math.max(-limit, Math.min(limit, reading.value - expected));
    variance *= 1 - gain;
  }
  return { mean, variance: variance + (wander * Math.max(0, now - last)) / week, evidence };
}

/**
 * The logarithm of a robust mean of the counts, each divided by its known factor and clipped at six
 * times the plain mean. One is added, so that it exists where all are 0.
 */
export function startLevel(counts: readonly Pick<Counted, 'count' | 'known'>[]): number {
  const values = counts.map(({ count, known }) => count / Math.exp(known));
  const meanOf = (all: number[]) => (1 + all.reduce((sum, one) => sum + one, 0)) / (1 + all.length);
  const first = meanOf(values);
  return Math.log(meanOf(values.map((one) => Math.min(one, 6 * first))));
}

/** How much posts may vary: standard deviations of the logarithm. */
const spreads = [0.3, 0.45, 0.6, 0.8, 1, 1.25, 1.6];
/**
 * Most accounts lie near .8, a factor of 2.2; two thirds between .56 and 1.13 (.8 times e^±.35).
 */
const usualSpread = 0.8;
const spreadOfSpreads = 0.35;
const logPrior = spreads.map((one) => -0.5 * (Math.log(one / usualSpread) / spreadOfSpreads) ** 2);

/** A log-normal's median lies sd²/2 below its mean: .32 where sd is .8. */
const medianBelowMean = 0.3;

/**
 * Good posts come in runs: with a correlation of .2 from post to post the mean of many varies
 * (1 + .2) / (1 - .2) times as much as that of independent ones.
 */
const alike = 1.5;

/** The level now, averaged over the spreads by how likely the account's own posts make each. */
export function settleLevel(counts: readonly Counted[], now: Instant): Level & { spread: number } {
  const start = { mean: startLevel(counts) - medianBelowMean, variance: 1 };
  const runs = spreads.map((sd) =>
    followLevel(counts, now, { start, wander: usualWander, spread: sd ** 2 }),
  );
  const chances = runs.map(({ evidence }, i) => evidence + (logPrior[i] as number));
  const best = Math.max(...chances);
  const raw = chances.map((one) => Math.exp(one - best));
  const total = raw.reduce((sum, one) => sum + one, 0);
  const average = (values: number[]) =>
    values.reduce((sum, value, i) => sum + (value * (raw[i] as number)) / total, 0);
  const mean = average(runs.map((run) => run.mean));
  return {
    mean,
    variance: alike * average(runs.map((run) => run.variance + (run.mean - mean) ** 2)),
    spread: average(spreads.map((sd) => sd ** 2)),
  };
}
