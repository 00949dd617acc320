import type { Network } from '../../network/network.ts';
import { day, type Instant } from '../../time.ts';
import { type AgeCurves, matureShare, shareByAge } from '../age-curve.ts';
import { type Echo, echoOf, lumpOf, type Observed, type Paced } from '../observed.ts';
import type { Row } from './slot-fit.ts';
import { hourOfWeek, readCurve } from './week-clock.ts';

/** A row with what was counted. */
export interface CountedRow extends Row {
  at: Instant;
  /** A score is divided by its lump, so that it varies like a count. */
  count: number;
  /** The logarithm of the share of its final numbers that the post has at this age. */
  logShare: number;
  /** Halves every eight weeks. */
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

const halfLife = 8 * 7 * day;
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
 * are old enough.
 */
export function toRows(input: RowsInput): Rows {
  const responses: Response[] = [];
  const rows: CountedRow[] = [];
  const postIds = new Map<string, number>();
  const postOf = (id: string) => {
    if (!postIds.has(id)) postIds.set(id, postIds.size);
    return postIds.get(id) ?? 0;
  };
  input.accounts.forEach((paced, account) => {
    for (const echo of ['score', 'views'] as const) {
      const usable = usableOf(paced, echo, input);
      if (usable.length < (echo === 'views' ? fewestViews : 1)) continue;
      const response = responses.push({ account, isViews: echo === 'views' }) - 1;
      const lumped = usable.map(({ counts }) => counts);
      const toRow = rowMaker(input, { echo, network: paced.network, lump: lumpOf(lumped, echo) });
      for (const one of usable)
        rows.push({ post: postOf(one.post), response, account, ...toRow(one) });
    }
  });
  const byPost: number[][] = Array.from({ length: postIds.size }, () => []);
  rows.forEach(({ post }, i) => byPost[post]?.push(i));
  return { rows, responses, posts: byPost };
}

/** Oldest first. */
function usableOf({ id, network }: Paced, echo: Echo, { posts, now, ages }: RowsInput): Observed[] {
  return posts
    .filter(
      (one) =>
        one.account === id &&
        one.at <= now &&
        now - one.at < oldest &&
        echoOf(one.counts, echo) !== undefined &&
        shareByAge(network, one.measuredAt - one.at, ages) >= matureShare,
    )
    .sort((a, b) => a.at - b.at);
}

function rowMaker(
  { zone, now, curve, ages }: RowsInput,
  { echo, network, lump }: { echo: Echo; network: Network; lump: number },
) {
  return ({ at, measuredAt, counts }: Observed) => {
    const position = hourOfWeek(at, zone);
    return {
      position,
      prior: readCurve(curve, position),
      at,
      count: (echoOf(counts, echo) ?? 0) / lump,
      logShare: Math.log(shareByAge(network, measuredAt - at, ages)),
      weight: 2 ** (-(now - at) / halfLife),
    };
  };
}
