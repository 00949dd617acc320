import { networkNames, type Network } from '../network/network.ts';
import { plural } from '../plural.ts';
import type { Instant } from '../time.ts';
import { normalCdf, z80 } from './math/distributions.ts';
import { scoreAt, type SlotModel } from './slots/slot-model.ts';
import { hourOfWeek, hoursOfWeek, readCurve } from './slots/week-clock.ts';

/** How sure it is that a slot beats the median slot. */
export type Confidence = 'no real difference' | 'fair' | 'good';

export interface SlotFigures {
  /** How many times a post at an average time, with its 80 % range. */
  times: number;
  low: number;
  high: number;
  /**
   * The probability that it beats the median of the open slots, and that it falls behind; both
   * corrected for having been picked among them. 0 where no post is near it.
   */
  above: number;
  below: number;
  confidence: Confidence;
  /** Posts within two hours of it on such days, by network. */
  near: Partial<Record<Network, number>>;
}

/** Below this nothing is called a difference. */
const surely = 0.9;

export function confidenceOf(chance: number): Confidence {
  if (chance < surely) return 'no real difference';
  return chance < 0.97 ? 'fair' : 'good';
}

/** Hours so near each other on such days are worth about the same: they are one choice. */
const blockFor = 4;
const blockOf = (position: number) =>
  `${Math.floor((position % 24) / blockFor)} ${isWeekend(position)}`;

/**
 * The best of many is likely to look good by chance. By Bonferroni: the chance of an error is that
 * of one block of hours times the number of blocks that were open.
 */
function correct(chance: number, positions: readonly number[]): number {
  const blocks = new Set(positions.map(blockOf)).size;
  return Math.max(0, 1 - (1 - chance) * Math.max(1, blocks));
}

/** `alternatives` are the other open times; absent: the whole week. */
export function figuresOf(
  model: SlotModel,
  at: Instant,
  alternatives: readonly Instant[] = [],
): SlotFigures {
  const position = hourOfWeek(at, model.zone);
  const others = alternatives.length
    ? alternatives.map((one) => hourOfWeek(one, model.zone))
    : Array.from({ length: hoursOfWeek }, (_, i) => i + 0.5);
  const scored = others
    .map((one) => ({ one, score: readCurve(model.scores, one) }))
    .sort((a, b) => a.score - b.score);
  const average = scored.reduce((sum, { score }) => sum + score, 0) / scored.length;
  const sd = Math.sqrt(1 / readCurve(model.a, position) + (model.rough ?? 0));
  const score = scoreAt(model, at) - average;
  const near = nearOf(model, position);
  const middle = scored[Math.floor(scored.length / 2)]?.one ?? position;
  const chance = chanceAbove(model, position, middle);
  const isKnown = model.count > 0 && Object.keys(near).length > 0;
  const above = isKnown ? correct(chance, others) : 0;
  return {
    times: Math.exp(score),
    low: Math.exp(score - z80 * sd),
    high: Math.exp(score + z80 * sd),
    above,
    below: isKnown ? correct(1 - chance, others) : 0,
    confidence: confidenceOf(above),
    near,
  };
}

/** The probability that one moment of the week is worth more than another. */
function chanceAbove({ scores, a, common = 0 }: SlotModel, one: number, other: number): number {
  const apart = readCurve(scores, one) - readCurve(scores, other);
  const variance = [one, other].reduce(
    (sum, position) =>
      sum + Math.max(0.1 / readCurve(a, position), 1 / readCurve(a, position) - common),
    0,
  );
  return normalCdf(apart / Math.sqrt(variance));
}

const isWeekend = (position: number) => position >= 120;

function nearOf(model: SlotModel, position: number): Partial<Record<Network, number>> {
  const near: Partial<Record<Network, number>> = {};
  for (const [network, hours] of Object.entries(model.posts) as [Network, number[]][]) {
    let count = 0;
    hours.forEach((posts, i) => {
      const apart = Math.abs(((i + 0.5) % 24) - (position % 24));
      if (Math.min(apart, 24 - apart) <= 2 && isWeekend(i) === isWeekend(position)) count += posts;
    });
    if (count > 0) near[network] = count;
  }
  return near;
}

/**
 * Why this slot: what it is worth, from how many posts, and how certain that is. Where nothing is
 * known, the sentence says so. `alternatives` are the other times that were open that day.
 */
export function explainSlot(
  model: SlotModel,
  at: Instant,
  alternatives: readonly Instant[] = [],
): string {
  const figures = figuresOf(model, at, alternatives);
  return `${tellFigures(figures)}; ${tellSure(figures.above, 'it beats')}`;
}

export function tellSure(chance: number, does: string): string {
  const confidence = confidenceOf(chance);
  if (confidence === 'no real difference') return 'no real difference to the other times so far';
  return `confidence ${confidence}: ${Math.floor(100 * chance)} % that ${does} an average time`;
}

/** What a time is worth, in which range, and from how many posts. */
export function tellFigures({
  times,
  low,
  high,
  near,
}: Pick<SlotFigures, 'times' | 'low' | 'high' | 'near'>): string {
  const total = Object.values(near).reduce((sum, one) => sum + one, 0);
  const byNetwork = Object.entries(near)
    .map(([network, count]) => `${count} ${networkNames[network as Network]}`)
    .join(', ');
  const from = total
    ? `from ${plural(total, 'post')} near this time (${byNetwork}) and the general pattern`
    : 'from the general pattern alone, no post of yours was near this time yet';
  const range = `80 % range ${low.toFixed(2)} to ${high.toFixed(2)}`;
  return `about ${times.toFixed(2)} times a post at an average time (${range}), ${from}`;
}
