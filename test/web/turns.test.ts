import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openTurns } from '../../src/web/access/turns.ts';

const clock = { now: () => 0, monotonic: () => 0 };
const entries = fc.array(
  fc.record({ name: fc.constantFrom(...'abcdefghijklmnop'), tries: fc.nat(4) }),
  { maxLength: 40 },
);

test('turns go to those with the fewest tries, then in order; a full queue sends away one with the most', async () => {
  await fc.assert(
    fc.asyncProperty(entries, async (all) => {
      const turns = openTurns(clock, 0);
      const had: number[] = [];
      const own = new Map<string, number>();
      const ranks = all.map(({ name, tries }) => {
        const before = own.get(name) ?? 0;
        own.set(name, before + 1);
        return tries + before;
      });
      const results = await Promise.all(
        all.map(async (entry, i) => {
          const isTurn = await turns.next(entry);
          if (isTurn) had.push(i);
          return isTurn;
        }),
      );
      expect(had.length).toBeLessThanOrEqual(12);
      for (const name of own.keys())
        expect(had.filter((i) => all[i]?.name === name).length).toBeLessThanOrEqual(3);
      // Whoever had no tries and came once only is before all the others, whose number is bounded.
      const newcomers = all.flatMap((_, i) => (ranks[i] === 0 ? [i] : []));
      if (newcomers.length <= 12) {
        expect(newcomers.map((i) => results[i])).toEqual(newcomers.map(() => true));
        expect(had.slice(0, newcomers.length)).toEqual(newcomers);
      }
    }),
  );
});

test('whoever goes leaves the place to another, and the end sends everyone away', async () => {
  const turns = openTurns(clock, 3_600_000);
  expect(await turns.next({ name: 'first', tries: 0 })).toBe(true);
  const leaving = new AbortController();
  const gone = leaving.signal;
  const left = [1, 2, 3].map(() => turns.next({ name: 'a', tries: 1, gone }));
  expect(await turns.next({ name: 'a', tries: 1 })).toBe(false);
  expect(turns.wait()).toBe(3 * 3_600_000);
  leaving.abort();
  expect(await Promise.all(left)).toEqual([false, false, false]);
  expect(await turns.next({ name: 'a', tries: 1, gone })).toBe(false);
  const stayed = turns.next({ name: 'a', tries: 1 });
  expect(turns.wait()).toBe(3_600_000);
  turns.end();
  expect(await stayed).toBe(false);
});
