import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normal, createRandom, poissonAt } from '../../../bench/pacing/random.ts';
import { shareByAge } from '../../../src/core/pacing/age-curve.ts';
import { rateAfter, readCount, emptyReading } from '../../../src/core/pacing/math/count-model.ts';
import { logGamma, normalCdf } from '../../../src/core/pacing/math/distributions.ts';
import {
  expectedAt,
  isAtLeast,
  needsOf,
  percentileOf,
  type Typical,
  typicalOf,
} from '../../../src/core/pacing/typical-post.ts';
import { day, hour } from '../../../src/core/time.ts';
import { imagine, now } from './kit.ts';

const typicalAt = (middle: number, count = 120): Typical => {
  const typical = typicalOf({
    account: 'x',
    network: 'x',
    posts: imagine({ count, middle: () => middle }),
    at: now,
  });
  if (!typical) throw new Error('nothing typical');
  return typical;
};

test('what is typical is the post in the middle, with a range that narrows with posts', () => {
  const many = expectedAt(typicalAt(10), 7 * day);
  expect(many.expected).toBeGreaterThan(8);
  expect(many.expected).toBeLessThan(12.5);
  const few = expectedAt(typicalAt(10, 5), 7 * day);
  expect(few.high / few.low).toBeGreaterThan(many.high / many.low);
  expect(expectedAt(typicalAt(10), hour).expected).toBeCloseTo(
    many.expected * shareByAge('x', hour),
    1,
  );
});

test('with fewer than three posts nothing is typical, and a number that is not given is not either', () => {
  expect(
    typicalOf({
      account: 'x',
      network: 'x',
      posts: imagine({ count: 2, middle: () => 5 }),
      at: now,
    }),
  ).toBeUndefined();
  expect(
    typicalOf({
      account: 'x',
      network: 'x',
      posts: imagine({ count: 50, middle: () => 5 }),
      at: now,
      echo: 'views',
    }),
  ).toBeUndefined();
  expect(
    typicalOf({
      account: 'y',
      network: 'x',
      posts: imagine({ count: 50, middle: () => 5 }),
      at: now,
    }),
  ).toBeUndefined();
});

test('what came out after the judged post does not judge it', () => {
  const posts = imagine({ count: 60, middle: () => 5 });
  const later = imagine({ count: 30, middle: () => 500, age: -1 * day });
  expect(
    typicalOf({
      account: 'x',
      network: 'x',
      posts: [...posts, ...later.map((one) => ({ ...one, at: one.at + 40 * day }))],
      at: now,
    }),
  ).toEqual(typicalOf({ account: 'x', network: 'x', posts, at: now }));
});

test('nine in ten of the posts that are called half again as good are', () => {
  const typical = typicalAt(6, 240);
  const random = createRandom('judged');
  let [flags, good, twice, caught, plain, wrong] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < 4000; i++) {
    const quality = Math.exp(0.8 * normal(random));
    const { holds } = isAtLeast(
      typical,
      { times: 1.5 },
      { y: poissonAt(6 * quality * shareByAge('x', day), random()), age: day },
    );
    if (holds) flags++;
    if (holds && quality >= 1.5) good++;
    if (quality >= 2) twice++;
    if (quality >= 2 && holds) caught++;
    if (quality <= 1) plain++;
    if (quality <= 1 && holds) wrong++;
  }
  expect(good / flags).toBeGreaterThan(0.88);
  expect(caught / twice).toBeGreaterThan(0.4);
  expect(wrong / plain).toBeLessThan(0.01);
});

test('more of it never makes it less likely, a higher bar never more, and two are never enough', () => {
  const typical = typicalAt(4);
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 300 }),
      fc.integer({ min: 1, max: 40 }),
      fc.double({ min: 0.5, max: 4, noNaN: true }),
      fc.integer({ min: 5, max: 10_000 }),
      (y, more, times, minutes) => {
        const age = minutes * 60_000;
        const { chance } = isAtLeast(typical, { times }, { y, age });
        expect(chance).toBeGreaterThanOrEqual(0);
        expect(chance).toBeLessThanOrEqual(1 + 1e-9);
        expect(isAtLeast(typical, { times }, { y: y + more, age }).chance).toBeGreaterThanOrEqual(
          chance - 1e-6,
        );
        expect(isAtLeast(typical, { times: times * 1.2 }, { y, age }).chance).toBeLessThanOrEqual(
          chance + 1e-6,
        );
        expect(
          isAtLeast(typical, { times: times, plus: 3 }, { y, age }).chance,
        ).toBeLessThanOrEqual(chance + 1e-6);
      },
    ),
    { numRuns: 200 },
  );
  expect(isAtLeast(typicalAt(0.05), { times: 1.5 }, { y: 2, age: day }).holds).toBe(false);
});

test('what is still needed is enough, and one less is not', () => {
  const typical = typicalAt(5);
  for (const age of [hour, 6 * hour, day]) {
    const { more = 0 } = needsOf(typical, { times: 1.5 }, { y: 4, age });
    expect(more).toBeGreaterThan(0);
    expect(isAtLeast(typical, { times: 1.5 }, { y: 4 + more, age }).holds).toBe(true);
    expect(isAtLeast(typical, { times: 1.5 }, { y: 3 + more, age }).holds).toBe(false);
  }
  expect(needsOf(typical, { times: 1.5 }, { y: 80, age: day })).toEqual({ more: 0, hours: 0 });
  expect(
    needsOf(typical, { times: 1.5 }, { y: 4, age: 30 * 60_000 }).hours ?? 0,
  ).toBeGreaterThanOrEqual(0);
});

test('the percentile rises with the number, from none to nearly all', () => {
  const typical = typicalAt(5);
  const all = [0, 1, 3, 5, 10, 40, 199, 201, 5000].map((y) =>
    percentileOf(typical, { y, age: 7 * day }),
  );
  expect(all[0]).toBe(0);
  all.slice(1).forEach((one, i) => expect(one).toBeGreaterThanOrEqual((all[i] ?? 0) - 1));
  expect(percentileOf(typical, { y: 5, age: 7 * day })).toBeGreaterThan(30);
  expect(percentileOf(typical, { y: 5, age: 7 * day })).toBeLessThan(60);
  expect(all.at(-1)).toBeGreaterThan(99);
});

test('chances of counts add up to one, and known values come out', () => {
  for (const [mean, variance] of [
    [0, 0.6],
    [1.5, 1],
    [3, 0.4],
  ] as const) {
    let sum = 0;
    for (let count = 0; count < 1500; count++)
      sum += Math.exp(rateAfter(count, { mean, variance }).evidence);
    expect(sum).toBeCloseTo(1, 2);
  }
  expect(normalCdf(1.96)).toBeCloseTo(0.975, 4);
  expect(normalCdf(-1)).toBeCloseTo(0.1587, 4);
  expect(logGamma(10)).toBeCloseTo(Math.log(362_880), 6);
});

test('a count reads as its logarithm where it is large, and as little where it is small', () => {
  const large = readCount(emptyReading(), 400, { mean: 5, variance: 0.6 });
  expect(large.value).toBeCloseTo(Math.log(400), 1);
  expect(large.variance).toBeCloseTo(1 / 400, 3);
  const none = readCount(emptyReading(), 0, { mean: 0, variance: 0.6 });
  expect(none.value).toBeLessThan(0);
  expect(none.variance).toBeGreaterThan(0.5);
});
