import { type Network, networks } from '../../network/network.ts';
import type { Instant } from '../../time.ts';
import { type AgeCurves, defaultAgeCurves } from '../age-curve.ts';
import type { Observed, Paced } from '../observed.ts';
import { averageOf, type Curves, meanAt, roughnessOf, varianceAt } from './slot-fit.ts';
import { learnCurves } from './slot-learning.ts';
import { toRows } from './slot-rows.ts';
import { hourOfWeek, hoursOfWeek, readCurve } from './week-clock.ts';

/**
 * Which hours of the week are worth more for one account; plain numbers, so that it can be kept.
 * Every curve has 168 values, one for the middle of each hour of the week, Monday 00:00 first, on
 * the account's wall clock.
 */
export interface SlotModel {
  account: string;
  network: Network;
  zone: string;
  /** Expected logarithm of how many times the usual echo a post gets: slots are chosen by it. */
  scores: number[];
  /**
   * What the account's own posts add to the prior curve: a Gamma distribution of a multiplier with
   * mean a/b, where 1/√a is the standard deviation of its logarithm.
   */
  a: number[];
  b: number[];
  prior: number[];
  /**
   * What of the variance all hours of the day have in common: it says nothing about which of them
   * is better. Absent in models of version 0.1.
   */
  common?: number;
  /** The variance of single hours around the curve. Absent in models of version 0.1. */
  rough?: number;
  /** Posts that were learned from, by network and hour of the week. */
  posts: Partial<Record<Network, number[]>>;
  /** Of this account alone. */
  count: number;
}

export interface SlotsInput {
  /** One person's accounts: they share most of their audience's week. */
  accounts: readonly Paced[];
  /** Of all these accounts. */
  posts: readonly Observed[];
  zone: string;
  now: Instant;
  /** See `priorCurve`. */
  prior: readonly number[];
  ages?: AgeCurves;
}

/**
 * Half of the prior curve: most accounts' hours also differ in other ways than the general ones.
 */
const believed = 0.5;

/**
 * One model for each account, by its id. Deterministic; some milliseconds for half a year of three
 * accounts.
 */
export function learnSlots({
  accounts,
  posts,
  zone,
  now,
  prior: general,
  ages = defaultAgeCurves,
}: SlotsInput): Record<string, SlotModel> {
  const prior = general.map((value) => believed * value);
  const { curve, rows } = learnBoth({ accounts, posts, zone, now, prior, ages });
  const learned = rows.flatMap(({ account, at }) => {
    const network = accounts[account]?.network;
    return network ? { network, at } : [];
  });
  const counts = countByHour(learned, zone);
  return Object.fromEntries(
    accounts.map(({ id, network }, account): [string, SlotModel] => [
      id,
      {
        account: id,
        network,
        zone,
        ...curvesOf(curve, account, prior),
        prior: [...prior],
        posts: counts,
        count: rows.filter((row) => row.account === account).length,
      },
    ]),
  );
}

type ModelCurves = Pick<SlotModel, 'scores' | 'a' | 'b'> & Record<'common' | 'rough', number>;

function curvesOf(curve: Curves, account: number, prior: readonly number[]): ModelCurves {
  const mean = averageOf(curve);
  const week = Array.from({ length: hoursOfWeek }, (_, i) => ({
    account,
    position: i + 0.5,
    prior: prior[i] ?? 0,
  }));
  const hours = week.map((row) =>
    hourOf(meanAt(mean, row), varianceAt(curve, mean, [row]), row.prior),
  );
  return {
    scores: hours.map(({ score }) => score),
    a: hours.map(({ a }) => a),
    b: hours.map(({ b }) => b),
    common: varianceAt(curve, mean, week.filter(isWaking)),
    rough: roughnessOf(curve),
  };
}

const isWaking = ({ position }: { position: number }) =>
  position % 24 > firstWaking && position % 24 < lastWaking;
const [firstWaking, lastWaking] = [7, 23];

function hourOf(value: number, variance: number, prior: number) {
  const a = 1 / Math.max(1e-6, variance);
  return { score: prior + value, a, b: a / Math.exp(value) };
}

function learnBoth(input: Required<SlotsInput>) {
  const rows = toRows({ ...input, curve: input.prior });
  return {
    curve: learnCurves(rows, input.accounts.length),
    rows: rows.rows.filter(({ response }) => !rows.responses[response]?.isViews),
  };
}

function countByHour(
  posts: { network: Network; at: Instant }[],
  zone: string,
): Partial<Record<Network, number[]>> {
  const counts: Partial<Record<Network, number[]>> = {};
  for (const network of networks) {
    const mine = posts.filter((post) => post.network === network);
    if (mine.length === 0) continue;
    const hours = Array.from({ length: hoursOfWeek }, () => 0);
    for (const { at } of mine) {
      const hour = Math.floor(hourOfWeek(at, zone));
      hours[hour] = (hours[hour] ?? 0) + 1;
    }
    counts[network] = hours;
  }
  return counts;
}

/** The score of an instant, interpolated between the middles of two hours. */
export function scoreAt(model: Pick<SlotModel, 'scores' | 'zone'>, at: Instant): number {
  return readCurve(model.scores, hourOfWeek(at, model.zone));
}
