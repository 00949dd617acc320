import { type Counts, type Measure, type Sample, scoreOf } from '../engagement.ts';
import type { Network } from '../network/network.ts';
import type { Instant } from '../time.ts';

/** One delivery that was measured: what it had at its newest sample. */
export interface Observed {
  account: string;
  network: Network;
  /** The same post on several accounts tells how good it was; nothing else is read from it. */
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

/** What an echo is measured by: the score of all of it, or one number alone. */
export type Echo = 'score' | Measure;

/** Undefined where the network does not give the number. */
export function echoOf(counts: Counts, echo: Echo): number | undefined {
  if (echo !== 'score') return counts[echo];
  const isCounted =
    counts.likes !== undefined ||
    counts.reposts !== undefined ||
    counts.replies !== undefined ||
    counts.quotes !== undefined;
  return isCounted ? scoreOf(counts) : undefined;
}

/**
 * How many times more than a Poisson count the echo varies, since an answer counts double: 1 for
 * likes alone, 2 for answers alone. Divided by it, a score is again about a count. Starts from the
 * usual mixture, so that three posts decide little.
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
