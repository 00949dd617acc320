import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Act } from '../../../src/core/people/act.ts';
import {
  judgePerson,
  type KnownPerson,
  matchesAddress,
} from '../../../src/core/people/condition/judge-person.ts';
import { parsePersonCondition } from '../../../src/core/people/condition/parse-person-condition.ts';
import { day } from '../../../src/core/time.ts';

const act = (more: Partial<Act>): Act => ({
  id: JSON.stringify(more),
  person: 'p',
  kind: 'clicked',
  at: 0,
  ...more,
});

const known: KnownPerson = {
  age: 4 * day,
  score: 31,
  touches: 2,
  fields: { plan: 'Pro', name: 'Ada' },
  acts: [
    act({ kind: 'clicked', dispatch: 'd1', url: 'https://example.com/pricing?x=1' }),
    act({ kind: 'clicked', url: 'https://example.com/a', verdict: 'unsure' }),
    act({ kind: 'visited', url: 'https://example.com/docs/intro' }),
    act({ kind: 'event', name: 'cart.updated' }),
    act({ kind: 'event', name: 'cart.updated', id: '2' }),
  ],
  stepOf: (dispatch) => (dispatch === 'd1' ? 'first-steps' : undefined),
};

const judge = (text: string) => {
  const parsed = parsePersonCondition(text);
  return 'complaint' in parsed ? parsed.complaint : judgePerson(parsed.condition, known);
};

test('conditions on a person', () => {
  const cases: [text: string, holds: boolean][] = [
    ['clicked', true],
    ['clicked >= 2', false],
    ['clicked("020-first-steps")', true],
    ['clicked("first-steps")', true],
    ['clicked("other")', false],
    ['clicked("/pricing*")', true],
    ['clicked("https://example.com/a")', false],
    ['visited("/docs/*")', true],
    ['not visited("/pricing*")', true],
    ['bought', false],
    ['not bought and clicked', true],
    ['NOT bought AND clicked', true],
    ['event("cart.updated") >= 2', true],
    ['event("cart.updated") > 2', false],
    ['event(“cart.updated”)', true],
    ['replied or score >= 30', true],
    ['score < 31', false],
    ['touches = 2', true],
    ['age > 3d', true],
    ['age < 90h', false],
    ['person.plan = "pro"', true],
    ['person.plan != "pro"', false],
    ['person.city = "Berlin"', false],
    ['person.constructor = ""', true],
    ['not (clicked and (bought or replied))', true],
  ];
  for (const [text, holds] of cases) expect(judge(text), text).toBe(holds);
});

test('what cannot be read is told with its column and what to write', () => {
  const cases: [text: string, column: number, what: RegExp][] = [
    ['', 0, /ends too early/],
    ['clicked and', 11, /ends too early/],
    ['opened', 0, /unknown word "opened"/],
    ['score', 0, /a number alone/],
    ['age >= 3', 4, /number with a duration/],
    ['event', 5, /needs its name/],
    ['bought("x")', 6, /takes no name/],
    ['clicked(offer)', 8, /quotes is missing/],
    ['clicked("offer"', 15, /bracket is not closed/],
    ['(clicked', 8, /bracket is not closed/],
    ['person.plan > "x"', 12, /= or !=/],
    ['person.plan = pro', 14, /quotes is missing/],
    ['clicked; drop', 7, /";" is not part/],
    ['clicked bought', 8, /not expected here/],
    ['age > 3x', 6, /neither a number nor a duration/],
    [`${'('.repeat(30)}clicked`, 20, /nested too deeply/],
    [`clicked${' '.repeat(1000)}`, 1000, /longer than/],
  ];
  for (const [text, column, what] of cases) {
    expect(judge(text), text).toMatchObject({ column, what: expect.stringMatching(what) });
  }
});

test('any text at all is a condition or a complaint', () => {
  const words = fc.constantFrom(
    'clicked',
    'not ',
    '(',
    ')',
    '"',
    'a',
    '3d',
    '>=',
    ' and ',
    'person.',
    '*',
    '5',
    '“',
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 30 }), (pieces) => {
      expect(['boolean', 'object']).toContain(typeof judge(pieces.join('')));
    }),
    { numRuns: 1000 },
  );
});

test('patterns of addresses: a star is anything, and a path alone begins with a slash', () => {
  const cases: [url: string, pattern: string, matches: boolean][] = [
    ['https://a.example/pricing', '/pricing', true],
    ['https://a.example/pricing/pro?x=1', '/pricing*', true],
    ['https://a.example/de/pricing', '/pricing*', false],
    ['https://a.example/de/pricing', '*/pricing', true],
    ['https://a.example/aXbXc', '/a*b*c', true],
    ['https://a.example/ab', '/a*b*b', false],
    ['not an address', '/x', false],
  ];
  for (const [url, pattern, matches] of cases)
    expect(matchesAddress(url, pattern), `${url} ${pattern}`).toBe(matches);
});
