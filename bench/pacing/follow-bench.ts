import type { Sample } from '../../src/core/engagement.ts';
import {
  type AgeCurves,
  defaultAgeCurves,
  fitAgeCurves,
  shareByAge,
} from '../../src/core/pacing/age-curve.ts';
import { rateAfter } from '../../src/core/pacing/math/count-model.ts';
import { type Observed, toObserved } from '../../src/core/pacing/observed.ts';
import { isAtLeast, type Typical, typicalOf } from '../../src/core/pacing/typical-post.ts';
import { day, hour } from '../../src/core/time.ts';
import { startOf } from './calendar.ts';
import { gammaAbove } from './gamma-tail.ts';
import { policies } from './policies.ts';
import { pollAges, pollAt, type Release, simulate } from './simulate.ts';
import { ages, type Channel, createWorld, type Size, type World } from './world.ts';

/** What a rule may know of a post at one poll. */
interface Look {
  y: number;
  age: number;
  /** Share of the final number that is here by now, as the policies believe. */
  share: number;
  /** The product's; absent: fewer than three posts before it. */
  typical: Typical | undefined;
  /**
   * Robust discounted mean of the last posts' totals with its standard error, and how much they
   * vary beyond counting.
   */
  usual: { mean: number; error: number; spread: number };
  /** Unknown to all rules: the true final number of the median post. */
  middle: number;
}

interface Rule {
  name: string;
  holds(look: Look): boolean;
}

const gammaRule =
  (times: number, odds: number, least: number) =>
  ({ y, share, usual: { mean, spread } }: Look) =>
    y >= least && gammaAbove(times, 1 / spread + y, 1 / spread + mean * share) >= odds;

/**
 * Bets that the rate is one and a half to five times as high; never above twenty, however often one
 * looks, unless it is.
 */
function evidenceAgainst({ y, share, usual: { mean, error } }: Look): number {
  const expected = (mean + error) * share;
  const logs = [1.5, 2, 3, 5].map((times) => y * Math.log(times) - expected * (times - 1));
  const most = Math.max(...logs);
  return most + Math.log(logs.reduce((sum, one) => sum + Math.exp(one - most), 0) / logs.length);
}

/**
 * The same question with the usual, the spread and the ages known exactly: the upper bound for any
 * rule that only has this network's count.
 */
function knowsAll({ y, share, middle }: Look): boolean {
  const { points, shares } = rateAfter(y, { mean: Math.log(middle * share), variance: 0.64 }, 61);
  return (
    y >= 1 &&
    points.reduce(
      (sum, x, i) => sum + (x >= Math.log(1.5 * middle * share) ? (shares[i] ?? 0) : 0),
      0,
    ) >= 0.9
  );
}

export const followRules: Rule[] = [
  { name: 'total ≥ 2 × average total', holds: ({ y, usual }) => y >= 2 * usual.mean && y > 0 },
  {
    name: '≥ 2 × expected at the age',
    holds: ({ y, share, usual }) => y >= 2 * usual.mean * share && y > 0,
  },
  { name: 'Gamma, P(> 1.5) ≥ .6', holds: gammaRule(1.5, 0.6, 1) },
  { name: 'Gamma, P(> 1.25) ≥ .9, three at least', holds: gammaRule(1.25, 0.9, 3) },
  { name: 'e-value ≥ 20', holds: (look) => evidenceAgainst(look) >= Math.log(20) },
  {
    name: 'Dripline: score >= 1.5 * typical',
    holds: ({ y, age, typical }) =>
      typical !== undefined && isAtLeast(typical, { times: 1.5 }, { y, age }).holds,
  },
  { name: 'all but the post known', holds: knowsAll },
];

/** For each rule what came of it. */
export interface FollowCounts {
  posts: number;
  flags: number;
  /**
   * Of the flagged: one and a half times the middling post or more, the middling post or less,
   * flagged within three hours.
   */
  good: number;
  bad: number;
  early: number;
  /**
   * All posts at least twice and four times as good as the middling one, and how many of them were
   * flagged; and all that are no better.
   */
  twice: number;
  twiceFlagged: number;
  four: number;
  fourFlagged: number;
  plain: number;
}

const weeks = 26;
/** Posts of the first weeks only teach what is usual. */
const firstWeek = 3;

export function followWorld(seed: number, size: Size): Record<string, FollowCounts> {
  const world = createWorld({ seed, size, strength: 'weak', weeks, posts: 300 });
  const play = policies['fixed slots 9/14/19'] as (typeof policies)[string];
  const releases = simulate(world, play(world));
  const counts = Object.fromEntries(followRules.map(({ name }) => [name, emptyCounts()]));
  const samples = samplesOf(world, releases);
  const learned = Array.from({ length: weeks }, (_, week) =>
    fitAgeCurves(samples.filter(({ at }) => at <= startOf(week))),
  );
  world.channels.forEach((channel, c) =>
    testChannel(world, { channel, releases: releases[c] ?? [], samples, learned }, counts),
  );
  return counts;
}

const emptyCounts = (): FollowCounts => ({
  posts: 0,
  flags: 0,
  good: 0,
  bad: 0,
  early: 0,
  twice: 0,
  twiceFlagged: 0,
  four: 0,
  fourFlagged: 0,
  plain: 0,
});

/** What all polls see of all posts. */
function samplesOf(world: World, releases: readonly (readonly Release[])[]): Sample[] {
  const curves = ages(world);
  return world.channels.flatMap((channel, c) =>
    (releases[c] ?? []).flatMap((one) =>
      pollAges.map((age): Sample => ({
        delivery: `${one.post}@${channel.id}`,
        post: `${one.post}`,
        account: channel.id,
        network: channel.network,
        releasedAt: one.at,
        at: one.at + age,
        counts: pollAt({ world, channel, curves }, one, age),
      })),
    ),
  );
}

interface Tested {
  channel: Channel;
  releases: readonly Release[];
  samples: readonly Sample[];
  /** By week, as the service learns them. */
  learned: readonly AgeCurves[];
}

function testChannel(
  world: World,
  { channel, releases, samples, learned }: Tested,
  counts: Record<string, FollowCounts>,
): void {
  const curves = ages(world);
  const { id, network } = channel;
  const mine = samples.filter(({ account }) => account === id);
  for (const one of releases) {
    if (one.week < firstWeek) continue;
    const posts = toObserved(mine.filter(({ at }) => at <= one.at));
    const fitted = learned[one.week] ?? defaultAgeCurves;
    const asked = { account: id, network, posts, at: one.at, ages: fitted };
    const typical = typicalOf({ ...asked, echo: 'score' });
    const usual = usualOf(posts, one.at);
    const looks = pollAges.slice(0, 9).map((age): Look => {
      const y = pollAt({ world, channel, curves }, one, age).likes ?? 0;
      return { y, age, share: shareByAge(network, age), typical, usual, middle: one.expected };
    });
    const quality = Math.exp(channel.quality[one.post] as number);
    for (const { name, holds } of followRules)
      note(counts[name] as FollowCounts, looks.find(holds)?.age, quality);
  }
}

function note(counts: FollowCounts, flaggedAt: number | undefined, quality: number): void {
  const isFlagged = flaggedAt !== undefined;
  counts.posts++;
  if (quality >= 2) counts.twice++;
  if (quality >= 4) counts.four++;
  if (quality <= 1) counts.plain++;
  if (!isFlagged) return;
  counts.flags++;
  if (quality >= 1.5) counts.good++;
  if (quality <= 1) counts.bad++;
  if (flaggedAt <= 3 * hour) counts.early++;
  if (quality >= 2) counts.twiceFlagged++;
  if (quality >= 4) counts.fourFlagged++;
}

function usualOf(posts: readonly Observed[], now: number): Look['usual'] {
  const rows = posts.slice(-60).map(({ at, measuredAt, network, counts }) => ({
    y: counts.likes ?? 0,
    share: shareByAge(network, measuredAt - at),
    weight: 2 ** (-(now - at) / (21 * day)),
  }));
  const usable = rows.filter(({ share }) => share >= 0.3);
  const totalOf = (pick: (row: (typeof usable)[number]) => number) =>
    usable.reduce((sum, row) => sum + row.weight * pick(row), 0);
  const first = (1 + totalOf(({ y }) => y)) / (1 + totalOf(({ share }) => share));
  const mean =
    (1 + totalOf(({ y, share }) => Math.min(y, 6 * first * share))) /
    (1 + totalOf(({ share }) => share));
  const beyond =
    totalOf(({ y, share }) => (Math.min(y, 6 * first) - mean * share) ** 2 - mean * share) /
    Math.max(
      1e-9,
      totalOf(({ share }) => (mean * share) ** 2),
    );
  const spread = Math.min(3, Math.max(0.3, beyond));
  return {
    mean,
    spread,
    error: Math.sqrt(
      (mean + spread * mean * mean) /
        Math.max(
          1,
          totalOf(() => 1),
        ),
    ),
  };
}

export function addCounts(a: FollowCounts, b: FollowCounts): FollowCounts {
  return Object.fromEntries(
    Object.entries(a).map(([key, value]) => [key, value + b[key as keyof FollowCounts]]),
  ) as unknown as FollowCounts;
}
