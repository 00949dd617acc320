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
import type { Rows } from './slot-rows.ts';

/**
 * Variances of the logarithm before anything is known: posts vary by a factor of 2.2, views by
 * less. They count as much as `startPosts` posts.
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
  /** Covariance of the responses of one post: `count` × `count`. */
  spread: Float64Array;
  /** Of responses. */
  count: number;
}

/**
 * The curves of all accounts from all their rows, by alternating: the measurement that each count
 * is (given what was expected), the accounts' levels, the covariance of the responses, the curves.
 */
export function learnCurves(all: Rows, accounts: number): Curves {
  const state = startState(all);
  const start = new Float64Array(state.spread);
  let curves = fitCurves(emptyEvidence(accounts), [usualAmplitude]);
  for (let round = 0; round < rounds; round++) {
    readRows(all, state, round === 0);
    if (round === 0) continue;
    state.spread = updateSpread(all, state, start);
    // One amplitude is enough before the last round.
    const tried = round < rounds - 1 ? [usualAmplitude] : amplitudes;
    curves = fitCurves(gather(all, state, accounts), tried);
    const mean = averageOf(curves);
    all.rows.forEach((row, i) => (state.curve[i] = meanAt(mean, row)));
  }
  return curves;
}

function startState({ rows, responses }: Rows): State {
  const count = responses.length;
  const spread = new Float64Array(count * count);
  responses.forEach(
    ({ isViews }, i) => (spread[i * count + i] = isViews ? startSpread.views : startSpread.score),
  );
  return {
    base: new Float64Array(rows.length),
    curve: new Float64Array(rows.length),
    values: new Float64Array(rows.length),
    variances: new Float64Array(rows.length),
    spread,
    count,
  };
}

/** The level of each response, and the measurement that each count is. */
function readRows({ rows, responses }: Rows, state: State, isFirst: boolean): void {
  const reading = emptyReading();
  for (let response = 0; response < responses.length; response++) {
    const mine = rows.flatMap((row, i) => (row.response === response ? [i] : []));
    const spread = covariance(state, response, response);
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
      readCount(reading, rows[i]?.count ?? 0, { mean: expected, variance: spread });
      state.values[i] =
        expected + clip(reading.value - expected, farthest * Math.sqrt(spread + reading.variance));
      state.variances[i] = reading.variance;
    });
    const levels = smoothLevel(
      {
        at: mine.map((i) => rows[i]?.at ?? 0),
        values: mine.map(
          (i, k) => (state.values[i] as number) - (offsets[k] ?? 0) - (state.curve[i] as number),
        ),
        variances: mine.map((i) => spread + (state.variances[i] as number)),
      },
      { start: { mean: start, variance: 1 }, wander: usualWander },
    );
    mine.forEach((i, k) => (state.base[i] = (levels[k] as number) + (offsets[k] ?? 0)));
  }
}

const clip = (value: number, most: number) => Math.max(-most, Math.min(most, value));

/** The residuals of one post's rows and the root of their covariance. */
function blockOf(indices: readonly number[], { rows }: Rows, state: State) {
  const n = indices.length;
  const root = new Float64Array(n * n);
  const rest = new Float64Array(n);
  const responseOf = (i: number) => rows[i]?.response ?? 0;
  indices.forEach((i, a) => {
    rest[a] = (state.values[i] as number) - (state.base[i] as number) - (state.curve[i] as number);
    indices.forEach((j, b) => (root[a * n + b] = covariance(state, responseOf(i), responseOf(j))));
    root[a * n + a] = (root[a * n + a] as number) + (state.variances[i] as number);
  });
  factorize(root, n);
  return { n, root, rest };
}

const covariance = ({ spread, count }: State, one: number, other: number) =>
  spread[one * count + other] as number;

/** One step of expectation maximisation for the covariance of the responses of a post. */
function updateSpread(all: Rows, state: State, start: Float64Array): Float64Array {
  const { count } = state;
  const sum = start.map((one) => one * startPosts);
  let posts = startPosts;
  for (const indices of all.posts) {
    const { n, root, rest } = blockOf(indices, all, state);
    const weight = all.rows[indices[0] ?? 0]?.weight ?? 0;
    posts += weight;
    solveLower(root, n, rest);
    const columns = Array.from({ length: count }, (_, response) => {
      const column = Float64Array.from(indices, (i) =>
        covariance(state, response, all.rows[i]?.response ?? 0),
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
          covariance(state, a, b) - dot(columns[a] as Float64Array, columns[b] as Float64Array);
        sum[a * count + b] =
          (sum[a * count + b] as number) + weight * (left + (means[a] ?? 0) * (means[b] ?? 0));
      }
  }
  return sum.map((one) => one / posts);
}

/** The evidence of all posts about the curves: each post's rows, whitened. */
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
      addEvidence(evidence, features, { value: rest[a] as number, weight });
    }
  }
  return evidence;
}
