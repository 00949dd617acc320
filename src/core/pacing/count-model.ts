import { logGamma } from './distributions.ts';

/**
 * Echoes are Poisson counts around a rate whose logarithm is normal: what is expected then, times how good the post was. On that scale
 * one post that goes around the world weighs little more than a good one, which is what makes small accounts readable at all.
 */

/** A count seen as a measurement of the logarithm of its rate. */
export interface Reading {
  value: number;
  /** Of the count alone; how good the post was comes on top. */
  variance: number;
}

/** Around the likeliest rate, given what was expected (a logarithm) and how much posts vary. Writes into `reading`: this runs in the innermost loop. */
export function readCount(count: number, expected: number, spread: number, reading: Reading): Reading {
  let x = Math.max(expected, Math.log(count + 0.1));
  for (let i = 0; i < 12; i++) {
    const rate = Math.exp(x);
    const step = (count - rate - (x - expected) / spread) / (rate + 1 / spread);
    x += step;
    if (Math.abs(step) < 1e-4) break;
  }
  const rate = Math.exp(x);
  reading.value = x + (count - rate) / rate;
  reading.variance = 1 / rate;
  return reading;
}

const nodes = 41;
const reach = 5;
/** Integration points in standard deviations, and their shares of a standard normal. */
export const points = Array.from({ length: nodes }, (_, i) => -reach + (2 * reach * i) / (nodes - 1));
const density = points.map((z) => Math.exp((-z * z) / 2));
const total = density.reduce((sum, one) => sum + one, 0);
export const shares = density.map((one) => one / total);

/** The logarithm of the chance of this count where the rate's logarithm is normal. */
export function logChance(count: number, mean: number, variance: number): number {
  const sd = Math.sqrt(variance);
  const constant = logGamma(count + 1);
  let sum = 0;
  for (let i = 0; i < nodes; i++) {
    const x = mean + sd * (points[i] as number);
    sum += (shares[i] as number) * Math.exp(count * x - Math.exp(x) - constant);
  }
  return Math.log(sum + 1e-300);
}
