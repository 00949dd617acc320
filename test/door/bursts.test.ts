import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judgeSoon } from '../../src/core/clicks/judge-click.ts';
import { openBursts, type Waiting } from '../../src/door/bursts.ts';

type Hit = Waiting & { id: number };

/** The kinds in the end, when all of them are looked at together. */
function judged(hits: Omit<Waiting, 'kind'>[], settleEvery = Infinity): string[] {
  const kinds: string[] = [];
  const bursts = openBursts<Hit>(({ id, kind }) => (kinds[id] = kind));
  for (const [id, hit] of hits.entries()) {
    bursts.settle(hit.since - settleEvery);
    bursts.put({ ...hit, id, kind: 'person' });
  }
  bursts.settle(Infinity);
  return kinds;
}

const second = 1000;
const of = (message: string, code: string, since: number, client = `c-${message}-${code}`) => ({
  message,
  code,
  since,
  client,
});

test('three links of one message are a burst, from wherever; two are one only within a moment', () => {
  const [a, b, c] = ['a', 'b', 'c'];
  const cases: [hits: Omit<Waiting, 'kind'>[], kinds: string][] = [
    [[of('m', a, 0), of('m', b, 3 * second), of('m', c, 6 * second)], 'unsure unsure unsure'],
    [[of('m', a, 0), of('m', b, 3 * second)], 'person person'],
    [[of('m', a, 0), of('m', b, second)], 'unsure unsure'],
    [[of('m', a, 0), of('m', a, second), of('m', a, 2 * second)], 'person person person'],
    // Of several messages, by one reader: a gateway.
    [
      [of('m', a, 0, 'x'), of('n', b, second, 'x'), of('o', c, 2 * second, 'x')],
      'unsure unsure unsure',
    ],
    [[of('m', a, 0, 'x'), of('n', b, second, 'x')], 'person person'],
    [[of('m', a, 0), of('n', b, 0), of('o', c, 0)], 'person person person'],
    // What is only judged by what is beside it is no link of its own.
    [[of('m', a, 0), of('m', '', second), of('m', '', 2 * second)], 'person person person'],
    [[of('m', a, 0), of('m', b, second), of('m', '', 2 * second)], 'unsure unsure unsure'],
  ];
  for (const [hits, kinds] of cases) expect(judged(hits).join(' ')).toBe(kinds);
});

test('nothing is left over, and an hour later it is somebody else', () => {
  const later = [of('m', 'a', 0), of('m', 'b', 3_600_000), of('m', 'c', 7_200_000)];
  expect(judged(later, 10 * second)).toEqual(['person', 'person', 'person']);
  const hit = fc.record({
    message: fc.constantFrom('m', 'n'),
    code: fc.constantFrom('', 'a', 'b', 'c', 'd'),
    client: fc.constantFrom('x', 'y', 'z'),
    since: fc.nat(60_000),
  });
  fc.assert(
    fc.property(fc.array(hit, { maxLength: 40 }), (hits) => {
      const sorted = hits.toSorted((one, other) => one.since - other.since);
      const kinds = judged(sorted, 10 * second);
      expect(kinds.filter(Boolean)).toHaveLength(sorted.length);
      // More links beside it never make a person of anybody.
      for (const [i, one] of judged(sorted).entries())
        if (kinds[i] === 'unsure') expect(one).toBe('unsure');
    }),
  );
});

test('a click within seconds of sending is unsure at best', () => {
  expect([0, 14_999, 15_000, 1e9].map((after) => judgeSoon('person', after))).toEqual([
    'unsure',
    'unsure',
    'person',
    'person',
  ]);
  expect(judgeSoon('machine', 0)).toBe('machine');
});
