/** Within this many standard deviations of the mean lie 80 % of a normal distribution. */
export const z80 = 1.2816;

/**
 * The share of a standard normal below `x`; error under 1.2e-7 (Numerical Recipes, erfc by
 * Chebyshev).
 */
export function normalCdf(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.5 * z);
  const coefficients = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398,
    1.48851587, -0.82215223, 0.17087277,
  ];
  const sum = coefficients.reduceRight((rest, coefficient) => coefficient + t * rest, 0);
  const tail = (t * Math.exp(-z * z + sum)) / 2;
  return x >= 0 ? 1 - tail : tail;
}

/** The logarithm of the gamma function, for x > 0 (Lanczos, g = 5). */
export function logGamma(x: number): number {
  const coefficients = [
    76.180091729471, -86.505320329417, 24.01409824083091, -1.231739572450155, 0.1208650973866179e-2,
    -0.5395239384953e-5,
  ];
  const base = x + 5.5;
  const sum = coefficients.reduce(
    (total, coefficient, i) => total + coefficient / (x + i + 1),
    1.000000000190015,
  );
  return (x + 0.5) * Math.log(base) - base + Math.log((2.506628274631 * sum) / x);
}
