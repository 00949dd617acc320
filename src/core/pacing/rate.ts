import { pickDefined } from '../pick-defined.ts';
import { plural } from '../plural.ts';
import type { Network } from '../network/network.ts';
import { hour, type Instant } from '../time.ts';
import { type AgeCurves, defaultAgeCurves, matureShare, shareByAge } from './age-curve.ts';
import { type Counted, followLevel, settleLevel, startLevel, usualWander } from './level.ts';
import { type Echo, echoOf, lumpOf, type Observed } from './observed.ts';
import { type SlotModel, scoreAt } from './slots/slot-model.ts';

export interface RateInput {
  account: string;
  network: Network;
  posts: readonly Observed[];
  now: Instant;
  /**
   * The user's bounds, in releases a day. Where both are equal the rate is fixed, and a better one
   * is only suggested.
   */
  range: { min: number; max: number };
  /** The rate of the week before, or the account's so far; absent: the usual. */
  current?: number;
  /**
   * What a post that is saved for later is worth, as a share of a usual one: .1 empties the queue
   * quickly, .5 makes it last.
   */
  thrift?: number;
  /** Days of the week on which the account publishes; 7 if absent. */
  openDays?: number;
  ages?: AgeCurves;
  slots?: Pick<SlotModel, 'scores' | 'zone'>;
}

export interface Rate {
  /** Releases on an open day from now on, not rounded: the next `current`, a week later. */
  rate: number;
  /** The rate that Dripline would try without the range, where that is worth saying. */
  suggested?: number;
  why: string;
  belief: Belief;
}

/** A distribution: at how many releases a day over three days a post gets half its echo. */
export interface Belief {
  grid: number[];
  shares: number[];
  /** The median, and the 80 % range. */
  middle: number;
  low: number;
  high: number;
  /** Posts that it was learned from. */
  count: number;
}

const gridSize = 13;
const grid = Array.from({ length: gridSize }, (_, i) => 0.4 * (9 / 0.4) ** (i / (gridSize - 1)));
/**
 * A log-normal prior: two a day, with a standard deviation of a factor of 2.2. Wide, since a wrong
 * prior costs more than a vague one.
 */
const usualLoad = 2;
const priorSpread = 0.8;
/** The log likelihood is halved, as counts are less independent than the model has them. */
const temper = 0.5;
const fewestPosts = 3;
/** Followers forget at this time constant. */
const memory = 72 * hour;
/** Of the rate, in a week. */
const mostChange = 1.25;

/** The load on followers at an instant: releases a day, with exponential forgetting. */
export function loadAt(at: Instant, earlier: readonly Instant[]): number {
  let load = 0;
  for (const one of earlier) if (one < at) load += Math.exp(-(at - one) / memory) / 3;
  return load;
}

/** The share of its echo that a post gets at a load. */
export const shareAtLoad = (load: number, half: number): number => 1 / (1 + (load / half) ** 2);

/**
 * The rate for the next week: the best one by the belief about how soon followers tire, at most a
 * quarter more or less than the last. It compares models of all posts, not the last weeks with
 * those before: that would lower the rate again and again because of noise.
 */
export function learnRate(input: RateInput): Rate {
  const { range, current, thrift = 0.25, openDays = 7 } = input;
  const belief = believe(input);
  const best = bestRate(belief, thrift);
  const from = Math.min(Math.max(current ?? bestRate(priorBelief(), thrift), range.min), range.max);
  const rate = clamp(clamp(best, from / mostChange, from * mostChange), range.min, range.max);
  const isOutside = best < range.min || best > range.max;
  const isWorth = utility(best, belief, thrift) > 1.05 * utility(rate, belief, thrift);
  return pickDefined({
    rate,
    suggested: isOutside && isWorth && isFar(best, rate) ? best : undefined,
    why: explainRate({ rate, from, best, range, belief, openDays, isFirst: current === undefined }),
    belief,
  });
}

/** More than a fifth apart. */
const isFar = (one: number, other: number) => Math.abs(Math.log(one / other)) > 0.2;

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

function believe(input: RateInput): Belief {
  const scores = evidenceOf(input, 'score');
  const views = evidenceOf(input, 'views');
  return toBelief(
    grid.map((_, i) => temper * ((scores.evidence[i] ?? 0) + (views.evidence[i] ?? 0))),
    scores.count,
  );
}

/** The log likelihood of the posts' numbers for each of the grid's values. */
function evidenceOf(
  { account, network, posts, now, ages = defaultAgeCurves, slots }: RateInput,
  echo: Echo,
): { evidence: number[]; count: number } {
  const mine = posts
    .filter((one) => one.account === account && one.at <= now)
    .sort((a, b) => a.at - b.at);
  const instants = mine.map(({ at }) => at);
  const shareOf = ({ at, measuredAt }: Observed) => shareByAge(network, measuredAt - at, ages);
  const usable = mine.filter(
    (one) => shareOf(one) >= matureShare && echoOf(one.counts, echo) !== undefined,
  );
  if (usable.length < fewestPosts) return { evidence: [], count: usable.length };
  const lump = lumpOf(
    usable.map(({ counts }) => counts),
    echo,
  );
  const rows = usable.map((one) => ({
    at: one.at,
    count: (echoOf(one.counts, echo) ?? 0) / lump,
    load: loadAt(one.at, instants),
    known: Math.log(shareOf(one)) + (slots ? scoreAt(slots, one.at) : 0),
  }));
  const countsAt = (half: number) =>
    rows.map(({ at, count, load, known }): Counted => ({
      at,
      count,
      known: known + Math.log(shareAtLoad(load, half)),
    }));
  const { spread } = settleLevel(countsAt(usualLoad), now);
  const evidence = grid.map((half) => {
    const counts = countsAt(half);
    const start = { mean: startLevel(counts), variance: 1 };
    return followLevel(counts, now, { start, wander: usualWander, spread }).evidence;
  });
  return { evidence, count: usable.length };
}

const priorBelief = (): Belief => toBelief([], 0);

function toBelief(evidence: readonly number[], count: number): Belief {
  const logs = grid.map(
    (half, i) => (evidence[i] ?? 0) - 0.5 * (Math.log(half / usualLoad) / priorSpread) ** 2,
  );
  const best = Math.max(...logs);
  const raw = logs.map((one) => Math.exp(one - best));
  const total = raw.reduce((sum, one) => sum + one, 0);
  const shares = raw.map((one) => one / total);
  const quantile = (share: number) => {
    let sum = 0;
    return grid.find((_, i) => (sum += shares[i] ?? 0) >= share) ?? grid.at(-1) ?? usualLoad;
  };
  return {
    grid: [...grid],
    shares,
    middle: quantile(0.5),
    low: quantile(0.1),
    high: quantile(0.9),
    count,
  };
}

/** Echo a day, in usual posts, less what saving the posts would be worth. */
function utility(rate: number, { grid: halves, shares }: Belief, thrift: number): number {
  return halves.reduce(
    (sum, half, i) => sum + (shares[i] ?? 0) * rate * (shareAtLoad(rate, half) - thrift),
    0,
  );
}

function bestRate(belief: Belief, thrift: number): number {
  let best = 0.1;
  for (let rate = 0.1; rate <= 12; rate *= 1.03)
    if (utility(rate, belief, thrift) > utility(best, belief, thrift)) best = rate;
  return best;
}

interface RateWords {
  rate: number;
  from: number;
  best: number;
  range: { min: number; max: number };
  belief: Belief;
  openDays: number;
  isFirst: boolean;
}

const perWeek = (rate: number, { openDays }: Pick<RateWords, 'openDays'>) =>
  `${Math.round(rate * openDays * 10) / 10}`;

/** What the rate is and why. */
export function explainRate(words: RateWords): string {
  const { rate, best, range, belief } = words;
  const planned = `${perWeek(rate, words)} a week`;
  if (range.min === range.max) {
    const other = isFar(best, rate) ? `; Dripline would try ${perWeek(best, words)} a week` : '';
    return `${planned}, as configured: ${tellBelief(belief)}${other}`;
  }
  const why = belief.count === 0 ? 'nothing was measured yet' : tellBelief(belief);
  return `${planned}, ${tellStep(words)}: ${why}${tellBound(words)}`;
}

function tellBelief({ middle, low, high, count }: Belief): string {
  const range = `likely between ${low.toFixed(1)} and ${high.toFixed(1)}`;
  const half = `a post seems to get half its echo at ${middle.toFixed(1)} a day`;
  return `${half} (${range}, from ${plural(count, 'post')})`;
}

function tellStep(words: RateWords): string {
  const { rate, from, isFirst } = words;
  if (isFirst) return 'to begin with';
  if (Math.abs(Math.log(rate / from)) < 0.01) return 'as before';
  const way = rate > from ? 'up' : 'down';
  return `${way} from ${perWeek(from, words)}, a quarter at most in a week`;
}

function tellBound({ best, range }: RateWords): string {
  if (best > range.max * 1.01) return '; your range ends there';
  return best < range.min * 0.99 ? '; your range begins there' : '';
}
