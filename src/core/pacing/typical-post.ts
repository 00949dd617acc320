import type { Network } from '../network/network.ts';
import { pickDefined } from '../pick-defined.ts';
import { hour, type Instant } from '../time.ts';
import { type AgeCurves, defaultAgeCurves, matureShare, shareByAge } from './age-curve.ts';
import { rateAfter } from './math/count-model.ts';
import { normalCdf, z80 } from './math/distributions.ts';
import { type Counted, type Level, settleLevel } from './level.ts';
import { type Echo, echoOf, lumpOf, type Observed } from './observed.ts';

/** What the account's posts usually get, for judging one of them at any age. */
export interface Typical {
  network: Network;
  echo: Echo;
  /**
   * The logarithm of the final number of the median post, if it were released when the judged one
   * was.
   */
  level: Level;
  /** Variance of the logarithm of how good posts are. */
  spread: number;
  /** See `lumpOf`. */
  lump: number;
  /** Posts that it was learned from. */
  count: number;
  ages: AgeCurves;
}

export interface TypicalInput {
  account: string;
  network: Network;
  /** Of the account; what was released at or after `at` is ignored. */
  posts: readonly Observed[];
  /** When the judged post was released. */
  at: Instant;
  echo?: Echo;
  ages?: AgeCurves;
}

const mostPosts = 120;
const fewestPosts = 3;

/** Undefined where fewer than three posts with this number are old enough. */
export function typicalOf(input: TypicalInput): Typical | undefined {
  const { network, at, echo = 'score', ages = defaultAgeCurves } = input;
  const shareOf = ({ at: from, measuredAt }: Observed) =>
    shareByAge(network, measuredAt - from, ages);
  const isUsable = (one: Observed) =>
    one.account === input.account &&
    one.at < at &&
    echoOf(one.counts, echo) !== undefined &&
    shareOf(one) >= matureShare;
  const usable = input.posts
    .filter(isUsable)
    .sort((a, b) => a.at - b.at)
    .slice(-mostPosts);
  if (usable.length < fewestPosts) return undefined;
  const lump = lumpOf(
    usable.map(({ counts }) => counts),
    echo,
  );
  const counts = usable.map((one): Counted => ({
    at: one.at,
    count: (echoOf(one.counts, echo) ?? 0) / lump,
    known: Math.log(shareOf(one)),
  }));
  const { mean, variance, spread } = settleLevel(counts, at);
  return {
    network,
    echo,
    level: { mean, variance },
    spread,
    lump,
    count: usable.length,
    ages,
  };
}

/** What the median post has at an age, with its 80 % range. */
export function expectedAt(
  { network, level, lump, ages }: Typical,
  age: number,
): { expected: number; low: number; high: number } {
  const at = (mean: number) => lump * Math.exp(mean) * shareByAge(network, age, ages);
  const wide = z80 * Math.sqrt(level.variance);
  return { expected: at(level.mean), low: at(level.mean - wide), high: at(level.mean + wide) };
}

export interface Bar {
  times: number;
  plus?: number;
}

/** What a post has by an age in milliseconds. */
export interface Standing {
  y: number;
  age: number;
}

export interface Verdict {
  /** The probability that the post's own rate is `times` that of the median post (plus `plus`). */
  chance: number;
  holds: boolean;
}

/** The probability that a follow-up needs, and the least number that it may be decided on. */
export const oddsNeeded = 0.9;
const fewest = 3;

/**
 * Whether a post does at least so many times as well as usual, with a probability of .9: not
 * whether it has that number, which may be luck, but whether its rate is that high, given how much
 * posts vary and how well the usual is known. May be asked any number of times: it is a posterior
 * of all counts so far.
 */
export function isAtLeast(
  typical: Typical,
  { times, plus = 0 }: Bar,
  { y, age }: Standing,
): Verdict {
  const { level, spread, lump } = typical;
  const { expected } = expectedAt(typical, age);
  if (!(expected > 0)) return { chance: 0, holds: false };
  const bar = Math.log(Math.max(1e-9, times + plus / expected));
  const mean = Math.log(expected / lump);
  const variance = level.variance + spread;
  const { points, shares } = rateAfter(y / lump, { mean, variance }, 61);
  // A part of the deviation of a rate is the post's own, the rest is the error of the usual.
  const own = spread / variance;
  const sd = Math.sqrt(own * level.variance) + 1e-9;
  let chance = 0;
  for (let i = 0; i < points.length; i++)
    chance += (shares[i] as number) * normalCdf((((points[i] as number) - mean) * own - bar) / sd);
  return { chance, holds: y >= fewest && chance >= oddsNeeded };
}

/** 0 to 100: how many of the account's posts have less at this age. */
export function percentileOf(typical: Typical, { y, age }: Standing): number {
  const { level, spread, lump } = typical;
  const mean = Math.log(Math.max(1e-9, expectedAt(typical, age).expected / lump));
  const variance = level.variance + spread;
  let below = 0;
  for (let count = 0; count < Math.min(200, y / lump); count++)
    below += Math.exp(rateAfter(count, { mean, variance }).evidence);
  // A count beyond two hundred is nearly its rate.
  if (y / lump > 200)
    below = normalCdf((Math.log(y / lump) - mean) / Math.sqrt(variance + lump / y));
  return 100 * Math.min(1, below);
}

export interface Needs {
  /** More of the number, at this age; absent: more than a million. */
  more?: number;
  /** More hours at the pace so far; absent: not within three days. */
  hours?: number;
}

/** What is missing for the verdict; both are 0 where it holds. */
export function needsOf(typical: Typical, bar: Bar, { y, age }: Standing): Needs {
  const holds = (standing: Standing) => isAtLeast(typical, bar, standing).holds;
  if (holds({ y, age })) return { more: 0, hours: 0 };
  const most = 1e6;
  let [low, high] = [y, Math.max(8, 2 * y)];
  while (high < most && !holds({ y: high, age })) [low, high] = [high, high * 2];
  while (high < most && high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds({ y: middle, age })) high = middle;
    else low = middle;
  }
  const share = (later: number) => shareByAge(typical.network, later, typical.ages);
  const hours = Array.from({ length: 72 }, (_, i) => i + 1).find((more) =>
    holds({
      y: Math.floor((y * share(age + more * hour)) / Math.max(1e-9, share(age))),
      age: age + more * hour,
    }),
  );
  return pickDefined({ more: high < most ? high - y : undefined, hours });
}
