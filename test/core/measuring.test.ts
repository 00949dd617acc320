import fc from 'fast-check';
import { expect, test } from 'vitest';
import { measureAges, nextLookAge } from '../../src/core/measuring.ts';
import { backoffFor } from '../../src/flow/release/back-off.ts';

test('an age to look at is later, and in whole milliseconds, whatever the rules and ages are', () => {
  const ages = fc.integer({ min: 0, max: 8 * 24 * 3_600_000 });
  const turnings = fc.array(fc.integer({ min: 1, max: 30 * 24 * 3_600_000 }), { maxLength: 5 });
  fc.assert(
    fc.property(ages, turnings, fc.nat(12), (age, turning, unchanged) => {
      turning.sort((a, b) => a - b);
      const next = nextLookAge({ ages: measureAges, age, turning, unchanged });
      if (next === undefined) return;
      expect(Number.isSafeInteger(next)).toBe(true);
      expect(next).toBeGreaterThan(age);
    }),
  );
});

test('a back-off is in whole milliseconds, however its unit was configured', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.double({ min: 1, max: 1e6 }),
      (attempts, unit) => Number.isSafeInteger(backoffFor(attempts, { retryAfter: unit || 1 })),
    ),
  );
});
