import { logGamma } from '../../src/core/pacing/math/distributions.ts';

/**
 * The chance that a Gamma variable with this shape and rate is above `x`: by its series below, or
 * its continued fraction above the shape.
 */
export function gammaAbove(x: number, shape: number, rate: number): number {
  const z = x * rate;
  const scale = Math.exp(shape * Math.log(z) - z - logGamma(shape));
  if (z < shape + 1) {
    let [term, sum] = [1 / shape, 1 / shape];
    for (let n = 1; n < 500 && term > sum * 1e-12; n++) {
      term *= z / (shape + n);
      sum += term;
    }
    return 1 - scale * sum;
  }
  let [b, c] = [z + 1 - shape, 1e300];
  let d = 1 / b;
  let product = d;
  for (let i = 1; i < 500; i++) {
    const a = -i * (i - shape);
    b += 2;
    d = 1 / (a * d + b);
    c = b + a / c;
    product *= d * c;
    if (Math.abs(d * c - 1) < 1e-12) break;
  }
  return scale * product;
}
