import { chance } from '../../core/chance.ts';

/** A standard normal number that only depends on the words (Box-Muller). */
export function normalOf(...words: (string | number)[]): number {
  return (
    Math.sqrt(-2 * Math.log(1 - chance(...words, 'far'))) *
    Math.cos(2 * Math.PI * chance(...words, 'which way'))
  );
}

/**
 * A Poisson count that only depends on the mean and the words, by inversion: with the same words a
 * larger mean never gives fewer.
 */
export function countOf(mean: number, ...words: (string | number)[]): number {
  if (mean > 80) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normalOf(...words)));
  const lot = chance(...words);
  let term = Math.exp(-mean);
  let sum = term;
  let count = 0;
  while (sum < lot && count < 1000) {
    count++;
    term *= mean / count;
    sum += term;
  }
  return count;
}

/** With more, the moments of single people do not matter. */
const most = 200;

/** How many of `total` have come at this expected share. Each has a moment: it never shrinks. */
export function arrivedBy(total: number, share: number, ...words: (string | number)[]): number {
  if (total > most) return Math.round(total * share);
  let here = 0;
  for (let i = 0; i < total; i++) if (chance(...words, i) < share) here++;
  return here;
}
