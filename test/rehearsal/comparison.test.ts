import { expect, test } from 'vitest';
import { toText } from '../../src/cli/rehearse/rehearsal-text.ts';
import { day } from '../../src/core/time.ts';
import type { Rehearsal } from '../../src/rehearsal/rehearsal.ts';

const from = Date.parse('2026-11-23T00:00:00Z');

function tell(fullUntil: number): string {
  const policies = [
    { name: 'adaptive', echo: 2003, echoWhileFull: 1000 },
    { name: 'steady', echo: 2161, echoWhileFull: 890 },
  ].map((one) => ({ ...one, releases: 50, dryAt: {} }));
  const rehearsal = {
    from,
    until: from + 56 * day,
    fullUntil,
    zone: 'UTC',
    seed: 1,
    weeks: [],
    policies,
    accounts: [],
    releases: [],
    followUps: [],
    dryAt: {},
    left: [],
    notes: [],
  } as unknown as Rehearsal;
  return toText(rehearsal, 'chart.svg').replaceAll(/\n\s+/g, ' ');
}

test('the comparison names the numbers that it compares, and why the totals are others', () => {
  const text = tell(from + 20 * day);
  expect(text).toContain(
    'Until Sun 13 Dec 00:00, while every account has posts: adaptive 1000 (as configured), ' +
      'steady 890 (11 % less).',
  );
  expect(text).toContain('The totals above go on after it');
});

test('over the whole span the numbers compared are the totals', () => {
  const text = tell(from + 56 * day);
  expect(text).toContain(
    'In all these weeks: adaptive 2003 (as configured), steady 2161 (8 % more).',
  );
  expect(text).not.toContain('go on after it');
  expect(text).toContain('The audience is made up');
});
