/**
 * How many times more a post came to than in another period, with the range that this lies in four
 * times out of five.
 */
export interface Comparison {
  times: number;
  low: number;
  high: number;
  /** The whole range lies on one side of 1. */
  isReal: boolean;
}

/** Fewer say nothing: one lucky post would decide. */
const fewest = 5;

/**
 * By the posts' logarithms, so that one that went far does not speak for all. Undefined where
 * either period has fewer than five.
 */
export function compareScores(
  now: readonly number[],
  before: readonly number[],
): Comparison | undefined {
  const count = Math.min(now.length, before.length);
  if (count < fewest) return undefined;
  const [a, b] = [momentsOf(now), momentsOf(before)];
  // As Student's t has it for nine in ten: few posts need a wider range.
  const wide =
    1.2816 *
    (1 + 0.8 / (count - 1)) *
    Math.sqrt(a.variance / now.length + b.variance / before.length);
  const times = a.mean - b.mean;
  const [low, high] = [Math.exp(times - wide), Math.exp(times + wide)];
  return { times: Math.exp(times), low, high, isReal: low > 1 || high < 1 };
}

function momentsOf(scores: readonly number[]): { mean: number; variance: number } {
  const logs = scores.map((one) => Math.log(one + 0.5));
  const mean = logs.reduce((sum, one) => sum + one, 0) / logs.length;
  const variance = logs.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (logs.length - 1);
  // Counts vary by themselves, even where these happen not to.
  return { mean, variance: Math.max(variance, 1 / Math.exp(mean)) };
}
