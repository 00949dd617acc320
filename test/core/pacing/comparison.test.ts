import { expect, test } from 'vitest';
import { compareScores } from '../../../src/core/pacing/comparison.ts';
import { chance } from '../../../src/core/chance.ts';

/** Scores of an account whose posts vary as most accounts' do. */
function makeScores(seed: string, count: number, level: number): number[] {
  const normal = (i: number) =>
    Math.sqrt(-2 * Math.log(1 - chance(seed, i, 'a'))) *
    Math.cos(2 * Math.PI * chance(seed, i, 'b'));
  return Array.from({ length: count }, (_, i) => Math.round(level * Math.exp(0.8 * normal(i))));
}

const share = (count: number, times: number) => {
  const seeds = Array.from({ length: 400 }, (_, i) => i);
  return (
    seeds.filter(
      (i) =>
        compareScores(
          makeScores(`now ${i}`, count, 12 * times),
          makeScores(`before ${i}`, count, 12),
        )?.isReal,
    ).length / seeds.length
  );
};

test('two periods of the same account are seldom called different, and those that are three times apart mostly', () => {
  expect(share(7, 1)).toBeLessThan(0.25);
  expect(share(20, 1)).toBeLessThan(0.25);
  expect(share(20, 3)).toBeGreaterThan(0.95);
});

test('fewer than five posts are not compared, and counts that happen to be equal are not taken for exact', () => {
  expect(compareScores([9, 9, 9, 9], [1, 1, 1, 1, 1])).toBeUndefined();
  expect(compareScores([6, 6, 6, 6, 6], [5, 5, 5, 5, 5])).toMatchObject({ isReal: false });
  expect(compareScores([0, 0, 0, 0, 0], [0, 0, 0, 0, 0])).toMatchObject({
    times: 1,
    isReal: false,
  });
  expect(compareScores([60, 60, 60, 60, 60], [5, 5, 5, 5, 5])).toMatchObject({ isReal: true });
});
