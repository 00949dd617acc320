import { createHash } from 'node:crypto';
import type { Network } from '../../core/network/network.ts';
import { hour, type Instant } from '../../core/time.ts';
import type { Counts } from './network-row.ts';
import { personId, rowOf } from './network-rows.ts';
import type { SandboxPost, World } from './world.ts';

export interface Audience {
  /** Makes another crowd of the same make. */
  seed: string;
  /** How many times faster than life the crowd reacts. */
  speed: number;
  /**
   * What a test's audience makes of a post, in place of the crowd: a post and its age in
   * milliseconds.
   */
  imagine?: ((post: SandboxPost, age: number) => Partial<Counts>) | undefined;
}

/** UTC hours, 0 to 23: a crowd that is mostly in Europe. The mean is about 1. */
const activity = [
  0.62, 0.55, 0.52, 0.52, 0.58, 0.72, 0.92, 1.12, 1.24, 1.2, 1.14, 1.18, 1.22, 1.14, 1.08, 1.1,
  1.18, 1.28, 1.32, 1.28, 1.16, 1.02, 0.86, 0.72,
];

type Imagined = Pick<SandboxPost, 'network' | 'id' | 'at'>;

interface Readers {
  followers: number;
  seed?: string;
}

/**
 * What a crowd has made of a post by this age: a pure function of all its arguments, so it is the
 * same after a restart, and never shrinks with age. Most posts get little, a few get very much
 * (log-normal).
 */
export function imagineCounts(
  post: Imagined,
  { followers, seed = '' }: Readers,
  age: number,
): Counts {
  const { likes, reposts, replies, quotes, views } = imagineCrowd(post, followers, seed);
  const share = shareByAge(post.network, age / hour);
  return {
    likes: countArrived(likes, share),
    reposts: countArrived(reposts, share),
    replies: countArrived(replies, share),
    quotes: countArrived(quotes, share),
    views: Math.floor(views * share),
  };
}

interface Guests {
  total: number;
  random: () => number;
}

function imagineCrowd(post: Imagined, followers: number, seed: string) {
  const random = createRandom(`${seed} ${post.network} ${post.id}`);
  const appeal = Math.exp(1.05 * normal(random) - 0.3);
  const crowd = 0.03 * followers ** 0.8 * appeal * activityAt(post.at);
  const { echoes } = rowOf(post.network);
  const invite = (mean: number): Guests => ({
    total: poisson(random, mean),
    random: createRandom(`${seed} ${post.id} ${mean}`),
  });
  return {
    crowd,
    likes: invite(crowd),
    reposts: invite(crowd * echoes.reposts),
    replies: invite(crowd * echoes.replies),
    quotes: invite(crowd * echoes.quotes),
    views: (followers * 0.25 + crowd * 28) * (0.8 + 0.4 * random()),
  };
}

/**
 * At which age each of the replies came that imagineCounts counts, the earliest first (of a crowd
 * beyond measure, the first few thousand).
 */
export function imagineReplies(
  post: Imagined,
  { followers, seed = '' }: Readers,
  age: number,
): number[] {
  const { total, random } = imagineCrowd(post, followers, seed).replies;
  const share = shareByAge(post.network, age / hour);
  const moments = Array.from({ length: Math.min(total, most) }, random);
  return moments
    .filter((moment) => moment < share)
    .map((moment) => ageAtShare(post.network, moment))
    .sort((a, b) => a - b);
}

/** So many open the link for each one who likes the post. */
const tapsPerLike = 0.8;

/** How many have opened the link of a post by this age. */
export function imagineTaps(post: Imagined, { followers, seed = '' }: Readers, age: number) {
  const { crowd } = imagineCrowd(post, followers, seed);
  const random = createRandom(`${seed} ${post.id} taps`);
  const total = poisson(random, crowd * tapsPerLike);
  return countArrived({ total, random }, shareByAge(post.network, age / hour));
}

export function followersOf(world: World, post: SandboxPost): number {
  return (
    world.people.find(
      (person) => person.network === post.network && personId(person) === post.author,
    )?.followers ?? 500
  );
}

const nothing: Counts = { likes: 0, reposts: 0, replies: 0, quotes: 0, views: 0 };

/**
 * The same for a post that stands in the world, plus the replies, quotes and reposts that really
 * stand there.
 */
export function countAudience(
  world: World,
  { seed, speed, imagine }: Audience,
  post: SandboxPost,
): Counts {
  const age = Math.max(0, world.clock.now() - post.at) * speed;
  const counts = imagine
    ? { ...nothing, ...imagine(post, age) }
    : imagineCounts(post, { followers: followersOf(world, post), seed }, age);
  const others = world.posts(post.network);
  return {
    ...counts,
    reposts: counts.reposts + world.reposts(post.network, post.id).length,
    replies: counts.replies + others.filter(({ inReplyTo }) => inReplyTo === post.id).length,
    quotes: counts.quotes + others.filter(({ quotes }) => quotes === post.id).length,
  };
}

function activityAt(at: Instant): number {
  const date = new Date(at);
  const isWeekend = date.getUTCDay() % 6 === 0;
  const now = activity[date.getUTCHours()] ?? 1;
  const next = activity[(date.getUTCHours() + 1) % 24] ?? 1;
  return (now + (next - now) * (date.getUTCMinutes() / 60)) * (isWeekend ? 0.9 : 1);
}

function shareByAge(network: Network, hours: number): number {
  const { slow, half, tail } = rowOf(network).decay;
  return (1 - slow) * (1 - 2 ** (-hours / half)) + slow * (1 - Math.exp(-hours / tail));
}

/** By halving, the age at which the share is reached; 1000 hours are without end. */
function ageAtShare(network: Network, share: number): number {
  let [from, to] = [0, 1000 * hour];
  for (let i = 0; i < 60; i++) {
    const middle = (from + to) / 2;
    if (shareByAge(network, middle / hour) > share) to = middle;
    else from = middle;
  }
  return from;
}

/** For more than these there are no moments of their own. */
const most = 5000;

/** Each who will come has a moment of their own: those whose moment has passed are here. */
function countArrived({ total, random }: Guests, share: number): number {
  if (total > most) return Math.floor(total * share);
  let here = 0;
  for (let i = 0; i < total; i++) if (random() < share) here++;
  return here;
}

/** mulberry32, seeded by a hash. */
function createRandom(seed: string): () => number {
  let state = createHash('sha256').update(seed).digest().readUInt32LE();
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function poisson(random: () => number, mean: number): number {
  if (mean > 60) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  let count = -1;
  for (let left = 1, floor = Math.exp(-mean); left > floor; left *= random()) count++;
  return count;
}
