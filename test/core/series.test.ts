import { describe, expect, test } from 'vitest';
import type { Counts } from '../../src/core/engagement.ts';
import type { FollowUp, Post } from '../../src/core/post/post.ts';
import {
  decideSeries,
  followUpIds,
  parseFollowUpId,
  toFollowUpPost,
  turningAges,
} from '../../src/core/post/series.ts';
import { day, hour, minute } from '../../src/core/time.ts';
import { makePost } from '../store/kit.ts';

const released = 1_800_000_000_000;
const look = (age: number, counts: Counts) => ({ at: released + age, counts });

function decide(
  rules: FollowUp[],
  samples: ReturnType<typeof look>[],
  now = samples.at(-1)?.at ?? released,
) {
  return decideSeries({
    rules,
    releasedAt: released,
    now,
    samples,
    known: ({ at, counts }) => ({
      age: at - released,
      counts,
      isTypical: () => undefined,
      percentile: () => undefined,
    }),
  });
}

const likes = (count: number, withinFor: number): FollowUp => ({
  when: `likes >= ${count}`,
  withinFor,
  as: 'reply',
  parts: ['x'],
});
const otherwise: FollowUp = { otherwise: true, as: 'post', parts: ['y'] };

describe('a series', () => {
  test('the first rule that holds wins, and at the same look the one that stands first', () => {
    const rules = [likes(20, day), likes(5, day)];
    expect(decide(rules, [look(hour, { likes: 25 })])).toMatchObject({ kind: 'follow', rule: 0 });
    expect(decide(rules, [look(hour, { likes: 6 }), look(2 * hour, { likes: 25 })])).toMatchObject({
      kind: 'follow',
      rule: 1,
      heldAt: released + hour,
    });
  });

  test('it waits while a rule may still hold', () => {
    expect(decide([likes(20, day), otherwise], [look(hour, { likes: 3 })])).toEqual({
      kind: 'wait',
    });
    expect(decide([likes(20, day), otherwise], [], released + 2 * day)).toEqual({ kind: 'wait' });
  });

  test('otherwise wants a look at or after the last deadline', () => {
    const rules = [likes(20, day), likes(10, 2 * day), otherwise];
    expect(decide(rules, [look(day, { likes: 3 })], released + 3 * day)).toEqual({ kind: 'wait' });
    expect(decide(rules, [look(2 * day, { likes: 3 })])).toMatchObject({ kind: 'follow', rule: 2 });
  });

  test('without otherwise it ends, and says so', () => {
    expect(decide([likes(20, day)], [look(day, { likes: 3 })])).toEqual({
      kind: 'over',
      why: 'no condition was true within 1d',
    });
  });

  test('what held only after its time did not hold', () => {
    expect(
      decide(
        [likes(20, day), otherwise],
        [look(day, { likes: 19 }), look(day + hour, { likes: 30 })],
      ),
    ).toMatchObject({ rule: 1 });
  });

  test('the first look a little after a deadline still counts, one long after it decides nothing', () => {
    expect(
      decide(
        [likes(20, day), otherwise],
        [look(12 * hour, { likes: 9 }), look(day + 3 * hour, { likes: 25 })],
      ),
    ).toMatchObject({
      kind: 'follow',
      rule: 0,
    });
    const late = decide(
      [likes(20, day), otherwise],
      [look(12 * hour, { likes: 9 }), look(5 * day, { likes: 25 })],
    );
    expect(late).toMatchObject({
      kind: 'over',
      why: expect.stringContaining('not known whether "likes >= 20" was true in time'),
    });
    expect(
      decide(
        [likes(20, day), otherwise],
        [look(12 * hour, { likes: 9 }), look(5 * day, { likes: 11 })],
      ),
    ).toMatchObject({ kind: 'follow', rule: 1 });
  });

  test('a number that the network does not give never holds, and its otherwise goes out', () => {
    const views: FollowUp = { when: 'views >= 1', withinFor: hour, as: 'reply', parts: ['x'] };
    expect(decide([views, otherwise], [look(hour, { likes: 99 })])).toMatchObject({
      kind: 'follow',
      rule: 1,
    });
  });

  test('one that nobody could measure ends without a branch', () => {
    expect(
      decide([likes(20, day), otherwise], [look(hour, { likes: 3 })], released + 40 * day),
    ).toMatchObject({ kind: 'over' });
  });

  test('it is looked at when its deadlines and its ages come', () => {
    expect(
      turningAges([
        likes(20, 2 * day),
        { when: 'age >= 36h and likes > 3', withinFor: 3 * day, as: 'post', parts: ['x'] },
        otherwise,
      ]),
    ).toEqual([36 * hour, 2 * day, 3 * day]);
    expect(
      turningAges([{ when: 'age >= 90m', withinFor: 30 * minute, as: 'post', parts: ['x'] }]),
    ).toEqual([30 * minute]);
  });
});

test('ids of follow-ups tell the way from the file’s post to the rule', () => {
  const { post } = makePost('hello', {
    followUps: [
      { ...likes(5, day), followUps: [otherwise, { ...otherwise, post: 'other' }] },
      { ...otherwise, post: 'third' },
    ],
    pin: { at: 1 },
    hashtags: ['tag'],
    approval: true,
  });
  expect(followUpIds(post)).toEqual(['hello.f1', 'hello.f1.f1']);
  expect(parseFollowUpId('hello.f1.f2')).toEqual({ root: 'hello', path: [0, 1] });
  expect(parseFollowUpId('hello')).toBeUndefined();
  const nested = toFollowUpPost(post, [0, 0]) as Post;
  expect(nested).toMatchObject({
    id: 'hello.f1.f1',
    parts: ['y'],
    hashtags: [],
    approval: false,
    followUps: [],
  });
  expect('pin' in nested).toBe(false);
  expect(toFollowUpPost(post, [1])).toBeUndefined();
  expect(toFollowUpPost(post, [7])).toBeUndefined();
});
