import { chance } from '../../core/chance.ts';
import type { Network } from '../../core/network/network.ts';
import { defaultAgeCurves } from '../../core/pacing/age-curve.ts';
import type { AudiencePlace } from '../../core/pacing/prior.ts';
import { hourOfWeek } from '../../core/pacing/slots/week-clock.ts';
import { day, hour, type Instant } from '../../core/time.ts';
import { normalOf } from './luck.ts';
import { personas } from './personas.ts';

/** The simulated audience of one account. The scheduler knows nothing of it. */
export interface Crowd {
  account: string;
  network: Network;
  /** The account's own. */
  zone: string;
  followers: number;
  /** Expected score of an average post at an average time, with no other posts lately. */
  level: number;
  /**
   * The factor on it by time of release: each ten minutes of the week, mean 1 over the waking
   * hours.
   */
  week: Float64Array;
  /** At so many releases a day, each one's echo is halved. */
  half: number;
}

export interface CrowdInput {
  seed: number;
  account: string;
  network: Network;
  zone: string;
  place: AudiencePlace;
  followers: number;
  /** The mean score of the account's own posts, where it is known. */
  level?: number | undefined;
}

export function createCrowd(input: CrowdInput): Crowd {
  const { seed, account, network, zone, place, followers } = input;
  return {
    account,
    network,
    zone,
    followers,
    level: input.level ?? 0.05 * followers ** 0.8,
    week: valueOver(regionsOf(place, seed), network, [seed, account]),
    // An assumption: most published advice puts it at about two releases a day.
    half: 2 * Math.exp(0.35 * normalOf('half', seed, account)),
  };
}

/** The expected score of a release of average quality, by its hour and the releases before. */
export function expectEcho(
  { week, level, half, zone }: Crowd,
  at: Instant,
  earlier: readonly Instant[],
): number {
  const worth = week[Math.floor(hourOfWeek(at, zone) * stepsPerHour) % weekSteps] ?? 1;
  return level * worth * shareAfter(at, earlier, half);
}

/**
 * The share of the echo after the releases before, oldest first: people tire with a memory of three
 * hours and one of three days.
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

/** Releases a day, with exponential forgetting over three days. */
export const loadAt = (at: Instant, earlier: readonly Instant[]): number =>
  earlier
    .filter((one) => one <= at && at - one < 14 * day)
    .reduce((sum, one) => sum + Math.exp((one - at) / (72 * hour)) / 3, 0);

const stepsPerHour = 6;
const weekSteps = 168 * stepsPerHour;

interface Region {
  share: number;
  /** Hours ahead of the account's zone. */
  ahead: number;
  activity: Float64Array;
}

/** Most people live at home, or where the configuration says; some abroad. */
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

/** How many people of a region read their feed, over their own week; the mean is 1. */
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

/** How fast a chronological feed buries a post, per hour: a mean life of an hour and a half. */
const burial = 0.7;
const horizon = 48 * stepsPerHour;
/**
 * How much the number of other posts follows that of readers, and the exponent by which a good hour
 * reaches the numbers: together they match the variation in logs of real accounts.
 */
const tracking = 0.65;
const part = 0.78;
const isWaking = (step: number) =>
  (step / stepsPerHour) % 24 >= 7 && (step / stepsPerHour) % 24 < 23;

/**
 * The value of each moment of the account's week: readers while the post is near the top, and those
 * to whom the network shows it again.
 */
function valueOver(
  regions: readonly Region[],
  network: Network,
  words: (string | number)[],
): Float64Array {
  const values = new Float64Array(weekSteps);
  for (const region of regions) addRegion(values, region, network);
  return toMeanOne(
    values.map((value, i) => value ** part * waveAt(i, words)),
    isWaking,
  );
}

function addRegion(
  values: Float64Array,
  { share, ahead, activity }: Region,
  network: Network,
): void {
  const { slow, tailFor } = defaultAgeCurves[network];
  const step = 1 / stepsPerHour;
  const fading = Math.exp(-step / tailFor);
  const readers = (i: number) =>
    activity[(i + ahead * stepsPerHour + 2 * weekSteps) % weekSteps] ?? 1;
  const kept = Float64Array.from({ length: weekSteps }, (_, i) => {
    const others = 1 + 0.45 * Math.cos((2 * Math.PI * (i / stepsPerHour - 16)) / 24);
    const posting = 1 - tracking + tracking * (0.7 * readers(i) + 0.3 * others);
    return Math.exp(-burial * step * posting);
  });
  for (let t = 0; t < weekSteps; t++) {
    let [fresh, again, near, shown] = [0, 0, 1, 1];
    for (let a = 0; a < horizon; a++) {
      const read = readers(t + a);
      fresh += read * near;
      again += read * shown;
      near *= kept[(t + a) % weekSteps] ?? 1;
      shown *= fading;
    }
    values[t] =
      (values[t] ?? 0) + share * step * ((1 - slow) * burial * fresh + (slow / tailFor) * again);
  }
}

/** The same people use each network a little differently: a few harmonics of the week. */
function waveAt(i: number, words: (string | number)[]): number {
  const angle = (2 * Math.PI * i) / weekSteps;
  const sum = [7, 14, 1].reduce(
    (total, k) => total + normalOf('wave', ...words, k) * Math.cos(k * angle + k),
    0,
  );
  return Math.exp(0.05 * sum);
}
