import { z80 } from './math/distributions.ts';

/** How many times as much a post got as in another period, with its 80 % range. */
export interface Comparison {
  times: number;
  low: number;
  high: number;
  /** The whole range lies on one side of 1. */
  isReal: boolean;
}

/** With fewer, one lucky post would decide. */
const fewest = 5;

/**
 * Welch's comparison of the means of the posts' logarithms, so that one viral post does not decide.
 * Undefined where either period has fewer than five posts.
 */
export function compareScores(
  now: readonly number[],
  before: readonly number[],
): Comparison | undefined {
  const count = Math.min(now.length, before.length);
  if (count < fewest) return undefined;
  const [a, b] = [momentsOf(now), momentsOf(before)];
  // Student's t at .9 is about z (1 + .8 / (n - 1)): few posts need a wider range.
  const wide =
    z80 * (1 + 0.8 / (count - 1)) * Math.sqrt(a.variance / now.length + b.variance / before.length);
  const times = a.mean - b.mean;
  const [low, high] = [Math.exp(times - wide), Math.exp(times + wide)];
  return { times: Math.exp(times), low, high, isReal: low > 1 || high < 1 };
}

function momentsOf(scores: readonly number[]): { mean: number; variance: number } {
  const logs = scores.map((one) => Math.log(one + 0.5));
  const mean = logs.reduce((sum, one) => sum + one, 0) / logs.length;
  const variance = logs.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (logs.length - 1);
  // Not below that of a Poisson count of this size, as these posts may be alike by chance.
  return { mean, variance: Math.max(variance, 1 / Math.exp(mean)) };
}
