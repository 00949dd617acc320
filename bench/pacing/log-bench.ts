import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import type { Observed } from '../../src/core/pacing/observed.ts';
import { priorCurve } from '../../src/core/pacing/prior.ts';
import { learnSlots, scoreAt } from '../../src/core/pacing/slots/slot-model.ts';
import { typicalOf } from '../../src/core/pacing/typical-post.ts';
import { scoreOf } from '../../src/core/engagement.ts';
import { atLocal, day, type Instant, parseLocalTime } from '../../src/core/time.ts';
import { createRandom, type Random } from './random.ts';
import { bootstrap, type Interval } from './stats.ts';

/** What exports call their columns. */
const synonyms = {
  at: 'at date datetime time created_at createdat timestamp',
  likes: 'likes like favorites favourites favorite_count like_count favs',
  reposts: 'reposts retweets retweet_count reblogs boosts shares repost_count',
  replies: 'replies comments reply_count',
};

/**
 * A log as exports and spreadsheets write it. Counts are whole numbers, `1,204` among them; a time
 * without an offset is read in the zone.
 */
export function readLog(file: string, zone: string): Observed[] {
  const [head = [], ...rows] = readRows(file);
  const columns = head.map((name) =>
    name
      .toLowerCase()
      .trim()
      .replaceAll(/[\s-]+/g, '_'),
  );
  const place = (wanted: keyof typeof synonyms) =>
    columns.findIndex((name) => synonyms[wanted].split(' ').includes(name));
  const [at, likes, reposts, replies] = [
    place('at'),
    place('likes'),
    place('reposts'),
    place('replies'),
  ];
  if (at < 0 || likes < 0)
    throw new Error(
      `${file}:1 has no columns "at" and "likes": begin with a line at,likes,reposts,replies`,
    );
  return rows
    .map((cells, i): Observed => {
      const where = `${file}:${i + 2}`;
      const instant = readInstant(cells[at] ?? '', { zone, where });
      const count = (column: number) => (column < 0 ? 0 : readCount(cells[column] ?? '', where));
      return {
        account: 'x',
        network: 'x',
        post: `${i}`,
        at: instant,
        measuredAt: instant + 7 * day,
        counts: { likes: count(likes), reposts: count(reposts), replies: count(replies) },
      };
    })
    .sort((a, b) => a.at - b.at);
}

function readRows(file: string): string[][] {
  try {
    return parse(readFileSync(file), {
      bom: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
    });
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function readInstant(cell: string, { zone, where }: { zone: string; where: string }): Instant {
  const time = parseLocalTime(cell);
  if (time) return time.at ?? atLocal(time.date, time.minutes ?? 0, zone);
  // As X's own exports write it, always with an offset: Tue Nov 24 08:30:00 +0000 2026.
  const instant = /[+-]\d{4}\b/.test(cell) ? Date.parse(cell) : Number.NaN;
  if (!Number.isNaN(instant)) return instant;
  throw new Error(`${where} "${cell}" is not a time: write it as 2026-11-24 08:30`);
}

function readCount(cell: string, where: string): number {
  const digits = cell.replaceAll(/(?<=\d)[,.\s](?=\d{3}\b)/g, '');
  if (/^\d+(\.0+)?$/.test(digits)) return Number(digits);
  if (cell === '') return 0;
  throw new Error(`${where} "${cell}" is not a whole number: leave the cell empty for none`);
}

interface Step {
  /**
   * What the past said of the time, as a logarithm, and what the post then got against its own
   * usual.
   */
  predicted: number;
  got: number;
}

export interface LogResult {
  posts: number;
  /** 1: the multiplier is what comes; 0: it says nothing. */
  slope: number;
  slopeError: number;
  /**
   * How much more, in per cent, posts at the best third of predicted times got than those at the
   * worst.
   */
  topOverBottom: Interval;
}

const warmUp = 60;
const relearnAfter = 7 * day;

/**
 * One step ahead: each post is compared with what all before it said, the curve with nothing
 * believed beforehand.
 */
export function replayLog(posts: readonly Observed[], zone: string): LogResult {
  const steps: Step[] = [];
  let learnedAt = -Infinity;
  let model: { scores: number[]; zone: string } | undefined;
  let from = 0;
  posts.forEach((one, i) => {
    if (i < warmUp) return;
    if (one.at - learnedAt > relearnAfter) {
      // A year is more than the half-life of eight weeks leaves anything of.
      while ((posts[from]?.at ?? 0) < one.at - 365 * day) from++;
      model = learnSlots({
        accounts: [{ id: 'x', network: 'x' }],
        posts: posts.slice(from, i),
        zone,
        now: one.at,
        prior: priorCurve('worldwide'),
      }).x;
      learnedAt = one.at;
    }
    const typical = typicalOf({
      account: 'x',
      network: 'x',
      posts: posts.slice(Math.max(0, i - 60), i),
      at: one.at,
    });
    if (!typical || !model) return;
    const got = Math.log(
      (scoreOf(one.counts) + 1) / (typical.lump * Math.exp(typical.level.mean) + 1),
    );
    steps.push({ predicted: scoreAt(model, one.at), got });
  });
  return judge(steps);
}

function judge(steps: readonly Step[]): LogResult {
  const n = steps.length;
  const meanOf = (values: readonly number[]) =>
    values.reduce((sum, one) => sum + one, 0) / Math.max(1, values.length);
  const [x, y] = [
    meanOf(steps.map(({ predicted }) => predicted)),
    meanOf(steps.map(({ got }) => got)),
  ];
  const spread = steps.reduce((sum, { predicted }) => sum + (predicted - x) ** 2, 0);
  const slope =
    steps.reduce((sum, { predicted, got }) => sum + (predicted - x) * (got - y), 0) / spread;
  // Robust against a variance that differs from post to post.
  const errors = steps.reduce(
    (sum, { predicted, got }) => sum + ((predicted - x) * (got - y - slope * (predicted - x))) ** 2,
    0,
  );
  const sorted = [...steps].sort((a, b) => a.predicted - b.predicted);
  const third = Math.floor(n / 3);
  const [bottom, top] = [sorted.slice(0, third), sorted.slice(-third)].map((some) =>
    some.map(({ got }) => got),
  );
  const differences = (top ?? []).map((one, i) => one - (bottom?.[i] ?? 0));
  const { mean, low, high } = bootstrap(differences);
  const percent = (value: number) => 100 * (Math.exp(value) - 1);
  return {
    posts: n,
    slope,
    slopeError: Math.sqrt(errors) / spread,
    topOverBottom: { mean: percent(mean), low: percent(low), high: percent(high) },
  };
}

/**
 * Outcomes change places within blocks of 25: the level stays what it was, what the hour did is
 * gone.
 */
export function shuffleInBlocks(posts: readonly Observed[], seed: number): Observed[] {
  const random: Random = createRandom('placebo', seed);
  const shuffled: Observed[] = [];
  for (let from = 0; from < posts.length; from += 25) {
    const block = posts.slice(from, from + 25);
    const counts = block.map((one) => one.counts);
    for (let i = counts.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [counts[i], counts[j]] = [counts[j] as Observed['counts'], counts[i] as Observed['counts']];
    }
    shuffled.push(...block.map((one, i) => ({ ...one, counts: counts[i] as Observed['counts'] })));
  }
  return shuffled;
}
