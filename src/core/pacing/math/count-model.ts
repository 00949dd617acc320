import { logGamma } from './distributions.ts';

/**
 * Echoes are Poisson counts around a rate whose logarithm is normal: what is expected then, times
 * how good the post was. On that scale one post that goes around the world weighs little more than
 * a good one, which is what makes small accounts readable at all.
 */

/** A count seen as a measurement of the logarithm of its rate. */
export interface Reading {
  value: number;
  /** Of the count alone; how good the post was comes on top. */
  variance: number;
  /** The logarithm of the count's chance, but for what depends on the count alone. */
  evidence: number;
}

export const emptyReading = (): Reading => ({ value: 0, variance: 0, evidence: 0 });

/** The logarithm of the rate that is likeliest, where it was expected to be normal. */
function likeliestRate(count: number, expected: number, spread: number): number {
  let x = Math.max(expected, Math.log(count + 0.1));
  for (let i = 0; i < 20; i++) {
    const rate = Math.exp(x);
    const step = (count - rate - (x - expected) / spread) / (rate + 1 / spread);
    x += step;
    if (Math.abs(step) < 1e-4) break;
  }
  return x;
}

const readingNodes = 17;

/**
 * The measurement that, together with what was expected (a logarithm) and how much posts vary (a
 * variance), gives the same mean and variance as the count does: for the few counts that most posts
 * get, the likeliest rate alone would be off. Writes into `reading`: this is the innermost loop.
 */
export function readCount(
  count: number,
  expected: number,
  spread: number,
  reading: Reading,
): Reading {
  const mode = likeliestRate(count, expected, spread);
  const width = 1 / Math.sqrt(Math.exp(mode) + 1 / spread);
  let [total, first, second] = [0, 0, 0];
  const peak = count * mode - Math.exp(mode) - (mode - expected) ** 2 / (2 * spread);
  for (let i = 0; i < readingNodes; i++) {
    const z = (i - (readingNodes - 1) / 2) * 0.6;
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

/** Three posts in a hundred are of another kind: they go two and a half times as far. */
const farShare = 0.03;
const farReach = 2.5;

/** Density of a post's deviation, in standard deviations. */
function deviationDensity(z: number): number {
  return (
    0.3989422804 *
    ((1 - farShare) * Math.exp((-z * z) / 2) +
      (farShare / farReach) * Math.exp((-z * z) / (2 * farReach * farReach)))
  );
}

/**
 * Points of the rate's logarithm (more of them where something sharp is asked of them) with their
 * share of what is known after the count; `evidence` is the logarithm of the count's chance.
 */
export function rateAfter(
  count: number,
  mean: number,
  variance: number,
  nodes = 21,
): { points: Float64Array; shares: Float64Array; evidence: number } {
  const mode = likeliestRate(count, mean, variance);
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
