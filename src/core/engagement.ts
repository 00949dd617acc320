import type { Network } from './network/network.ts';
import type { Instant } from './time.ts';

/**
 * What networks count, and what our own door counts: `clicks` are those of people. A number that is
 * not given is absent, never 0.
 */
export const measures = ['likes', 'reposts', 'replies', 'quotes', 'views', 'clicks'] as const;
export type Measure = (typeof measures)[number];
export type Counts = Partial<Record<Measure, number>>;

/** Those that a table has a column for: clicks only where some were counted. */
export const measuresOf = (all: readonly (Counts | undefined)[]): Measure[] =>
  measures.filter((one) => one !== 'clicks' || all.some((counts) => counts?.clicks !== undefined));

/**
 * What a delivery's first part had at an instant. Replies are those of others: our own, and the
 * next parts of a thread, are subtracted.
 */
export interface Sample {
  delivery: string;
  post: string;
  account: string;
  network: Network;
  releasedAt: Instant;
  at: Instant;
  counts: Counts;
}

/** The score of a post: a reply, repost or quote is worth two likes; views do not count. */
export function scoreOf({ likes = 0, reposts = 0, replies = 0, quotes = 0 }: Counts): number {
  return likes + 2 * (replies + reposts + quotes);
}
