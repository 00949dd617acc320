import { type AgeCurves, defaultAgeCurves } from '../../src/core/pacing/age-curve.ts';
import type { AgeCurve } from '../../src/core/network/traits.ts';
import { type Network, networks } from '../../src/core/network/network.ts';
import {
  createRegions,
  type Feed,
  type Region,
  smoothNoise,
  toMeanOne,
  valueOver,
  weekSteps,
} from './audience.ts';
import { createRandom, normal, type Random } from './random.ts';

export const sizes = ['small', 'medium'] as const;
export type Size = (typeof sizes)[number];
export const strengths = ['faint', 'weak', 'medium', 'strong'] as const;
export type Strength = (typeof strengths)[number];

/**
 * How far posts by others follow the readers (the less, the stronger the slots), and what part of
 * that reaches the numbers: set so that the logarithm of a post's worth varies between open hours
 * as in real logs, by .06 and .13, and as vendors have it, by .18 and .23.
 */
const makes: Record<Strength, { tracking: number; part: number }> = {
  faint: { tracking: 0.9, part: 0.42 },
  weak: { tracking: 0.65, part: 0.755 },
  medium: { tracking: 0.4, part: 0.885 },
  strong: { tracking: 0.1, part: 0.94 },
};

/** Mean echo of a post. */
const means: Record<Size, Record<Network, number>> = {
  small: { x: 3, bluesky: 2.5, mastodon: 2 },
  medium: { x: 30, bluesky: 20, mastodon: 15 },
};
/**
 * The same as how echoes come in, so that a feed buries posts at the pace at which they stop
 * getting any.
 */
const feeds = Object.fromEntries(
  networks.map((network) => {
    const { slow, halfFor, tailFor } = defaultAgeCurves[network];
    return [network, { slow, burial: Math.LN2 / halfFor, tail: tailFor }];
  }),
) as Record<Network, Omit<Feed, 'tracking'>>;

export interface WorldOptions {
  seed: number;
  size: Size;
  strength: Strength;
  weeks: number;
  /** Most posts of one account. */
  posts: number;
  /**
   * `usual`: in half of the worlds, of two thirds of the audience; `complete`: of all of it, in
   * week 10.
   */
  change?: 'usual' | 'complete';
}

export interface Channel {
  id: Network;
  network: Network;
  /** Expected echo of an average post at an average time with no load, for each week. */
  level: Float64Array;
  /**
   * Worth of each ten minutes of the week, mean 1 over the hours that are open: before the audience
   * changes, and after.
   */
  before: Float64Array;
  after: Float64Array;
  /** The load at which a post gets half. */
  half: number;
  age: AgeCurve;
  /**
   * Logarithm of each post's quality, and chances that all policies share: of its counts, and of
   * its views.
   */
  quality: Float64Array;
  luck: Float64Array;
  viewsNoise: Float64Array;
}

export interface World extends WorldOptions {
  channels: Channel[];
  /** The first week with the new audience. */
  changeWeek: number;
}

export const ages = ({ channels }: World): AgeCurves =>
  Object.fromEntries(channels.map(({ network, age }) => [network, age])) as AgeCurves;

const qualitySpread = 0.8;
const meanQuality = Math.exp(qualitySpread ** 2 / 2);
/** Half of what makes a post good is the same on all networks. */
const sharedQuality = 0.5;

export function createWorld(options: WorldOptions): World {
  const { seed, weeks, posts, change = 'usual' } = options;
  const random = createRandom('world', seed);
  const regions = [createRegions(random), createRegions(random)] as const;
  const changes = random() < 0.5;
  const usualWeek = Math.floor(weeks * (0.25 + 0.5 * random()));
  const isComplete = change === 'complete';
  const ownWeek = changes ? usualWeek : Infinity;
  const plan: Change = {
    week: isComplete ? 10 : ownWeek,
    share: isComplete ? 1 : 0.65,
    jump: changes && !isComplete ? 0.3 * normal(random) : 0,
  };
  const common = createQuality(createRandom('common', seed), posts);
  const channels = networks.map((network) =>
    createChannel(network, options, { regions, common, plan }),
  );
  return { ...options, channels, changeWeek: plan.week };
}

/** How the audience changes. */
interface Change {
  /** The first week with the new audience. */
  week: number;
  /** Of the audience. */
  share: number;
  /** Of the logarithm of the level. */
  jump: number;
}

interface Common {
  /** Before the change, and after. */
  regions: readonly (readonly Region[])[];
  /** The part of the quality that is the same on all networks. */
  common: Float64Array;
  plan: Change;
}

function createChannel(
  network: Network,
  { seed, size, strength, weeks, posts }: WorldOptions,
  { regions, common, plan }: Common,
): Channel {
  const own = createRandom('channel', seed, network);
  const { tracking, part } = makes[strength];
  const feed = { ...feeds[network], tracking };
  const [first, second] = regions.map((some) =>
    toOpenMean(valueOver(deviate(some, own), feed).map((value) => value ** part)),
  ) as [Float64Array, Float64Array];
  const base = (means[size][network] / meanQuality) * Math.exp(0.4 * normal(own) - 0.08);
  return {
    id: network,
    network,
    level: createLevels(own, { base, weeks, plan }),
    before: first,
    after: first.map((value, i) => (1 - plan.share) * value + plan.share * (second[i] as number)),
    half: Math.exp(Math.log(2) + 0.5 * normal(own)),
    age: createAge(network, own),
    ...createPosts({ seed, network, posts }, common),
  };
}

function createAge(network: Network, random: Random): AgeCurve {
  const { slow, halfFor, tailFor } = defaultAgeCurves[network];
  return {
    slow,
    halfFor: halfFor * Math.exp(0.25 * normal(random)),
    tailFor: tailFor * Math.exp(0.25 * normal(random)),
  };
}

function createPosts(
  { seed, network, posts }: { seed: number; network: Network; posts: number },
  common: Float64Array,
): Pick<Channel, 'quality' | 'luck' | 'viewsNoise'> {
  const mine = createQuality(createRandom('own', seed, network), posts);
  const viral = createRandom('viral', seed, network);
  const noise = createRandom('luck', seed, network);
  const quality = mine.map(
    (value, i) =>
      Math.sqrt(sharedQuality) * (common[i] as number) +
      Math.sqrt(1 - sharedQuality) * value +
      goViral(viral),
  );
  return {
    quality,
    luck: Float64Array.from({ length: posts }, () => noise()),
    viewsNoise: quality.map(
      (value) => 0.53 * (0.6 * (value / qualitySpread) + 0.8 * normal(noise)),
    ),
  };
}

/** Log-normal, each a little like the one before. */
function createQuality(random: Random, posts: number): Float64Array {
  const quality = new Float64Array(posts);
  let last = normal(random);
  for (let i = 0; i < posts; i++) {
    last = 0.2 * last + Math.sqrt(1 - 0.04) * normal(random);
    quality[i] = qualitySpread * last;
  }
  return quality;
}

/** Three posts in two hundred go far beyond the followers. */
function goViral(random: Random): number {
  const isViral = random() < 0.015;
  const reach = Math.min(60, (1 - random()) ** (-1 / 1.3));
  return isViral ? Math.log(reach) : 0;
}

/** The same people use each network a little differently. */
function deviate(regions: readonly Region[], random: Random): Region[] {
  return regions.map((region) => {
    const noise = smoothNoise(random, 0.15);
    return {
      ...region,
      activity: toMeanOne(region.activity.map((value, i) => value * Math.exp(noise[i] as number))),
    };
  });
}

function createLevels(
  random: Random,
  { base, weeks, plan }: { base: number; weeks: number; plan: Change },
): Float64Array {
  let wander = 0;
  return Float64Array.from({ length: weeks }, (_, week) => {
    wander += 0.06 * normal(random);
    return base * Math.exp(wander + (week >= plan.week ? plan.jump : 0));
  });
}

/** There are no releases between 23 and 7. */
export const openFrom = 7;
export const openTo = 23;
const isOpenStep = (i: number) =>
  (i % (weekSteps / 7)) / 6 >= openFrom && (i % (weekSteps / 7)) / 6 < openTo;

function toOpenMean(values: Float64Array): Float64Array {
  const open = values.filter((_, i) => isOpenStep(i));
  const mean = open.reduce((sum, one) => sum + one, 0) / open.length;
  return values.map((one) => one / mean);
}

/** Standard deviation of the logarithm over the open hours. */
export function slotSpread({ before }: Channel): number {
  const logs = [...before].filter((_, i) => isOpenStep(i)).map(Math.log);
  const mean = logs.reduce((sum, one) => sum + one, 0) / logs.length;
  return Math.sqrt(logs.reduce((sum, one) => sum + (one - mean) ** 2, 0) / logs.length);
}
