import { chance } from '../chance.ts';
import type { Network } from '../network/network.ts';
import { day, hour, type Instant } from '../time.ts';
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
   * The user's own bounds, in releases a day; the same number twice: it is kept, and a better one
   * only suggested.
   */
  range: { min: number; max: number };
  /** `base` of the last time, or what the account has done so far; absent: the usual. */
  current?: number;
  /**
   * What a post that is saved for later is worth, as a share of a usual one: .1 burns the queue, .5
   * makes it last.
   */
  thrift?: number;
  ages?: AgeCurves;
  slots?: Pick<SlotModel, 'scores' | 'zone'>;
}

export interface Rate {
  /** Releases a day from now on: a real number, spread over days. */
  rate: number;
  /**
   * What is handed in as `current` a week later: the rate without the small swings by which it is
   * learned.
   */
  base: number;
  /**
   * What would be tried if the range did not bound it, where that differs enough to be worth
   * saying.
   */
  suggested?: number;
  why: string;
  belief: Belief;
}

/** At how many releases a day over three days a post gets half its echo. */
export interface Belief {
  grid: number[];
  shares: number[];
  /** The one in the middle, and the bounds of four fifths. */
  middle: number;
  low: number;
  high: number;
  /** Posts that it was learned from. */
  count: number;
}

const gridSize = 13;
const grid = Array.from({ length: gridSize }, (_, i) => 0.4 * (9 / 0.4) ** (i / (gridSize - 1)));
/**
 * Two a day, give or take a factor of two and more: wide, since a prior that is wrong costs more
 * than one that says little.
 */
const usualLoad = 2;
const priorSpread = 0.8;
/** The readings are not as independent as the model has it. */
const temper = 0.5;
const fewestPosts = 3;
const memory = 72 * hour;
const mostChange = 1.25;
const swing = 0.1;
const fortnight = 14 * day;

/** The load on followers at an instant, in releases a day over about three days. */
export function loadAt(at: Instant, earlier: readonly Instant[]): number {
  let load = 0;
  for (const one of earlier) if (one < at) load += Math.exp(-(at - one) / memory) / 3;
  return load;
}

/** What a post still gets at a load, as a share. */
export const shareAtLoad = (load: number, half: number): number => 1 / (1 + (load / half) ** 2);

/**
 * The rate for the next week: the one that the belief about how soon followers tire makes best, at
 * most a quarter more or less than the last. It compares models of what the posts did, never the
 * last weeks with those before: noise slows that down until nothing goes out.
 */
export function learnRate(input: RateInput): Rate {
  const { account, now, range, current, thrift = 0.25 } = input;
  const belief = believe(input);
  const best = bestRate(belief, thrift);
  const from = Math.min(Math.max(current ?? bestRate(priorBelief(), thrift), range.min), range.max);
  const base = clamp(clamp(best, from / mostChange, from * mostChange), range.min, range.max);
  const isUp = (Math.floor(now / fortnight) + (chance('swing', account) < 0.5 ? 0 : 1)) % 2 === 0;
  const rate = clamp(base * (isUp ? 1 + swing : 1 - swing), range.min, range.max);
  const isWorth =
    utility(best, belief, thrift) > 1.05 * utility(base, belief, thrift) &&
    Math.abs(Math.log(best / base)) > 0.2;
  return {
    rate,
    base,
    ...(isWorth && (best < range.min || best > range.max) && { suggested: best }),
    why: explainRate({ base, from, best, range, belief }),
    belief,
  };
}

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

function believe(input: RateInput): Belief {
  const scores = evidenceOf(input, 'score');
  const views = evidenceOf(input, 'views');
  return toBelief(
    grid.map((_, i) => temper * ((scores.evidence[i] ?? 0) + (views.evidence[i] ?? 0))),
    scores.count,
  );
}

/**
 * How likely the posts' numbers were for each of the grid's values. Where views are told they vary
 * less than the echo does.
 */
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
    return followLevel(counts, now, spread, {
      start: { mean: startLevel(counts), variance: 1 },
      wander: usualWander,
    }).evidence;
  });
  return { evidence, count: usable.length };
}

const priorBelief = (): Belief =>
  toBelief(
    grid.map(() => 0),
    0,
  );

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

/** Echo a day, in usual posts, less what the posts were worth. */
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

const perWeek = (rate: number) => `${Math.round(rate * 70) / 10}`;

interface RateWords {
  base: number;
  from: number;
  best: number;
  range: { min: number; max: number };
  belief: Belief;
}

/** In plain words what the rate is and why. */
export function explainRate({ base, from, best, range, belief }: RateWords): string {
  const tires = `a post seems to get half its echo at ${belief.middle.toFixed(1)} a day (likely between ${belief.low.toFixed(1)} and ${belief.high.toFixed(1)}, from ${belief.count} ${belief.count === 1 ? 'post' : 'posts'})`;
  if (range.min === range.max) {
    const other =
      Math.abs(Math.log(best / base)) > 0.2 ? `; we would try ${perWeek(best)} a week` : '';
    return `${perWeek(base)} a week, as set: ${tires}${other}`;
  }
  const step =
    Math.abs(Math.log(base / from)) < 0.01
      ? 'as before'
      : `${base > from ? 'up' : 'down'} from ${perWeek(from)}, a quarter at most in a week`;
  const bound =
    best > range.max * 1.01
      ? '; your range ends there'
      : best < range.min * 0.99
        ? '; your range begins there'
        : '';
  return `${perWeek(base)} a week, ${step}: ${belief.count === 0 ? 'nothing was measured yet' : tires}${bound}`;
}
