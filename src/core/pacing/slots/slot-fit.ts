import {
  factorize,
  logDeterminant,
  solveLower,
  solveUpper,
  squaredLength,
} from '../math/linear.ts';
import { featureRow, featureTable, ownCount, sharedCount } from './week-features.ts';

/** One echo of one post, ready for the fit. */
export interface Row {
  post: number;
  /**
   * The kind of echo and the account: the responses of one post are correlated.
   */
  response: number;
  account: number;
  /** Moment of the week, and the prior curve there. */
  position: number;
  prior: number;
}

/**
 * The curve of each account: prior · (1 + c₀) + shared + own, a Bayesian linear regression with
 * normal coefficients. The standard deviation of the curve around the prior is one of `amplitudes`:
 * their fits are averaged by marginal likelihood.
 */
export interface Curves {
  accounts: number;
  size: number;
  /** For each amplitude: its share, the coefficients, and the root of their precision. */
  fits: { share: number; amplitude: number; coefficients: Float64Array; root: Float64Array }[];
}

/** From faint to strong; real accounts lie between .06 and .2 (bench/PACING.md). */
export const amplitudes: readonly number[] = [0.03, 0.06, 0.1, 0.15, 0.22, 0.32];
export const usualAmplitude = 0.1;
/** Log-normal around the usual one, with a standard deviation of a factor of 2.2. */
const logPrior = (amplitude: number) => -0.5 * (Math.log(amplitude / usualAmplitude) / 0.8) ** 2;

/** An account's own curve has half the variance of the shared one. */
const ownShare = Math.SQRT1_2;
/** Standard deviation of c₀: the prior curve may be too strong, too weak, or inverted. */
const priorSpread = 0.9;

export const sizeFor = (accounts: number) => 1 + sharedCount + accounts * ownCount;

/** Adds `weight` times the row's features to a dense vector. */
export function addFeatures(
  vector: Float64Array,
  { account, position, prior }: Pick<Row, 'account' | 'position' | 'prior'>,
  weight: number,
): void {
  const from = featureRow(position);
  vector[0] = (vector[0] as number) + weight * prior * priorSpread;
  for (let k = 0; k < sharedCount; k++)
    vector[1 + k] = (vector[1 + k] as number) + weight * (featureTable[from + k] as number);
  const own = 1 + sharedCount + account * ownCount;
  for (let k = 0; k < ownCount; k++)
    vector[own + k] =
      (vector[own + k] as number) + weight * ownShare * (featureTable[from + k] as number);
}

/** The normal equations of whitened rows: information about the coefficients, before any prior. */
export interface Evidence {
  accounts: number;
  size: number;
  matrix: Float64Array;
  vector: Float64Array;
}

export function emptyEvidence(accounts: number): Evidence {
  const size = sizeFor(accounts);
  return { accounts, size, matrix: new Float64Array(size * size), vector: new Float64Array(size) };
}

export function addEvidence(
  { size, matrix, vector }: Evidence,
  features: Float64Array,
  { value, weight }: { value: number; weight: number },
): void {
  for (let i = 0; i < size; i++) {
    const scaled = weight * (features[i] as number);
    if (scaled === 0) continue;
    vector[i] = (vector[i] as number) + scaled * value;
    const row = i * size;
    for (let j = 0; j <= i; j++)
      matrix[row + j] = (matrix[row + j] as number) + scaled * (features[j] as number);
  }
}

/** A fit for each amplitude, with its posterior share. */
export function fitCurves(evidence: Evidence, tried: readonly number[] = amplitudes): Curves {
  const fits = tried.map((amplitude) => ({
    ...solve(evidence, amplitude),
    prior: logPrior(amplitude),
  }));
  const best = Math.max(...fits.map(({ chance, prior }) => chance + prior));
  const raw = fits.map(({ chance, prior }) => Math.exp(chance + prior - best));
  const total = raw.reduce((sum, one) => sum + one, 0);
  return {
    accounts: evidence.accounts,
    size: evidence.size,
    fits: fits.map(({ coefficients, root }, i) => ({
      share: (raw[i] as number) / total,
      amplitude: tried[i] as number,
      coefficients,
      root,
    })),
  };
}

/**
 * `chance` is the log marginal likelihood. The first coefficient, the strength of the prior curve,
 * has variance 1; the others have that of the amplitude.
 */
function solve({ size, matrix, vector }: Evidence, amplitude: number) {
  const root = Float64Array.from(matrix);
  let prior = 0;
  for (let i = 0; i < size; i++) {
    const precision = i === 0 ? 1 : 1 / amplitude ** 2;
    root[i * size + i] = (root[i * size + i] as number) + precision;
    prior += Math.log(precision);
  }
  factorize(root, size);
  const coefficients = Float64Array.from(vector);
  solveLower(root, size, coefficients);
  const chance = (squaredLength(coefficients) - logDeterminant(root, size) + prior) / 2;
  solveUpper(root, size, coefficients);
  return { coefficients, root, chance };
}

/** The logarithm of the multiplier beyond the prior curve, at a moment of the week. */
export function meanAt(
  mean: Float64Array,
  row: Pick<Row, 'account' | 'position' | 'prior'>,
): number {
  const from = featureRow(row.position);
  const own = 1 + sharedCount + row.account * ownCount;
  let sum = (mean[0] as number) * row.prior * priorSpread;
  for (let k = 0; k < sharedCount; k++)
    sum += (mean[1 + k] as number) * (featureTable[from + k] as number);
  for (let k = 0; k < ownCount; k++)
    sum += (mean[own + k] as number) * ownShare * (featureTable[from + k] as number);
  return sum;
}

/** The coefficients, averaged over all amplitudes. */
export function averageOf({ fits, size }: Curves): Float64Array {
  const mean = new Float64Array(size);
  for (const { share, coefficients } of fits)
    for (let i = 0; i < size; i++)
      mean[i] = (mean[i] as number) + share * (coefficients[i] as number);
  return mean;
}

/** What is too unlikely to be worth its arithmetic. */
const leastShare = 1e-4;
/**
 * The variance of the curve there, or of its mean over several moments. That of the mixture: each
 * fit's own, and that between the fits. The likeliest fit alone would claim too much.
 */
export function varianceAt(
  { fits, size }: Curves,
  mean: Float64Array,
  rows: readonly Pick<Row, 'account' | 'position' | 'prior'>[],
): number {
  const features = new Float64Array(size);
  for (const row of rows) addFeatures(features, row, 1 / rows.length);
  const at = (coefficients: Float64Array) =>
    rows.reduce((sum, row) => sum + meanAt(coefficients, row), 0) / rows.length;
  const centre = at(mean);
  let variance = 0;
  for (const { share, coefficients, root } of fits) {
    if (share < leastShare) continue;
    const solved = Float64Array.from(features);
    solveLower(root, size, solved);
    variance += share * (squaredLength(solved) + (at(coefficients) - centre) ** 2);
  }
  return variance;
}

/**
 * Real weeks have bumps that the features cannot follow: a standard deviation of this many
 * amplitudes, found by counting on simulated worlds how often stated ranges hold.
 */
const misfit = 0.6;

/** The variance of these bumps. */
export const roughnessOf = ({ fits }: Curves): number =>
  fits.reduce((sum, { share, amplitude }) => sum + share * (misfit * amplitude) ** 2, 0);
