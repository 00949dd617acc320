import { expect, test } from 'vitest';
import { hasErrors } from '../../src/core/problem.ts';
import { schedule } from '../../src/core/schedule/schedule.ts';
import { atLocal, day, formatLocal, hour, localDate } from '../../src/core/time.ts';
import { parsePostFile } from '../../src/sources/folder/post-file.ts';
import { openCliWorld, run } from '../cli/kit.ts';
import { cadence, input, posts, start } from '../core/schedule-kit.ts';

const problemsOf = (front: string) => {
  const parsed = parsePostFile({
    path: 'a.md',
    file: 'posts/a.md',
    text: `---\n${front}\n---\nText`,
    sidecars: [],
    defaults: [],
    zone: 'Europe/Berlin',
    names: { accounts: [], queues: [], campaigns: [] },
  });
  return 'problems' in parsed ? parsed.problems : parsed.notes;
};

test.each([
  ['date: 2026-12-20\nexpires: 2026-12-10', 'the post expires before its day'],
  ['date: 2026-12-20 09:00\nexpires: 2026-12-20 08:00', 'the post expires before its minute'],
  ['date: 2026-12-20 09:00\nexpires: 2026-12-20 09:00', 'the post expires before its minute'],
  ['date: 2026-12-20\nnotBefore: 2026-12-22', 'its day is before notBefore'],
  ['date: 2026-12-20 09:00\nnotBefore: 2026-12-20 10:00', 'its minute is before notBefore'],
  ['notBefore: 2026-12-20\nexpires: 2026-12-10', 'the post expires before it may be published'],
])('dates that leave no moment are an error: %j', (front, what) => {
  const problems = problemsOf(front);
  expect(hasErrors(problems)).toBe(true);
  expect(problems).toMatchObject([{ what, where: expect.stringMatching(/^posts\/a\.md:3:\d+$/) }]);
});

test.each([
  'date: 2026-12-20\nexpires: 2026-12-20',
  'date: 2026-12-20 09:00\nexpires: 2026-12-20 09:01',
  'date: 2026-12-20\nnotBefore: 2026-12-20 12:00',
  'date: 2026-12-20 09:00\nnotBefore: 2026-12-20 09:00',
])('dates that leave a moment are none: %j', (front) => {
  expect(problemsOf(front)).toEqual([]);
});

test('what gets no slot before it would be over says so, and not that its turn comes', () => {
  const [zone, until] = ['Europe/Berlin', start + day];
  const full = { ...input({ cadence: cadence(), until }), perDay: 1, ceiling: 1 };
  const at = start + day / 2;
  const { unplaced } = schedule({
    ...full,
    candidates: [...posts(3), { delivery: 'late', expires: at }],
  });
  expect(unplaced.find(({ delivery }) => delivery === 'late')).toMatchObject({
    state: 'queued',
    reason: `it expires ${formatLocal(at, zone)}, before its turn comes: move it to the top`,
  });
});

test('a day that is kept without a slot keeps what its file says beside it', () => {
  const own = cadence({ blackout: [{ from: '2026-11-26', to: '2026-11-26' }] });
  const noon = atLocal('2026-11-26', 12 * 60, own.zone);
  const on = { pinnedDate: '2026-11-26' };
  const before = { delivery: 'other', post: 'other', delayFor: 0 };
  const candidates = [
    { delivery: 'late', ...on, notBefore: noon + 8 * hour },
    { delivery: 'early', ...on, expires: noon - 11 * hour },
    { delivery: 'never', ...on, notBefore: noon + day },
    { delivery: 'over', ...on, expires: noon - day },
    { delivery: 'behind', ...on, after: before },
    { delivery: 'then', ...on, after: { ...before, releasedAt: noon } },
    { delivery: 'far', pinnedDate: '2027-11-26' },
  ];
  const { slots, unplaced } = schedule(input({ cadence: own, candidates }));
  const at = Object.fromEntries(slots.map((slot) => [slot.delivery, slot.at]));
  expect(Object.keys(at).sort()).toEqual(['early', 'late', 'then']);
  for (const one of slots) expect(localDate(one.at, own.zone)).toBe('2026-11-26');
  expect(at['late']).toBeGreaterThanOrEqual(noon + 8 * hour);
  expect(at['early']).toBeLessThan(noon - 11 * hour);
  expect(at['then']).toBeGreaterThanOrEqual(noon);
  const none = 'but its notBefore, expires or after leaves no moment on that day';
  expect(Object.fromEntries(unplaced.map((one) => [one.delivery, one.reason]))).toEqual({
    behind: 'after other, which is not published',
    far: 'pinned to 2027-11-26',
    never: `pinned to 2026-11-26, ${none}`,
    over: `pinned to 2026-11-26, ${none}`,
  });
});

test('check names the day without a slot while there is time to choose another', async () => {
  await using world = await openCliWorld({
    files: {
      'posts/1-a.md': '---\ndate: 2090-12-24\n---\nClosed.',
      'posts/2-b.md': '---\ndate: 2090-12-25\n---\nOpen.',
      'posts/3-c.md': '---\ndate: 2090-12-24 10:00\n---\nTo the minute.',
      'posts/4-d.md': '---\ndate: 2020-12-24\n---\nLong ago.',
    },
    yaml: 'cadence: { perDay: 1, blackout: ["2090-12-24", "2020-12-24"] }',
  });
  const { stdout } = await run(world.folder, 'check --offline');
  expect(stdout.split('\n').filter((line) => line.includes('leaves out'))).toEqual([
    expect.stringMatching(
      /^note: posts\/1-a\.md its day, 2090-12-24, is one that the cadence leaves out on .+: it is/,
    ),
  ]);
});
