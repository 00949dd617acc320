import { day, type Instant } from '../time.ts';
import { emptyReading, readCount } from './math/count-model.ts';

/** Something known with a variance. */
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

/** A level wanders by about seven per cent in a week: growth, seasons, what the networks change. */
export const usualWander = 0.005;

const week = 7 * day;

/**
 * What is normal for the account at each reading, from all of them (oldest first, logarithms): a
 * wandering level, smoothed both ways.
 */
export function smoothLevel(
  at: readonly Instant[],
  values: readonly number[],
  variances: readonly number[],
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

/** A count, and the logarithm of what multiplies the level in it. */
export interface Counted {
  at: Instant;
  count: number;
  known: number;
}

/**
 * Residuals beyond so many standard deviations count as that many: one post that goes around the
 * world is no new level.
 */
export const farthest = 2.5;

/**
 * A count at its likeliest, so that what follows is how much worse this one did. A post that goes
 * around the world says no more against a level than this.
 */
const bestEvidence = (count: number) =>
  (count > 0 ? count * Math.log(count) - count : 0) - 0.5 * Math.log(1 + count);
const leastEvidence = -4.5;

/**
 * The level at `now` from the counts before it, and how likely they all were one after the other:
 * what variants are compared by.
 */
export function followLevel(
  counts: readonly Counted[],
  now: Instant,
  spread: number,
  { start, wander }: LevelOptions,
): Level & { evidence: number } {
  const reading = emptyReading();
  let { mean, variance } = start;
  let last = counts[0]?.at ?? now;
  let evidence = 0;
  for (const { at, count, known } of counts) {
    variance += (wander * (at - last)) / week;
    last = at;
    const expected = mean + known;
    readCount(count, expected, spread + variance, reading);
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
 * The logarithm of a robust mean of counts without what is known to multiply them: no single one
 * has more than six times the usual.
 */
export function startLevel(counts: readonly Pick<Counted, 'count' | 'known'>[]): number {
  const values = counts.map(({ count, known }) => count / Math.exp(known));
  const meanOf = (all: number[]) => (1 + all.reduce((sum, one) => sum + one, 0)) / (1 + all.length);
  const first = meanOf(values);
  return Math.log(meanOf(values.map((one) => Math.min(one, 6 * first))));
}

/** How much posts may vary, as standard deviations of the logarithm: most accounts lie near .8. */
const spreads = [0.3, 0.45, 0.6, 0.8, 1, 1.25, 1.6];
const logPrior = spreads.map((one) => -0.5 * (Math.log(one / 0.8) / 0.35) ** 2);

/** The level now, over all the spreads that the account's own posts make likely. */
export function settleLevel(counts: readonly Counted[], now: Instant): Level & { spread: number } {
  const start = { mean: startLevel(counts) - 0.3, variance: 1 };
  const runs = spreads.map((sd) =>
    followLevel(counts, now, sd ** 2, { start, wander: usualWander }),
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
    variance: average(runs.map((run) => run.variance + (run.mean - mean) ** 2)),
    spread: average(spreads.map((sd) => sd ** 2)),
  };
}
