import type { Sample } from '../engagement.ts';
import { byNetwork, type Network, networks } from '../network/network.ts';
import type { AgeCurve } from '../network/traits.ts';
import { traitsOf } from '../network/traits-of.ts';
import { hour } from '../time.ts';
import { type Echo, echoOf } from './observed.ts';

export type AgeCurves = Record<Network, AgeCurve>;

/** Used until enough of the user's own posts are known. */
export const defaultAgeCurves: AgeCurves = byNetwork((network) => traitsOf(network).ageCurve);

/** The expected share, from 0 to 1, of a post's final numbers at this age in milliseconds. */
export function shareByAge(
  network: Network,
  age: number,
  curves: AgeCurves = defaultAgeCurves,
): number {
  return shareOf(curves[network], age / hour);
}

/** A fast part with a half-life, and a slow one with an exponential tail. */
function shareOf({ slow, halfFor, tailFor }: AgeCurve, hours: number): number {
  if (hours <= 0) return 0;
  return (1 - slow) * (1 - 2 ** (-hours / halfFor)) + slow * (1 - Math.exp(-hours / tailFor));
}

/** The least share of the final numbers at which a post is learned from. */
export const matureShare = 0.3;

/** A post's samples while it grew: ages in hours, and its numbers as shares of the last one. */
interface History {
  ages: number[];
  shares: number[];
  /** Its count, damped so that one viral post does not decide. */
  weight: number;
}

const fewestHistories = 200;

/**
 * The curves of the user's own posts, for each network that has 200 with a full history (four
 * samples in two days, the last after 24 hours); the defaults for the others.
 */
export function fitAgeCurves(samples: readonly Sample[], echo: Echo = 'score'): AgeCurves {
  const curves = { ...defaultAgeCurves };
  for (const network of networks) {
    const histories = historiesOf(
      samples.filter((sample) => sample.network === network),
      echo,
    );
    if (histories.length >= fewestHistories)
      curves[network] = fit(histories, defaultAgeCurves[network]);
  }
  return curves;
}

function historiesOf(samples: readonly Sample[], echo: Echo): History[] {
  const byDelivery = Map.groupBy(samples, ({ delivery }) => delivery);
  return [...byDelivery.values()].flatMap((all): History[] => {
    const rows = all
      .flatMap((sample) => ({
        age: (sample.at - sample.releasedAt) / hour,
        y: echoOf(sample.counts, echo) ?? Number.NaN,
      }))
      .filter(({ age, y }) => age > 0 && Number.isFinite(y))
      .sort((a, b) => a.age - b.age);
    const last = rows.at(-1);
    if (!last || last.age < 24 || last.y <= 0 || rows.filter(({ age }) => age <= 48).length < 4)
      return [];
    return [
      {
        ages: rows.map(({ age }) => age),
        shares: rows.map(({ y }) => y / last.y),
        weight: last.y / (1 + last.y / 10),
      },
    ];
  });
}

/** Pooled weighted least squares, by coordinate search: three parameters, a smooth error. */
function fit(histories: readonly History[], start: AgeCurve): AgeCurve {
  let best = start;
  let error = errorOf(best, histories);
  for (let step = 0.5; step > 0.01; step /= 2) {
    for (let isBetter = true; isBetter;) {
      isBetter = false;
      for (const candidate of neighbours(best, step)) {
        const its = errorOf(candidate, histories);
        if (its < error - 1e-12) [best, error, isBetter] = [candidate, its, true];
      }
    }
  }
  return best;
}

function neighbours(curve: AgeCurve, step: number): AgeCurve[] {
  const bound = (value: number, least: number, most: number) =>
    Math.min(most, Math.max(least, value));
  return [1 + step, 1 / (1 + step)].flatMap((factor) => [
    { ...curve, slow: bound(curve.slow * factor, 0.02, 0.95) },
    { ...curve, halfFor: bound(curve.halfFor * factor, 0.05, 12) },
    { ...curve, tailFor: bound(curve.tailFor * factor, 1, 72) },
  ]);
}

/** Each residual over its binomial variance, p (1 - p), with a floor. */
function errorOf(curve: AgeCurve, histories: readonly History[]): number {
  let error = 0;
  for (const { ages, shares, weight } of histories) {
    const last = shareOf(curve, ages.at(-1) ?? 0);
    for (let i = 0; i < ages.length - 1; i++) {
      const expected = shareOf(curve, ages[i] ?? 0) / last;
      error += (weight * ((shares[i] ?? 0) - expected) ** 2) / (0.02 + expected * (1 - expected));
    }
  }
  return error;
}
