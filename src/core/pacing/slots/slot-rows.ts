import type { Instant } from '../../time.ts';
import { type AgeCurves, matureShare, shareByAge } from '../age-curve.ts';
import { echoOf, lumpOf, type Observed, type Paced } from '../observed.ts';
import type { Row } from './slot-fit.ts';
import { hourOfWeek, readCurve } from './week-clock.ts';

/** A row with what was counted. */
export interface CountedRow extends Row {
  at: Instant;
  /** A score is divided by its lump, so that it varies like a count. */
  count: number;
  /** The logarithm of the share of the final numbers that its age explains. */
  logShare: number;
  /** How much it still says: halves every eight weeks. */
  weight: number;
}

export interface Response {
  account: number;
  isViews: boolean;
}

export interface Rows {
  /** Oldest first within a response. */
  rows: CountedRow[];
  responses: Response[];
  /** The rows of each post, by their index. */
  posts: number[][];
}

const halfLife = 8 * 7 * 24 * 3_600_000;
const fewestViews = 8;
const oldest = 4 * halfLife;

export interface RowsInput {
  accounts: readonly Paced[];
  posts: readonly Observed[];
  zone: string;
  now: Instant;
  curve: readonly number[];
  ages: AgeCurves;
}

/**
 * What can be learned from: each account's score, and its views where it has some, of posts that
 * are old enough to say something.
 */
export function toRows({ accounts, posts, zone, now, curve, ages }: RowsInput): Rows {
  const responses: Response[] = [];
  const rows: CountedRow[] = [];
  const postIds = new Map<string, number>();
  accounts.forEach(({ id, network }, account) => {
    const mine = posts
      .filter((one) => one.account === id && one.at <= now && now - one.at < oldest)
      .sort((a, b) => a.at - b.at);
    for (const echo of ['score', 'views'] as const) {
      const counted = mine.filter(
        (one) =>
          echoOf(one.counts, echo) !== undefined &&
          shareByAge(network, one.measuredAt - one.at, ages) >= matureShare,
      );
      if (counted.length < (echo === 'views' ? fewestViews : 1)) continue;
      const lump = lumpOf(
        counted.map(({ counts }) => counts),
        echo,
      );
      const response = responses.push({ account, isViews: echo === 'views' }) - 1;
      for (const { at, post, measuredAt, counts } of counted) {
        if (!postIds.has(post)) postIds.set(post, postIds.size);
        const position = hourOfWeek(at, zone);
        rows.push({
          post: postIds.get(post) ?? 0,
          response,
          account,
          position,
          prior: readCurve(curve, position),
          at,
          count: (echoOf(counts, echo) ?? 0) / lump,
          logShare: Math.log(shareByAge(network, measuredAt - at, ages)),
          weight: 2 ** (-(now - at) / halfLife),
        });
      }
    }
  });
  const byPost: number[][] = Array.from({ length: postIds.size }, () => []);
  rows.forEach(({ post }, i) => byPost[post]?.push(i));
  return { rows, responses, posts: byPost };
}
