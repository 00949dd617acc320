import { expect, test } from 'vitest';
import { isHeldOut } from '../../../src/core/people/holdout.ts';
import { defaultPoints, scoreAt, withAct } from '../../../src/core/people/score.ts';
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
  const none = { score: 0, scoredAt: 0 };
  const one = withAct(none, act(0), defaultPoints);
  expect(scoreAt(one, 0)).toBe(10);
  expect(scoreAt(one, 30 * day)).toBeCloseTo(5);
  expect(scoreAt(one, -day)).toBe(10);
  const acts = [act(0), act(10 * day, { kind: 'clicked' }), act(40 * day)];
  const forwards = acts.reduce((so, each) => withAct(so, each, defaultPoints), none);
  const backwards = acts.toReversed().reduce((so, each) => withAct(so, each, defaultPoints), none);
  expect(scoreAt(forwards, 50 * day)).toBeCloseTo(scoreAt(backwards, 50 * day));
  const unsure = act(0, { kind: 'clicked', verdict: 'unsure' });
  expect(withAct(none, unsure, defaultPoints).score).toBe(0);
  const cart = act(0, { kind: 'event', name: 'cart.updated' });
  expect(withAct(none, cart, defaultPoints).score).toBe(5);
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
