import { chance } from '../core/chance.ts';
import type { Network } from '../core/network/network.ts';
import { defaultAgeCurves } from '../core/pacing/age-curve.ts';
import type { AudiencePlace } from '../core/pacing/prior.ts';
import { hourOfWeek } from '../core/pacing/slots/week-clock.ts';
import { day, hour, type Instant } from '../core/time.ts';
import { normalOf } from './luck.ts';
import { personas } from './personas.ts';

/** The people around one account, as the rehearsal imagines them. Nobody who plans is told. */
export interface Crowd {
  account: string;
  network: Network;
  /** The account's own. */
  zone: string;
  followers: number;
  /** Expected score of a middling post at a middling time, when nothing else was said lately. */
  level: number;
  /**
   * How many times that a post gets by when it goes out: each ten minutes of the week, mean 1 over
   * the waking hours.
   */
  week: Float64Array;
  /** So many releases a day halve each one's echo. */
  half: number;
}

export interface CrowdInput {
  seed: number;
  account: string;
  network: Network;
  zone: string;
  place: AudiencePlace;
  followers: number;
  /** What the account's posts really came to, where that is known. */
  level?: number | undefined;
}

export function createCrowd({
  seed,
  account,
  network,
  zone,
  place,
  followers,
  level,
}: CrowdInput): Crowd {
  return {
    account,
    network,
    zone,
    followers,
    level: level ?? 0.05 * followers ** 0.8,
    week: valueOver(regionsOf(place, seed), network, [seed, account]),
    // Measured nowhere; two releases a day are where most of those who say something put it.
    half: 2 * Math.exp(0.35 * normalOf('half', seed, account)),
  };
}

/**
 * What a release of middling quality is expected to get: by its hour, and by what the account had
 * said before.
 */
export function expectEcho(
  { week, level, half, zone }: Crowd,
  at: Instant,
  earlier: readonly Instant[],
): number {
  const worth = week[Math.floor(hourOfWeek(at, zone) * stepsPerHour) % weekSteps] ?? 1;
  return level * worth * shareAfter(at, earlier, half);
}

/**
 * What is left after the releases before it, oldest first: a short memory of the last hours, and a
 * long one of three days.
 */
function shareAfter(at: Instant, earlier: readonly Instant[], half: number): number {
  let [short, long] = [0, 0];
  for (let i = earlier.length - 1; i >= 0; i--) {
    const apart = at - (earlier[i] ?? 0);
    if (apart > 14 * day) break;
    short += Math.exp(-apart / (3 * hour));
    long += Math.exp(-apart / (72 * hour)) / 3;
  }
  return Math.exp(-0.15 * short) / (1 + (long / half) ** 2);
}

/** Releases a day, as three days remember them. */
export const loadAt = (at: Instant, earlier: readonly Instant[]): number =>
  earlier.reduce(
    (sum, one) =>
      one <= at && at - one < 14 * day ? sum + Math.exp((one - at) / (72 * hour)) / 3 : sum,
    0,
  );

const stepsPerHour = 6;
const weekSteps = 168 * stepsPerHour;

interface Region {
  share: number;
  /** Hours ahead of the account's zone. */
  ahead: number;
  activity: Float64Array;
}

/** Most live at home, or where the configuration says; some elsewhere. */
function regionsOf(place: AudiencePlace, seed: number): Region[] {
  const home = typeof place === 'number' ? place : 0;
  const share = place === 'worldwide' ? 0.34 : 0.6 + 0.25 * chance('home', seed);
  const abroad = [-6, 7].map((hours, i): Region => ({
    share: (1 - share) / 2,
    ahead: hours,
    activity: createActivity(seed, `abroad ${i}`),
  }));
  return [{ share, ahead: home, activity: createActivity(seed, 'home') }, ...abroad];
}

/** How many of a region's people look at their feed, over their own week; the mean is 1. */
function createActivity(seed: number, region: string): Float64Array {
  const make = personas.map(({ share }, i) => ({
    share: share * Math.exp(0.4 * normalOf('share', seed, region, i)),
    moved: 0.7 * normalOf('moved', seed, region, i),
  }));
  const all = make.reduce((sum, { share }) => sum + share, 0);
  return toMeanOne(
    Float64Array.from({ length: weekSteps }, (_, i) => {
      const clock = (i / stepsPerHour) % 24;
      const isWeekend = i >= 120 * stepsPerHour;
      let sum = 0.1 * all;
      personas.forEach(({ workday, weekend }, p) => {
        const { share = 0, moved = 0 } = make[p] ?? {};
        for (const [at, height, width] of isWeekend ? weekend : workday)
          sum += share * height * Math.exp(-(apart(clock, at + moved) ** 2) / (2 * width ** 2));
      });
      return sum;
    }),
    () => true,
  );
}

function apart(a: number, b: number): number {
  const hours = Math.abs(a - b) % 24;
  return Math.min(hours, 24 - hours);
}

function toMeanOne(values: Float64Array, counts: (step: number) => boolean): Float64Array {
  const counted = values.filter((_, i) => counts(i));
  const mean = counted.reduce((sum, one) => sum + one, 0) / counted.length;
  return values.map((one) => one / mean);
}

/** How fast a chronological feed buries a post: a mean life of about an hour and a half. */
const burial = 0.7;
const horizon = 48 * stepsPerHour;
/**
 * How far the posts of others follow the readers, and what part of a good hour reaches the numbers:
 * together, what logs of real accounts show.
 */
const tracking = 0.65;
const part = 0.78;
const isWaking = (step: number) =>
  (step / stepsPerHour) % 24 >= 7 && (step / stepsPerHour) % 24 < 23;

/**
 * What a post at each moment of the account's week is worth: readers while it is near the top, and
 * those whom the network shows it again.
 */
function valueOver(
  regions: readonly Region[],
  network: Network,
  words: (string | number)[],
): Float64Array {
  const { slow, tailFor } = defaultAgeCurves[network];
  const values = new Float64Array(weekSteps);
  const step = 1 / stepsPerHour;
  const fading = Math.exp(-step / tailFor);
  for (const { share, ahead, activity } of regions) {
    const readers = (i: number) =>
      activity[(i + ahead * stepsPerHour + 2 * weekSteps) % weekSteps] ?? 1;
    const buried = Float64Array.from({ length: weekSteps }, (_, i) => {
      const everybody = 1 + 0.45 * Math.cos((2 * Math.PI * (i / stepsPerHour - 16)) / 24);
      return Math.exp(
        -burial * step * (1 - tracking + tracking * (0.7 * readers(i) + 0.3 * everybody)),
      );
    });
    for (let t = 0; t < weekSteps; t++) {
      let [fresh, again, near, shown] = [0, 0, 1, 1];
      for (let a = 0; a < horizon; a++) {
        const read = readers(t + a);
        fresh += read * near;
        again += read * shown;
        near *= buried[(t + a) % weekSteps] ?? 1;
        shown *= fading;
      }
      values[t] =
        (values[t] ?? 0) + share * step * ((1 - slow) * burial * fresh + (slow / tailFor) * again);
    }
  }
  // The same people use each network a little differently.
  const wave = (i: number) =>
    Math.exp(
      0.05 *
        [7, 14, 1].reduce(
          (sum, k) =>
            sum + normalOf('wave', ...words, k) * Math.cos((2 * Math.PI * k * i) / weekSteps + k),
          0,
        ),
    );
  return toMeanOne(
    values.map((value, i) => value ** part * wave(i)),
    isWaking,
  );
}
