import { logGamma } from './distributions.ts';

/**
 * Echoes are Poisson-log-normal: Poisson counts around a rate whose logarithm is normal (what is
 * expected then, plus how good the post was). On that scale a viral post weighs little more than a
 * good one, which makes small accounts readable at all.
 */

/** A normal distribution. */
export interface Normal {
  mean: number;
  variance: number;
}

/** A count as a measurement of the logarithm of its rate. */
export interface Reading {
  value: number;
  /** Of the count alone, without that of how good posts are. */
  variance: number;
  /** The log likelihood of the count, without log count!. */
  evidence: number;
}

export const emptyReading = (): Reading => ({ value: 0, variance: 0, evidence: 0 });

/** The mode of the rate's logarithm after the count, by Newton's method. */
function likeliestRate(count: number, { mean, variance }: Normal): number {
  let x = Math.max(mean, Math.log(count + 0.1));
  for (let i = 0; i < 20; i++) {
    const rate = Math.exp(x);
    const step = (count - rate - (x - mean) / variance) / (rate + 1 / variance);
    x += step;
    if (Math.abs(step) < 1e-4) break;
  }
  return x;
}

/** Nodes of the numerical integration, and their distance in widths of the mode. */
const readingNodes = 17;
const nodeStep = 0.6;

/**
 * Moment matching: the normal measurement that changes what was expected of the rate's logarithm
 * (`prior`) to the same mean and variance as the count does. The mode alone would be off for the
 * small counts that most posts have. Writes into `reading`: this is the innermost loop.
 */
export function readCount(reading: Reading, count: number, prior: Normal): Reading {
  const { mean: expected, variance: spread } = prior;
  const mode = likeliestRate(count, prior);
  const width = 1 / Math.sqrt(Math.exp(mode) + 1 / spread);
  let [total, first, second] = [0, 0, 0];
  const peak = count * mode - Math.exp(mode) - (mode - expected) ** 2 / (2 * spread);
  for (let i = 0; i < readingNodes; i++) {
    const z = (i - (readingNodes - 1) / 2) * nodeStep;
    const x = mode + width * z;
    const weight = Math.exp(count * x - Math.exp(x) - (x - expected) ** 2 / (2 * spread) - peak);
    total += weight;
    first += weight * z;
    second += weight * z * z;
  }
  const mean = first / total;
  const variance = Math.min(width * width * (second / total - mean * mean), 0.999 * spread);
  const precision = 1 / variance - 1 / spread;
  reading.evidence = Math.log((total * width) / Math.sqrt(spread)) + peak;
  reading.variance = 1 / precision;
  reading.value = ((mode + width * mean) / variance - expected / spread) / precision;
  return reading;
}

/** Of the standard normal density: 1 / √(2π). */
const normalPeak = 0.3989422804;
/** Three posts in a hundred are outliers, with two and a half times the standard deviation. */
const farShare = 0.03;
const farReach = 2.5;

/** Density of a post's deviation, in standard deviations: a contaminated normal. */
function deviationDensity(z: number): number {
  return (
    normalPeak *
    ((1 - farShare) * Math.exp((-z * z) / 2) +
      (farShare / farReach) * Math.exp((-z * z) / (2 * farReach * farReach)))
  );
}

interface Posterior {
  points: Float64Array;
  /** The probability of each point. */
  shares: Float64Array;
  /** The log likelihood of the count. */
  evidence: number;
}

/**
 * What is known of the rate's logarithm after the count, at `nodes` points over 12 widths of the
 * mode; more nodes for a sharp threshold.
 */
export function rateAfter(count: number, prior: Normal, nodes = 21): Posterior {
  const { mean, variance } = prior;
  const mode = likeliestRate(count, prior);
  const width = 1 / Math.sqrt(Math.exp(mode) + 1 / variance);
  const step = (12 * width) / (nodes - 1);
  const sd = Math.sqrt(variance);
  const constant = logGamma(count + 1);
  const [points, shares] = [new Float64Array(nodes), new Float64Array(nodes)];
  const peak = count * mode - Math.exp(mode);
  let total = 0;
  for (let i = 0; i < nodes; i++) {
    const x = mode + step * (i - (nodes - 1) / 2);
    const share = Math.exp(count * x - Math.exp(x) - peak) * deviationDensity((x - mean) / sd);
    points[i] = x;
    shares[i] = share;
    total += share;
  }
  for (let i = 0; i < nodes; i++) shares[i] = (shares[i] as number) / total;
  return { points, shares, evidence: Math.log((total * step) / sd + 1e-300) + peak - constant };
}
