import { networkNames, type Network } from '../network/network.ts';
import { plural } from '../plural.ts';
import type { Instant } from '../time.ts';
import { normalCdf, z80 } from './math/distributions.ts';
import { scoreAt, type SlotModel } from './slots/slot-model.ts';
import { hourOfWeek, hoursOfWeek, readCurve } from './slots/week-clock.ts';

/** How likely a slot beats the median slot. */
export type Confidence = 'no real difference' | 'low' | 'fair' | 'good';

export interface SlotFigures {
  /** How many times the account's usual post, with its 80 % range. */
  times: number;
  low: number;
  high: number;
  /** The probability that it beats the median of the open slots. */
  chance: number;
  confidence: Confidence;
  /** Posts within two hours of it on such days, by network. */
  near: Partial<Record<Network, number>>;
}

export function confidenceOf(chance: number): Confidence {
  if (chance < 0.65) return 'no real difference';
  if (chance < 0.85) return 'low';
  return chance <= 0.95 ? 'fair' : 'good';
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
  const sorted = others
    .map((one) => ({ one, score: readCurve(model.scores, one) }))
    .sort((a, b) => a.score - b.score);
  const middle = sorted[Math.floor(sorted.length / 2)]?.one ?? position;
  const score = scoreAt(model, at);
  const variance = 1 / readCurve(model.a, position);
  const sd = Math.sqrt(variance);
  const chance = normalCdf(
    (score - readCurve(model.scores, middle)) /
      Math.sqrt(variance + 1 / readCurve(model.a, middle)),
  );
  return {
    times: Math.exp(score),
    low: Math.exp(score - z80 * sd),
    high: Math.exp(score + z80 * sd),
    chance,
    confidence: confidenceOf(chance),
    near: nearOf(model, position),
  };
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
  const { chance, confidence } = figures;
  const sure =
    confidence === 'no real difference'
      ? 'no real difference to the other times so far'
      : `confidence ${confidence}: ${Math.round(100 * chance)} % that it beats an average time`;
  return `${tellFigures(figures)}; ${sure}`;
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
  return `about ${times.toFixed(2)} times your usual post (${range}), ${from}`;
}
