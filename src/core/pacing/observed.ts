import { type Counts, type Measure, type Sample, scoreOf } from '../engagement.ts';
import type { Network } from '../network/network.ts';
import type { Instant } from '../time.ts';

/** One delivery that was measured: what it had at its newest sample. */
export interface Observed {
  account: string;
  network: Network;
  /** Only used to find the same post on several accounts. */
  post: string;
  at: Instant;
  measuredAt: Instant;
  counts: Counts;
}

/** The account whose pace is asked for. */
export interface Paced {
  id: string;
  network: Network;
}

/** The newest sample of each delivery, oldest release first. */
export function toObserved(samples: readonly Sample[]): Observed[] {
  const newest = new Map<string, Sample>();
  for (const sample of samples)
    if (sample.at >= (newest.get(sample.delivery)?.at ?? -Infinity))
      newest.set(sample.delivery, sample);
  return [...newest.values()]
    .map(({ account, network, post, releasedAt, at, counts }) => ({
      account,
      network,
      post,
      at: releasedAt,
      measuredAt: at,
      counts,
    }))
    .sort((a, b) => a.at - b.at);
}

/** The number that counts as the reaction to a post. */
export type Echo = 'score' | Measure;

/** Undefined where the network does not give the number. */
export function echoOf(counts: Counts, echo: Echo): number | undefined {
  if (echo !== 'score') return counts[echo];
  const { likes, reposts, replies, quotes } = counts;
  const isCounted = [likes, reposts, replies, quotes].some((one) => one !== undefined);
  return isCounted ? scoreOf(counts) : undefined;
}

/**
 * Overdispersion: how many times more than a Poisson count the echo varies, since a reply counts
 * double. Σ w²n / Σ w n over the counts n with weights w: 1 for likes alone, 2 for replies alone. A
 * score divided by it varies about like a count. Starts from a usual mixture (28 / 20 = 1.4), so
 * that three posts change it little.
 */
export function lumpOf(all: readonly Counts[], echo: Echo): number {
  if (echo !== 'score') return 1;
  let [sum, squares] = [20, 28];
  for (const { likes = 0, reposts = 0, replies = 0, quotes = 0 } of all) {
    sum += likes + 2 * (reposts + replies + quotes);
    squares += likes + 4 * (reposts + replies + quotes);
  }
  return squares / sum;
}
