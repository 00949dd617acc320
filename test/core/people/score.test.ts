import { expect, test } from 'vitest';
import { isHeldOut } from '../../../src/core/people/holdout.ts';
import { defaultPoints, scoreAt, scoreOf } from '../../../src/core/people/score.ts';
import type { Act } from '../../../src/core/people/act.ts';
import { day } from '../../../src/core/time.ts';

const act = (at: number, more: Partial<Act> = {}): Act => ({
  id: `${at}`,
  person: 'p',
  kind: 'replied',
  at,
  ...more,
});

test('a score is halved every thirty days, and the order in which acts are told does not matter', () => {
  const of = (acts: Act[], now: number) => scoreOf(acts, defaultPoints, now);
  expect(of([act(0)], 0)).toBe(10);
  expect(of([act(0)], 30 * day)).toBeCloseTo(5);
  expect(of([act(0)], -day)).toBe(10);
  const acts = [act(0), act(10 * day, { kind: 'clicked' }), act(40 * day)];
  expect(of(acts, 50 * day)).toBeCloseTo(of(acts.toReversed(), 50 * day));
  expect(scoreAt({ score: of(acts, 50 * day), scoredAt: 50 * day }, 80 * day)).toBeCloseTo(
    of(acts, 80 * day),
  );
  expect(of([act(0, { kind: 'clicked', verdict: 'unsure' })], 0)).toBe(0);
  expect(of([act(0, { kind: 'event', name: 'cart.updated' })], 0)).toBe(5);
});

test('the holdout is a fixed share of people, the same for each person for ever', () => {
  const people = Array.from({ length: 5000 }, (_, i) => `p-${i}`);
  const share = people.filter((id) => isHeldOut('welcome', id, 0.1)).length / people.length;
  expect(share).toBeGreaterThan(0.08);
  expect(share).toBeLessThan(0.12);
  for (const id of people.slice(0, 50))
    expect(isHeldOut('welcome', id, 0.1)).toBe(isHeldOut('welcome', id, 0.1));
  expect(people.some((id) => isHeldOut('welcome', id, 0))).toBe(false);
});
