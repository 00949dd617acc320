import type { Network } from './network/network.ts';
import type { Instant } from './time.ts';

/** What networks count. A number that a network does not give is absent, never 0. */
export const measures = ['likes', 'reposts', 'replies', 'quotes', 'views'] as const;
export type Measure = (typeof measures)[number];
export type Counts = Partial<Record<Measure, number>>;

/**
 * What a delivery's first part had at an instant. Replies are those of others: our own, and the
 * next parts of a thread, are taken off.
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

/**
 * One number for a post's echo: an answer or a passing on is worth two likes. Views are no echo.
 */
export function scoreOf({ likes = 0, reposts = 0, replies = 0, quotes = 0 }: Counts): number {
  return likes + 2 * (replies + reposts + quotes);
}
