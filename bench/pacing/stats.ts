import { createRandom } from './random.ts';

export interface Interval {
  mean: number;
  /** 95 %. */
  low: number;
  high: number;
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, one) => sum + one, 0) / values.length;

/** The mean over worlds with its interval, by drawing worlds again. */
export function bootstrap(values: readonly number[], draws = 2000): Interval {
  const random = createRandom('bootstrap', values.length);
  const means = Float64Array.from({ length: draws }, () => {
    let sum = 0;
    for (let i = 0; i < values.length; i++)
      sum += values[Math.floor(random() * values.length)] as number;
    return sum / values.length;
  }).sort();
  return {
    mean: meanOf(values),
    low: means[Math.floor(draws * 0.025)] ?? Number.NaN,
    high: means[Math.floor(draws * 0.975)] ?? Number.NaN,
  };
}
