import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAlways, isMetAtOnce, isNever } from '../../src/core/condition/doubts.ts';
import { judge, type Known, tellCondition } from '../../src/core/condition/judge.ts';
import { parseCondition } from '../../src/core/condition/parse.ts';
import type { Condition } from '../../src/core/condition/tree.ts';
import { type Counts, measures, scoreOf } from '../../src/core/engagement.ts';
import { hour } from '../../src/core/time.ts';

function read(text: string): Condition {
  const parsed = parseCondition(text);
  if ('complaint' in parsed) throw new Error(`${parsed.complaint.column} ${parsed.complaint.what}`);
  return parsed.condition;
}

const known = (counts: Counts | undefined, more: Partial<Known> = {}): Known => ({
  age: hour,
  isTypical: () => undefined,
  percentile: () => undefined,
  ...(counts ? { counts } : {}),
  ...more,
});
const judged = (text: string, counts: Counts | undefined, more?: Partial<Known>) =>
  judge(read(text), known(counts, more));

describe('a condition', () => {
  test.each([
    ['likes >= 20 or reposts >= 5', { likes: 3, reposts: 5 }, true],
    ['likes >= 20 or reposts >= 5', { likes: 19, reposts: 4 }, false],
    ['likes>=20 and replies>0', { likes: 20, replies: 0 }, false],
    ['likes > 1 or likes > 100 and replies > 100', { likes: 2, replies: 0 }, true],
    ['(likes > 1 or likes > 100) and replies > 100', { likes: 2, replies: 0 }, false],
    ['not likes >= 20 and replies = 0', { likes: 3, replies: 0 }, true],
    ['not (likes >= 20 and replies = 0)', { likes: 20, replies: 0 }, false],
    ['likes + 2 * reposts >= 10 - 1', { likes: 3, reposts: 3 }, true],
    ['(likes + reposts) * 2 = 12', { likes: 3, reposts: 3 }, true],
    ['20 <= likes', { likes: 20 }, true],
    ['score >= 9', { likes: 3, reposts: 2, replies: 1 }, true],
    ['LIKES ≥ 3 && !(REPLIES ≥ 1) || views != 0', { likes: 3, replies: 0 }, true],
    ['-likes < 0', { likes: 1 }, true],
    ['views / likes > 10', { likes: 0, views: 5 }, undefined],
  ])('%s of %o is %s', (text, counts, expected) => {
    expect(judged(text, counts)).toBe(expected);
  });

  test('ages are compared with durations', () => {
    expect(judged('age >= 90m', {}, { age: 2 * hour })).toBe(true);
    expect(judged('age > 1d12h', {}, { age: 36 * hour })).toBe(false);
    expect(judged('age >= 2 * 12h', {}, { age: 24 * hour })).toBe(true);
  });

  test('a number that the network does not give is neither true nor false, and one that decides is enough', () => {
    expect(judged('views >= 100', { likes: 5 })).toBeUndefined();
    expect(judged('not views >= 100', { likes: 5 })).toBeUndefined();
    expect(judged('views >= 100 or likes >= 5', { likes: 5 })).toBe(true);
    expect(judged('views >= 100 and likes >= 6', { likes: 5 })).toBe(false);
    expect(judged('views >= 100 and likes >= 5', { likes: 5 })).toBeUndefined();
  });

  test('without any sample nothing is known but the age', () => {
    expect(judged('likes >= 0', undefined)).toBeUndefined();
    expect(judged('score = 0', undefined)).toBeUndefined();
    expect(judged('age >= 1h', undefined)).toBe(true);
  });

  test('typical asks what the account usually has of the number that it is compared with', () => {
    const asked: unknown[] = [];
    const isTypical: Known['isTypical'] = (...given) => {
      asked.push(given);
      return true;
    };
    for (const text of [
      'score >= 1.5 * typical',
      'likes > typical * 2 + 3',
      '(typical + 1) / 2 <= replies',
      'score >= typical',
    ])
      expect(judged(text, { likes: 1 }, { isTypical })).toBe(true);
    expect(asked).toEqual([
      ['score', 1.5, 0],
      ['likes', 2, 3],
      ['replies', 0.5, 0.5],
      ['score', 1, 0],
    ]);
  });

  test('it tells what each comparison has now', () => {
    expect(
      tellCondition(read('likes >= 20 and (reposts >= 5 or age > 2h)'), known({ likes: 12 })),
    ).toBe('likes >= 20 (likes 12) and (reposts >= 5 (reposts not known) or age > 2h (age 1h))');
  });
});

describe('what cannot be read', () => {
  test.each([
    ['liks >= 20', 0, 'unknown word "liks"', 'did you mean "likes"?'],
    ['likes >= 20 and', 15, 'ends too early', 'likes >= 20'],
    ['likes >= 20 or (reposts > 5', 27, 'a bracket is not closed', 'column 16'],
    ['likes >= 20 reposts', 12, '"reposts" is not expected here', 'and, or'],
    ['likes', 0, 'a number alone is not a condition', 'likes >= 20'],
    ['likes >= 2h', 6, 'compares a number with a duration', 'age >= 2h'],
    ['age >= 2', 4, 'compares a number with a duration', 'age >= 2h'],
    ['likes + 2h >= 3', 6, 'mixes numbers and durations', 'age'],
    ['5 <= likes <= 9', 11, 'compares twice', 'likes >= 5 and'],
    ['likes >= 5x', 9, '"5x" is neither a number nor a duration', '90m'],
    ['likes >= 5 § 3', 11, '"§" is not part of a condition', 'likes >= 20'],
    ['score < typical', 6, '"<" cannot be used with typical', 'otherwise'],
    ['typical >= score', 8, '"<" cannot be used with typical', 'otherwise'],
    ['not score >= 2 * typical', 0, '"not" cannot be used with typical or percentile', 'otherwise'],
    [
      'not (likes > 3 or score >= typical)',
      0,
      '"not" cannot be used with typical or percentile',
      'otherwise',
    ],
    ['likes + reposts >= typical', 16, 'typical is compared with one number', 'score'],
    ['score >= typical * typical', 6, 'typical can be multiplied by a number and added to', '1.5'],
    ['score >= -1 * typical', 6, 'typical can be multiplied by a number and added to', '1.5'],
    ['percentile < 20', 11, 'percentile can only be used with >= or >', '>= 90'],
    ['(likes > 3) > 2', 0, 'a condition cannot be compared', 'likes >= 20'],
    ['>= 3', 0, '">=" is where a number or a name should be', 'likes >= 20'],
    ['', 0, 'ends too early', 'likes >= 20'],
  ])('"%s" is told at its column', (text, column, what, hint) => {
    const parsed = parseCondition(text);
    expect(parsed).toMatchObject({ complaint: { column, what } });
    expect('complaint' in parsed && parsed.complaint.hint).toContain(hint);
  });

  test('no text whatever makes the reader fall over', () => {
    const words = fc.constantFrom(
      'likes',
      'typical',
      'age',
      '>=',
      '<',
      '(',
      ')',
      'and',
      'or',
      'not',
      '2h',
      '3',
      '*',
      '-',
      ' ',
      'x',
      '"',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((list) => list.join(' ')),
        ),
        (text) => {
          const parsed = parseCondition(text);
          expect('condition' in parsed || parsed.complaint.column <= text.length).toBe(true);
        },
      ),
    );
  });
});

describe('a doubtful condition', () => {
  test.each([
    'likes > 5 and likes < 3',
    'likes > 4 and likes < 5',
    'views < 0',
    'percentile > 100',
    '1 > 2',
    'likes = 3 and likes = 4',
    'not likes >= 0',
  ])('"%s" can never hold', (text) => {
    expect(isNever(read(text))).toBe(true);
  });
  test.each([
    'likes > 5 and likes < 7',
    'likes > 5 or likes < 3',
    'score >= 2 * typical',
    'likes - reposts < 0',
    'views < 1',
  ])('"%s" may hold', (text) => {
    expect(isNever(read(text))).toBe(false);
  });
  test('an age beyond the time that is waited can never hold', () => {
    expect(isNever(read('likes > 1 and age >= 3d'), 48 * hour)).toBe(true);
    expect(isNever(read('likes > 1 and age >= 3d'), 72 * hour)).toBe(false);
  });
  test.each(['likes >= 0', 'likes > 3 or likes <= 3', 'not (views < 0)'])(
    '"%s" holds always',
    (text) => {
      expect(isAlways(read(text))).toBe(true);
    },
  );
  test('one that asks for little holds at the first look, unless it asks for an age too', () => {
    expect(isMetAtOnce(read('likes < 5'))).toBe(true);
    expect(isMetAtOnce(read('likes < 5 and age >= 1d'))).toBe(false);
    expect(isMetAtOnce(read('likes >= 5'))).toBe(false);
    expect(isMetAtOnce(read('score >= typical'))).toBe(false);
  });
  test('what is said never to hold holds for no counts', () => {
    const name = fc.constantFrom(...measures, 'score');
    const part = fc
      .tuple(name, fc.constantFrom('>=', '>', '<=', '<', '='), fc.integer({ min: -1, max: 4 }))
      .map((words) => words.join(' '));
    const whole = fc
      .tuple(
        part,
        fc.constantFrom('and', 'or'),
        part,
        fc.constantFrom('and', 'or'),
        part,
        fc.boolean(),
      )
      .map(([a, x, b, y, c, isNot]) =>
        isNot ? `not (${a} ${x} ${b}) ${y} ${c}` : `${a} ${x} (${b} ${y} ${c})`,
      );
    const counts = fc.record({
      likes: fc.nat(6),
      reposts: fc.nat(6),
      replies: fc.nat(6),
      quotes: fc.nat(6),
      views: fc.nat(6),
      clicks: fc.nat(6),
    });
    fc.assert(
      fc.property(whole, counts, (text, some) => {
        const condition = read(text);
        const truth = judge(condition, known(some));
        if (isNever(condition)) expect(truth).toBe(false);
        if (isAlways(condition)) expect(truth).toBe(true);
        expect(scoreOf(some)).toBeGreaterThanOrEqual(some.likes);
      }),
      { numRuns: 500 },
    );
  });
});
