import { chance } from '../../core/chance.ts';
import type { Counts } from '../../core/engagement.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { shareByAge } from '../../core/pacing/age-curve.ts';
import { day, type Instant } from '../../core/time.ts';
import { type Crowd, expectEcho, loadAt } from './crowd.ts';
import { arrivedBy, countOf, normalOf } from './luck.ts';

/** A release as the audience sees it. */
export interface Said {
  delivery: string;
  post: string;
  at: Instant;
  /** It tires the audience, and has no numbers of its own. */
  isRepost?: boolean;
}

export interface Audience {
  /** Shows it to the account's crowd: from now on it has numbers, and tires the audience. */
  hear(account: string, said: Said): void;
  /** Its counts at this instant. */
  countsOf(delivery: string, at: Instant): Counts;
  /**
   * Its expected score, if it were of average quality, so that policies are compared by their own
   * decisions.
   */
  expectedOf(delivery: string): number | undefined;
  followersOf(account: string, at: Instant): number;
}

interface Heard extends Said {
  crowd: Crowd;
  expected: number;
}

const spread = 0.8;
/** Half of a post's quality is the same on all networks: an assumption (bench/PACING.md). */
const shared = 0.5;

/** A post's factor on the usual echo: log-normal with mean 1, and now and then a viral post. */
export function qualityOf(seed: number, post: string, account: string): number {
  const good =
    Math.sqrt(shared) * normalOf('post', seed, post) +
    Math.sqrt(1 - shared) * normalOf('post', seed, post, account);
  // A Pareto tail.
  const reach = Math.min(60, (1 - chance('reach', seed, post, account)) ** (-1 / 1.3));
  const viral = chance('viral', seed, post, account) < 0.015 ? reach : 1;
  return Math.exp(spread * good - spread ** 2 / 2) * viral;
}

/** The same seed gives the same audience; the quality of a post does not depend on its time. */
export function openAudience(seed: number, crowds: readonly Crowd[]): Audience {
  const byAccount = new Map(
    crowds.map((crowd) => [
      crowd.account,
      { crowd, times: [] as Instant[], people: openPeople(seed, crowd) },
    ]),
  );
  const heard = new Map<string, Heard>();
  return {
    hear(account, said) {
      const its = byAccount.get(account);
      if (!its || heard.has(said.delivery)) return;
      heard.set(said.delivery, {
        ...said,
        crowd: its.crowd,
        expected: said.isRepost ? 0 : expectEcho(its.crowd, said.at, its.times),
      });
      its.times.push(said.at);
      its.times.sort((a, b) => a - b);
    },
    countsOf(delivery, at) {
      const found = heard.get(delivery);
      return found ? countAt(seed, found, at) : {};
    },
    expectedOf: (delivery) => heard.get(delivery)?.expected,
    followersOf(account, at) {
      const its = byAccount.get(account);
      return its ? its.people(at, its.times) : 0;
    },
  };
}

/** Assumed, since no network tells: so many open a link for each one who likes the post. */
const clicksPerLike = 0.8;

function countAt(
  seed: number,
  { crowd, delivery, post, at: saidAt, expected }: Heard,
  at: Instant,
): Counts {
  const { network, account, followers } = crowd;
  const { echoes, tellsViews } = traitsOf(network);
  const { reposts, replies, quotes } = echoes;
  const share = shareByAge(network, at - saidAt);
  const likes =
    (expected * qualityOf(seed, post, account)) / (1 + 2 * (reposts + replies + quotes));
  const of = (what: string, mean: number) =>
    arrivedBy(countOf(mean, seed, delivery, what), share, seed, delivery, what, 'when');
  const counts: Counts = {
    likes: of('likes', likes),
    reposts: of('reposts', likes * reposts),
    replies: of('replies', likes * replies),
    quotes: of('quotes', likes * quotes),
    clicks: of('clicks', likes * clicksPerLike),
  };
  if (tellsViews)
    counts.views = Math.floor(
      (followers * 0.25 + likes * 28) * (0.8 + 0.4 * chance('views', seed, delivery)) * share,
    );
  return counts;
}

/** Followers grow slowly, with some noise, and leave an account that posts too much. */
function openPeople(seed: number, { account, followers, half }: Crowd) {
  let [count, date] = [followers, Number.NaN];
  return (at: Instant, times: readonly Instant[]): number => {
    const today = Math.floor(at / day);
    if (Number.isNaN(date)) date = today;
    for (; date < today; date++) {
      const tired = Math.max(0, loadAt((date + 1) * day, times) / half - 1);
      count +=
        followers * (0.0008 - 0.004 * tired) +
        0.05 * Math.sqrt(followers) * normalOf('people', seed, account, date);
    }
    return Math.max(0, Math.round(count));
  };
}
