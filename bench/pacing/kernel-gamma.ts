import { scoreOf } from '../../src/core/engagement.ts';
import { matureShare, shareByAge } from '../../src/core/pacing/age-curve.ts';
import type { Observed, Paced } from '../../src/core/pacing/observed.ts';
import { hourOfWeek, readCurve } from '../../src/core/pacing/slots/week-clock.ts';
import { day, type Instant } from '../../src/core/time.ts';
import { zone } from './calendar.ts';

/**
 * The reference that the product's learner is compared with: a kernel over the hours of the week,
 * and a Gamma distribution of the multiplier in closed form. Levels by a kernel of three weeks,
 * outliers pulled in, no post worth more than one, other networks half.
 */
const week = 7 * day;
const levelFor = 3 * week;
const halfLife = 12 * week;
const overdispersion = 1;
const shrinkage = 8;
const widthHours = 2;
const othersWeight = 0.5;

interface Weighed {
  at: Instant;
  position: number;
  count: number;
  /** Share of the final numbers, times the prior curve there. */
  share: number;
}

export interface KernelInput {
  accounts: readonly Paced[];
  posts: readonly Observed[];
  now: Instant;
  prior: readonly number[];
}

/** By account: the scores of the 168 hours. */
export function learnKernels({
  accounts,
  posts,
  now,
  prior,
}: KernelInput): Record<string, number[]> {
  const sums = accounts.map((account) => sumUp(account, { posts, now, prior }));
  return Object.fromEntries(
    accounts.map(({ id }, own) => [
      id,
      prior.map((general, hour) => {
        let [a, b] = [shrinkage, shrinkage];
        sums.forEach(({ counted, expected, level }, other) => {
          const weight = other === own ? 1 : othersWeight;
          a += (weight * (counted[hour] ?? 0)) / level;
          b += weight * (expected[hour] ?? 0);
        });
        return Math.log(a / b) + general;
      }),
    ]),
  );
}

function sumUp({ id, network }: Paced, { posts, now, prior }: Omit<KernelInput, 'accounts'>) {
  const mine = posts.flatMap(({ account, at, measuredAt, counts }): Weighed[] => {
    const share = shareByAge(network, measuredAt - at);
    const position = hourOfWeek(at, zone);
    if (account !== id || share < matureShare) return [];
    const known = share * Math.exp(readCurve(prior, position));
    return [{ at, position, count: scoreOf(counts), share: known }];
  });
  const levels = levelsOf(mine);
  const [counted, expected] = [prior.map(() => 0), prior.map(() => 0)];
  let [all, allExpected] = [0, 0];
  mine.forEach(({ at, position, count, share }, i) => {
    const usual = (levels[i] as number) * share;
    const kept = Math.min(count, usual * (1 + 3 * Math.sqrt(1 / usual + overdispersion)));
    const weight = 2 ** (-(now - at) / halfLife) / (1 + overdispersion * usual);
    all += weight * kept;
    allExpected += weight * usual;
    for (let hour = 0; hour < prior.length; hour++) {
      const near = weight * kernel(position, hour + 0.5);
      counted[hour] = (counted[hour] as number) + near * kept;
      expected[hour] = (expected[hour] as number) + near * usual;
    }
  });
  return { counted, expected, level: Math.max(0.2, allExpected > 0 ? all / allExpected : 1) };
}

/** What the account normally got around each post. */
function levelsOf(posts: readonly Weighed[]): number[] {
  const meanOf = (counts: readonly number[]) =>
    counts.reduce((sum, one) => sum + one, 0) /
    Math.max(
      1e-9,
      posts.reduce((sum, { share }) => sum + share, 0),
    );
  const first = meanOf(posts.map(({ count }) => count));
  const robust = Math.max(
    0.05,
    meanOf(posts.map(({ count, share }) => Math.min(count, 6 * first * share + 4))),
  );
  const kept = posts.map(({ count, share }) => Math.min(count, 6 * robust * share + 4));
  return posts.map(({ at }) => {
    let [sum, shares] = [robust, 1];
    posts.forEach((other, j) => {
      const near = 2 ** (-Math.abs(at - other.at) / levelFor);
      sum += near * (kept[j] as number);
      shares += near * other.share;
    });
    return sum / shares;
  });
}

function kernel(one: number, other: number): number {
  const apart = Math.abs((one % 24) - (other % 24));
  const hours = Math.min(apart, 24 - apart);
  const [day1, day2] = [Math.floor(one / 24), Math.floor(other / 24)];
  const ofOneKind = day1 >= 5 === day2 >= 5 ? 0.9 : 0.5;
  const alike = day1 === day2 ? 1 : ofOneKind;
  return alike * Math.exp(-(hours ** 2) / (2 * widthHours ** 2));
}
