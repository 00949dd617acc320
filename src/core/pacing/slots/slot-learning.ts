import { emptyReading, readCount } from '../math/count-model.ts';
import { farthest, smoothLevel, startLevel, usualWander } from '../level.ts';
import { factorize, solveLower, solveUpper } from '../math/linear.ts';
import {
  addEvidence,
  addFeatures,
  averageOf,
  type Curves,
  amplitudes,
  emptyEvidence,
  fitCurves,
  meanAt,
  usualAmplitude,
} from './slot-fit.ts';
import type { Response, Rows } from './slot-rows.ts';

/**
 * Posts vary by a factor of about two; views by less. Worth so many posts against what the
 * account's own say.
 */
const startSpread = { score: 0.64, views: 0.3 };
const startPosts = 12;
const rounds = 5;

interface State {
  /** Of each row: what is expected but for the curve, what it reads, and how the reading varies. */
  base: Float64Array;
  curve: Float64Array;
  values: Float64Array;
  variances: Float64Array;
  /** How the responses of one post vary together: responses × responses. */
  spread: Float64Array;
}

/**
 * The curves of all accounts from all their rows. Alternates between what each count reads (given
 * what was expected), the accounts' wandering levels, how much posts vary and how alike they do on
 * several accounts, and the curves.
 */
export function learnCurves({ rows, responses, posts }: Rows, accounts: number): Curves {
  const count = responses.length;
  const state: State = {
    base: new Float64Array(rows.length),
    curve: new Float64Array(rows.length),
    values: new Float64Array(rows.length),
    variances: new Float64Array(rows.length),
    spread: new Float64Array(count * count),
  };
  responses.forEach(
    ({ isViews }, i) =>
      (state.spread[i * count + i] = isViews ? startSpread.views : startSpread.score),
  );
  const start = new Float64Array(state.spread);
  let curves = fitCurves(emptyEvidence(accounts), [usualAmplitude]);
  for (let round = 0; round < rounds; round++) {
    readRows(rows, responses, state, round === 0);
    if (round > 0) state.spread = varyTogether({ rows, responses, posts }, state, start);
    if (round === 0) continue;
    // On the way there one amplitude does.
    curves = fitCurves(
      gather({ rows, responses, posts }, state, accounts),
      round < rounds - 1 ? [usualAmplitude] : amplitudes,
    );
    const mean = averageOf(curves);
    rows.forEach((row, i) => (state.curve[i] = meanAt(mean, row)));
  }
  return curves;
}

/** The level of each response, and what each count reads. */
function readRows(
  rows: Rows['rows'],
  responses: readonly Response[],
  state: State,
  isFirst: boolean,
): void {
  const reading = emptyReading();
  for (let response = 0; response < responses.length; response++) {
    const mine = rows.flatMap((row, i) => (row.response === response ? [i] : []));
    const spread = state.spread[response * responses.length + response] as number;
    const offsets = mine.map((i) => (rows[i]?.logShare ?? 0) + (rows[i]?.prior ?? 0));
    const start = startLevel(
      mine.map((i, k) => ({
        count: rows[i]?.count ?? 0,
        known: (offsets[k] ?? 0) + (state.curve[i] as number),
      })),
    );
    mine.forEach((i, k) => {
      const expected =
        (isFirst ? start + (offsets[k] ?? 0) : (state.base[i] as number)) +
        (state.curve[i] as number);
      readCount(rows[i]?.count ?? 0, expected, spread, reading);
      state.values[i] =
        expected + clip(reading.value - expected, farthest * Math.sqrt(spread + reading.variance));
      state.variances[i] = reading.variance;
    });
    const levels = smoothLevel(
      mine.map((i) => rows[i]?.at ?? 0),
      mine.map(
        (i, k) => (state.values[i] as number) - (offsets[k] ?? 0) - (state.curve[i] as number),
      ),
      mine.map((i) => spread + (state.variances[i] as number)),
      { start: { mean: start, variance: 1 }, wander: usualWander },
    );
    mine.forEach((i, k) => (state.base[i] = (levels[k] as number) + (offsets[k] ?? 0)));
  }
}

const clip = (value: number, most: number) => Math.max(-most, Math.min(most, value));

/** The residuals of one post's rows and the root of their covariance. */
function blockOf(indices: readonly number[], { rows, responses }: Rows, state: State) {
  const n = indices.length;
  const root = new Float64Array(n * n);
  const rest = new Float64Array(n);
  indices.forEach((i, a) => {
    rest[a] = (state.values[i] as number) - (state.base[i] as number) - (state.curve[i] as number);
    indices.forEach(
      (j, b) =>
        (root[a * n + b] = covariance(
          state,
          responses.length,
          rows[i]?.response ?? 0,
          rows[j]?.response ?? 0,
        )),
    );
    root[a * n + a] = (root[a * n + a] as number) + (state.variances[i] as number);
  });
  factorize(root, n);
  return { n, root, rest };
}

const covariance = (state: State, count: number, one: number, other: number) =>
  state.spread[one * count + other] as number;

/** One step of expectation and maximisation for how the responses of a post vary together. */
function varyTogether(all: Rows, state: State, start: Float64Array): Float64Array {
  const count = all.responses.length;
  const sum = start.map((one) => one * startPosts);
  let posts = startPosts;
  for (const indices of all.posts) {
    const { n, root, rest } = blockOf(indices, all, state);
    const weight = all.rows[indices[0] ?? 0]?.weight ?? 0;
    posts += weight;
    solveLower(root, n, rest);
    const columns = Array.from({ length: count }, (_, response) => {
      const column = Float64Array.from(indices, (i) =>
        covariance(state, count, response, all.rows[i]?.response ?? 0),
      );
      solveLower(root, n, column);
      return column;
    });
    const dot = (one: Float64Array, other: Float64Array) =>
      one.reduce((total, value, k) => total + value * (other[k] as number), 0);
    const means = columns.map((column) => dot(column, rest));
    for (let a = 0; a < count; a++)
      for (let b = 0; b < count; b++) {
        const left =
          covariance(state, count, a, b) -
          dot(columns[a] as Float64Array, columns[b] as Float64Array);
        sum[a * count + b] =
          (sum[a * count + b] as number) + weight * (left + (means[a] ?? 0) * (means[b] ?? 0));
      }
  }
  return sum.map((one) => one / posts);
}

/** All posts' evidence about the curves: each post's rows, freed of what they have in common. */
function gather(all: Rows, state: State, accounts: number) {
  const evidence = emptyEvidence(accounts);
  for (const indices of all.posts) {
    const { n, root, rest } = blockOf(indices, all, state);
    indices.forEach((i, k) => (rest[k] = (rest[k] as number) + (state.curve[i] as number)));
    solveLower(root, n, rest);
    const weight = all.rows[indices[0] ?? 0]?.weight ?? 0;
    for (let a = 0; a < n; a++) {
      const features = new Float64Array(evidence.size);
      const mix = new Float64Array(n);
      mix[a] = 1;
      solveUpper(root, n, mix);
      for (let k = 0; k <= a; k++)
        addFeatures(features, all.rows[indices[k] ?? 0] as Rows['rows'][number], mix[k] as number);
      addEvidence(evidence, features, rest[a] as number, weight);
    }
  }
  return evidence;
}
