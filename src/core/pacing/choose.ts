import type { OpenTime } from '../schedule/cadence.ts';
import { chance } from '../chance.ts';
import { hour, type Instant, minute } from '../time.ts';
import { scoreAt, type SlotModel } from './slots/slot-model.ts';

export interface ChooseInput {
  model: Pick<SlotModel, 'scores' | 'zone'>;
  /** Of one local date. */
  openTimes: readonly OpenTime[];
  count: number;
  minGapFor: number;
  /** Other releases of the account, those of the days around included. */
  taken: readonly Instant[];
  /** The same seed, the same times. */
  seed: string;
  /** Nothing at or before this. */
  after?: Instant;
  /**
   * The share of releases at a random allowed time rather than at the best one, so that a wrong
   * model is corrected.
   */
  probes?: number;
}

export interface Chosen {
  at: Instant;
  /** Of the model, at the chosen time. */
  score: number;
  /** The penalty for the nearest other release. */
  nearness: number;
  isProbe: boolean;
}

const maxJitterFor = 7 * minute;
/** Of the candidates; a finer step is only tried where fewer than `count` fit. */
const steps = [15 * minute, 5 * minute, minute];

/**
 * `count` times of one date, oldest first, or as many as fit. Each is the best that leaves room for
 * the others at `minGapFor`, moved a little by seeded chance.
 */
export function chooseTimes({
  model,
  openTimes,
  count,
  minGapFor,
  taken,
  seed,
  after = -Infinity,
  probes = 0,
}: ChooseInput): Chosen[] {
  const open = openTimes
    .map(({ from, to }) => ({ from: Math.max(from, after + 1), to }))
    .filter(({ from, to }) => to > from);
  const isFree = (at: Instant) => taken.every((other) => Math.abs(other - at) >= minGapFor);
  let best: Picked[] = [];
  for (const step of steps) {
    const free = candidatesOf(open, step).filter(isFree);
    const fitting = Math.min(count, countFitting(free, minGapFor));
    if (fitting > best.length)
      best = pick({ model, free, count: fitting, minGapFor, taken, seed, probes });
    if (best.length === count) break;
  }
  best.sort((a, b) => a.at - b.at);
  const settled = jitter(
    best.map(({ at }) => at),
    { open, minGapFor, taken, seed },
  );
  return settled.map((at, i) => {
    const others = [...taken, ...settled.filter((_, other) => other !== i)];
    return {
      at,
      score: scoreAt(model, at),
      nearness: nearness(at, others),
      isProbe: best[i]?.isProbe ?? false,
    };
  });
}

function candidatesOf(open: readonly OpenTime[], step: number): Instant[] {
  const candidates: Instant[] = [];
  for (const { from, to } of open) for (let at = from; at < to; at += step) candidates.push(at);
  return candidates;
}

/** How many fit at this distance: greedily, each as early as possible, which is optimal. */
function countFitting(free: readonly Instant[], gap: number): number {
  let [fitting, last] = [0, -Infinity];
  for (const at of free)
    if (at - last >= gap) {
      fitting++;
      last = at;
    }
  return fitting;
}

/**
 * What a release so near costs, as a logarithm of the echo: about a tenth within the hour, hardly
 * anything after nine hours.
 */
function nearness(at: Instant, others: readonly Instant[]): number {
  let nearest = Infinity;
  for (const other of others) nearest = Math.min(nearest, Math.abs(other - at));
  return 0.12 * Math.exp(-nearest / (3 * hour));
}

type Picked = Pick<Chosen, 'at' | 'isProbe'>;
type PickInput = Required<
  Pick<ChooseInput, 'model' | 'count' | 'minGapFor' | 'taken' | 'seed' | 'probes'>
> & { free: Instant[] };

function pick({ model, free, count, minGapFor, taken, seed, probes }: PickInput): Picked[] {
  const scores = new Map(free.map((at) => [at, scoreAt(model, at)]));
  const picked: Picked[] = [];
  let left = free;
  for (let i = 0; i < count; i++) {
    const others = [...taken, ...picked.map(({ at }) => at)];
    const isProbe = probes > 0 && chance('probe', seed, i) < probes;
    const worth = (at: Instant) =>
      isProbe ? chance('probe at', seed, i, at) : (scores.get(at) ?? 0) - nearness(at, others);
    const room = left;
    const without = (at: Instant) => room.filter((other) => Math.abs(other - at) >= minGapFor);
    const ranked = room
      .map((at) => ({ at, worth: worth(at) }))
      .sort((a, b) => b.worth - a.worth || a.at - b.at);
    const chosen = ranked.find(({ at }) => countFitting(without(at), minGapFor) >= count - i - 1);
    if (!chosen) break;
    picked.push({ at: chosen.at, isProbe });
    left = without(chosen.at);
  }
  return picked;
}

interface Room extends Pick<ChooseInput, 'minGapFor' | 'taken' | 'seed'> {
  open: readonly OpenTime[];
}

/**
 * Moves times off the quarters of the hour, where every scheduler posts; inside the window, and
 * never nearer than the gap.
 */
function jitter(times: readonly Instant[], { open, minGapFor, taken, seed }: Room): Instant[] {
  const settled: Instant[] = [];
  times.forEach((at, i) => {
    const window = open.find(({ from, to }) => from <= at && at < to) ?? { from: at, to: at + 1 };
    const before = Math.max(
      window.from,
      (settled.at(-1) ?? -Infinity) + minGapFor,
      ...taken.filter((other) => other <= at).map((other) => other + minGapFor),
    );
    const behind = Math.min(
      window.to - 1,
      (times[i + 1] ?? Infinity) - minGapFor,
      ...taken.filter((other) => other > at).map((other) => other - minGapFor),
    );
    const share = (chance('jitter', seed, i) - 0.5) * 2;
    const wanted = at + Math.round((share * maxJitterFor) / 1000) * 1000;
    settled.push(Math.max(before, Math.min(behind, wanted)));
  });
  return settled;
}

export interface DayToFill {
  date: string;
  openTimes: readonly OpenTime[];
  /** Other releases on the date and around it. */
  taken?: readonly Instant[];
}

/**
 * How many releases each date gets: all dates the same, and the rest to the days whose next release
 * is worth most. The share of a day without room goes to the others.
 */
export function shareOverDays(
  model: Pick<SlotModel, 'scores' | 'zone'>,
  days: readonly DayToFill[],
  { quota, minGapFor }: { quota: number; minGapFor: number },
): Record<string, number> {
  const choose = ({ openTimes, taken = [], date }: DayToFill, count: number) =>
    chooseTimes({ model, openTimes, count, minGapFor, taken, seed: date });
  const next = (day: DayToFill, count: number) => {
    const chosen = choose(day, count + 1);
    if (chosen.length <= count) return -Infinity;
    return sumOf(chosen) - (count === 0 ? 0 : sumOf(choose(day, count)));
  };
  const state = days.map((day) => ({ day, count: 0, worth: next(day, 0) }));
  for (let left = quota; left > 0; left--) {
    const open = state.filter(({ worth }) => worth > -Infinity);
    const least = Math.min(...open.map(({ count }) => count));
    const [best] = open
      .filter(({ count }) => count === least)
      .sort((a, b) => b.worth - a.worth || (a.day.date < b.day.date ? -1 : 1));
    if (!best) break;
    best.count++;
    best.worth = next(best.day, best.count);
  }
  return Object.fromEntries(state.map(({ day, count }) => [day.date, count]));
}

const sumOf = (chosen: readonly Chosen[]) =>
  chosen.reduce((sum, { score, nearness }) => sum + score - nearness, 0);
