import { expect, test } from 'vitest';
import { networks } from '../../../src/core/network/network.ts';
import { confidenceOf, explainSlot, figuresOf } from '../../../src/core/pacing/explain.ts';
import { priorCurve } from '../../../src/core/pacing/prior.ts';
import { learnSlots, scoreAt } from '../../../src/core/pacing/slots/slot-model.ts';
import { hourOfWeek } from '../../../src/core/pacing/slots/week-clock.ts';
import { atLocal, hour } from '../../../src/core/time.ts';
import { meanOf } from '../../../bench/pacing/stats.ts';
import { imagine, now, zone } from './kit.ts';

const accounts = networks.map((network) => ({ id: network, network }));
const only = accounts.slice(0, 1);
const flat = priorCurve('worldwide');
const learn = (posts: ReturnType<typeof imagine>, prior = flat) => {
  const model = learnSlots({ accounts: only, posts, zone, now, prior }).x;
  if (!model) throw new Error('no model of x');
  return model;
};

const clockOf = (at: number) => hourOfWeek(at, zone) % 24;
/** Evenings are worth a half more than mornings. */
const evening = (at: number) => 12 * (clockOf(at) >= 12 ? 1.25 : 0.8);
const tuesday = (clock: number) => atLocal('2026-11-24', clock * 60, zone);
const spreadOf = (values: readonly number[]) =>
  Math.sqrt(meanOf(values.map((one) => one ** 2)) - meanOf(values) ** 2);

test('before anything is measured the model is the prior curve, half believed', () => {
  const prior = priorCurve('mostly-here');
  const model = learn([], prior);
  model.scores.forEach((score, i) => expect(score).toBeCloseTo(0.5 * (prior[i] ?? 0), 9));
  expect(model.count).toBe(0);
});

test('many posts show which hours are worth more, about by how much, and few show less of it', () => {
  const much = learn(imagine({ count: 600, middle: evening, spread: 0.5, every: 4.9 * hour }));
  const little = learn(imagine({ count: 30, middle: evening, spread: 0.5, every: 16.8 * hour }));
  const difference = (model: typeof much) =>
    scoreAt(model, tuesday(17)) - scoreAt(model, tuesday(7));
  expect(difference(much)).toBeGreaterThan(0.25);
  expect(difference(much)).toBeLessThan(0.6);
  expect(Math.abs(difference(little))).toBeLessThan(difference(much));
});

test('where hours do not differ the curve stays nearly flat', () => {
  const spreads = [1, 2, 3, 4].map((seed) =>
    spreadOf(learn(imagine({ count: 260, middle: () => 3, seed })).scores),
  );
  expect(meanOf(spreads)).toBeLessThan(0.08);
});

test('one post that goes around the world moves nothing much', () => {
  const posts = imagine({ count: 120, middle: () => 4 });
  const viral = posts.map((one, i) => (i === 60 ? { ...one, counts: { likes: 5000 } } : one));
  const [before, after] = [learn(posts), learn(viral)];
  before.scores.forEach((score, i) =>
    expect(Math.abs(score - (after.scores[i] ?? 0))).toBeLessThan(0.1),
  );
});

test('an account without posts learns from the others of the same person', () => {
  const posts = imagine({
    account: 'x',
    count: 600,
    middle: evening,
    spread: 0.5,
    every: 4.9 * hour,
  });
  const models = learnSlots({ accounts, posts, zone, now, prior: flat });
  const difference = (id: string) => {
    const model = models[id];
    return model ? scoreAt(model, tuesday(17)) - scoreAt(model, tuesday(7)) : 0;
  };
  expect(difference('bluesky')).toBeGreaterThan(0.1);
  expect(difference('bluesky')).toBeLessThan(difference('x'));
});

test('growth is no merit of the hours at which the account happens to post later', () => {
  const start = now - 120 * 16.8 * hour;
  const model = learn(
    imagine({
      count: 120,
      middle: (at) => 3 * Math.exp((2 * (at - start)) / (now - start)),
      spread: 0.3,
      every: 16.8 * hour,
    }),
  );
  expect(spreadOf(model.scores)).toBeLessThan(0.1);
});

test('posts that are too young to say anything say nothing', () => {
  const posts = imagine({ count: 40, middle: () => 5 });
  const young = {
    ...posts[0],
    account: 'x',
    network: 'x' as const,
    post: 'young',
    at: now - 60_000,
    measuredAt: now,
    counts: { likes: 0 },
  };
  expect(learn([...posts, young])).toEqual(learn(posts));
});

test('the same posts give the same model, whatever their order', () => {
  const posts = imagine({ count: 80, middle: evening });
  expect(learn(posts.toReversed()).scores.map((one) => one.toFixed(9))).toEqual(
    learn(posts).scores.map((one) => one.toFixed(9)),
  );
});

test('a model is plain numbers: it survives being kept as JSON', () => {
  const model = learn(imagine({ count: 40, middle: evening }));
  expect(JSON.parse(JSON.stringify(model))).toEqual(model);
  for (const curve of [model.scores, model.a, model.b, model.prior])
    expect(curve.every(Number.isFinite) && curve.length === 168).toBe(true);
});

test('what is told of a slot has its range, its posts and no promise', () => {
  const model = learn(imagine({ count: 60, middle: () => 3 }));
  const text = explainSlot(model, tuesday(18), [tuesday(9), tuesday(12), tuesday(15)]);
  expect(text).toMatch(
    /^about \d\.\d\d times a post at an average time \(80 % range \d\.\d\d to \d\.\d\d\), from \d+ posts? near this time \(\d+ X\)/,
  );
  expect(text).toContain('no real difference');
  expect(text).not.toMatch(/best/i);
  expect(explainSlot(learn([]), tuesday(18))).toContain('no post of yours was near this time yet');
});

test('a difference is called one from a chance of nine tenths on, corrected for the choice', () => {
  expect([0.5, 0.89, 0.9, 0.96, 0.97].map(confidenceOf)).toEqual([
    'no real difference',
    'no real difference',
    'fair',
    'fair',
    'good',
  ]);
  const strong = learn(
    imagine({
      count: 600,
      middle: (at) => 40 * (clockOf(at) >= 12 ? 1.6 : 0.6),
      spread: 0.4,
      every: 4.9 * hour,
    }),
  );
  expect(figuresOf(strong, tuesday(17), [tuesday(7), tuesday(8), tuesday(9)]).confidence).toMatch(
    /fair|good/,
  );
});
