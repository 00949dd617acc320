import { expect, test } from 'vitest';
import { learnKernels } from '../../bench/pacing/kernel-gamma.ts';
import { zone } from '../../bench/pacing/calendar.ts';
import { networks } from '../../src/core/network/network.ts';
import { priorCurve } from '../../src/core/pacing/prior.ts';
import { hourOfWeek } from '../../src/core/pacing/slots/week-clock.ts';
import { hour } from '../../src/core/time.ts';
import { imagine, now } from '../core/pacing/kit.ts';

const accounts = networks.map((network) => ({ id: network, network }));
const flat = priorCurve('worldwide');
const tuesday = (clock: number) => 24 + clock;
const evening = (at: number) => 12 * (hourOfWeek(at, zone) % 24 >= 12 ? 1.25 : 0.8);
const posts = imagine({ count: 600, middle: evening, spread: 0.5, every: 4.9 * hour });
const difference = (scores: readonly number[] = []) =>
  (scores[tuesday(17)] ?? 0) - (scores[tuesday(7)] ?? 0);

test('the reference learner says nothing but the prior before anything is measured', () => {
  const prior = priorCurve('mostly-here');
  expect(learnKernels({ accounts, posts: [], now, prior })).toEqual(
    Object.fromEntries(networks.map((network) => [network, prior])),
  );
});

test('it finds the better half of the day about as strong as it is, and tells half of it to the other networks', () => {
  const scores = learnKernels({ accounts, posts, now, prior: flat });
  expect(difference(scores['x'])).toBeGreaterThan(0.25);
  expect(difference(scores['x'])).toBeLessThan(0.6);
  expect(difference(scores['bluesky'])).toBeGreaterThan(0.1);
  expect(difference(scores['bluesky'])).toBeLessThan(difference(scores['x']));
});

test('one post that goes around the world is no better hour', () => {
  const viral = posts.map((one, i) => (i === 500 ? { ...one, counts: { likes: 50_000 } } : one));
  const [before = [], after = []] = [posts, viral].map(
    (some) => learnKernels({ accounts, posts: some, now, prior: flat })['x'],
  );
  before.forEach((score, i) => expect(Math.abs(score - (after[i] ?? 0))).toBeLessThan(0.15));
});

test('how the account grows is no merit of the hours', () => {
  const grown = posts.map((one) => ({
    ...one,
    counts: { likes: (one.counts.likes ?? 0) * (one.at > now - 1000 * hour ? 3 : 1) },
  }));
  const scores = learnKernels({ accounts, posts: grown, now, prior: flat })['x'];
  expect(difference(scores)).toBeGreaterThan(0.2);
  expect(difference(scores)).toBeLessThan(0.7);
});
