import { personas } from '../../src/rehearsal/audience/personas.ts';
import { beta, gamma, normal, type Random } from './random.ts';

/** Values of a week are kept for every ten minutes. */
export const stepsPerHour = 6;
export const weekSteps = 168 * stepsPerHour;

const circular = (a: number, b: number) => {
  const apart = Math.abs(a - b) % 24;
  return Math.min(apart, 24 - apart);
};

/**
 * Some look at any hour: so many that the busiest hour has nine to ten times the quietest one's. At
 * weekends fewer do.
 */
const always = 0.065;
const weekendShare = 0.85;

/** How many of a region's people look at their feed, over their own week; the mean is 1. */
export function createActivity(random: Random): Float64Array {
  const shares = personas.map(({ share }) => gamma(random, share));
  const moved = personas.map(() => normal(random) * 0.7);
  const wave = smoothNoise(random, 0.12);
  const activity = new Float64Array(weekSteps);
  for (let i = 0; i < weekSteps; i++) {
    const hour = (i / stepsPerHour) % 24;
    const isWeekend = i >= 120 * stepsPerHour;
    let sum = always * shares.reduce((total, one) => total + one, 0);
    personas.forEach(({ workday, weekend }, p) => {
      for (const [at, height, width] of isWeekend ? weekend : workday)
        sum +=
          (shares[p] ?? 0) *
          height *
          Math.exp(-(circular(hour, at + (moved[p] ?? 0)) ** 2) / (2 * width * width));
    });
    activity[i] = sum * (isWeekend ? weekendShare : 1) * Math.exp(wave[i] as number);
  }
  return toMeanOne(activity);
}

/** A daily wave and a weekly one, so that neighbouring hours go together. */
export function smoothNoise(random: Random, sd: number): Float64Array {
  const noise = new Float64Array(weekSteps);
  const waves = [7, 14, 21, 28, 1, 2, 3, 8, 6].map((k) => ({
    k,
    cos: normal(random),
    sin: normal(random),
  }));
  for (let i = 0; i < weekSteps; i++) {
    let sum = 0;
    for (const { k, cos, sin } of waves) {
      const angle = (2 * Math.PI * k * i) / weekSteps;
      sum += cos * Math.cos(angle) + sin * Math.sin(angle);
    }
    noise[i] = (sd * sum) / Math.sqrt(waves.length);
  }
  return noise;
}

export function toMeanOne(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  return values.map((one) => one / mean);
}

/**
 * Followers of one account by where they live: share, hours ahead of the account, and their week.
 */
export type Region = { share: number; ahead: number; activity: Float64Array };

/** Mostly at home; in a fifth of the worlds mostly abroad, which the policies do not know. */
export function createRegions(random: Random): Region[] {
  const home = random() < 0.2 ? 0.15 : beta(random, 5, 3);
  const split = beta(random, 2, 2);
  const ahead = () => Math.round((random() < 0.5 ? -1 : 1) * (1 + 9 * random()));
  return [
    { share: home, ahead: 0, activity: createActivity(random) },
    { share: (1 - home) * split, ahead: ahead(), activity: createActivity(random) },
    { share: (1 - home) * (1 - split), ahead: ahead(), activity: createActivity(random) },
  ];
}

export interface Feed {
  /** Share that the network shows again later, and for how many hours. */
  slow: number;
  tail: number;
  /** How fast the chronological part buries a post, per hour. */
  burial: number;
  /**
   * How far the number of posts by others follows the readers: 1 leaves nothing to gain by the
   * time.
   */
  tracking: number;
}

const horizon = 48 * stepsPerHour;
const everybody = Float64Array.from(
  { length: weekSteps },
  (_, i) => 1 + 0.45 * Math.cos((2 * Math.PI * (i / stepsPerHour - 16)) / 24),
);

/**
 * What a post at each moment of the account's week is worth to these followers: readers while it is
 * near the top, and those whom it is shown again.
 */
export function valueOver(
  regions: readonly Region[],
  { slow, burial, tail, tracking }: Feed,
): Float64Array {
  const values = new Float64Array(weekSteps);
  const step = 1 / stepsPerHour;
  const decay = Math.exp(-step / tail);
  for (const { share, ahead, activity } of regions) {
    const local = (i: number) =>
      activity[(i + ahead * stepsPerHour + 2 * weekSteps) % weekSteps] as number;
    const [readers, buried] = [
      new Float64Array(weekSteps + horizon),
      new Float64Array(weekSteps + horizon),
    ];
    for (let i = 0; i < readers.length; i++) {
      readers[i] = local(i);
      buried[i] = Math.exp(
        -burial *
          step *
          (1 - tracking + tracking * (0.7 * local(i) + 0.3 * (everybody[i % weekSteps] as number))),
      );
    }
    for (let t = 0; t < weekSteps; t++) {
      let [fresh, again, near, shown] = [0, 0, 1, 1];
      for (let a = 0; a < horizon; a++) {
        const read = readers[t + a] as number;
        fresh += read * near;
        again += read * shown;
        near *= buried[t + a] as number;
        shown *= decay;
      }
      values[t] =
        (values[t] as number) +
        share * step * ((1 - slow) * burial * fresh + (slow / tail) * again);
    }
  }
  return values;
}
