import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readLog, replayLog, shuffleInBlocks } from '../../bench/pacing/log-bench.ts';
import { createRandom, normal, poissonAt } from '../../bench/pacing/random.ts';
import { hour, toIso } from '../../src/core/time.ts';

function write(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'dripline-log-')), 'log.csv');
  writeFileSync(file, text);
  return file;
}

/** A log of posts at odd hours, whose afternoons are worth `afternoon` times its mornings. */
function log(afternoon: number, count = 500): string {
  const random = createRandom('log', afternoon);
  const rows = Array.from({ length: count }, (_, i) => {
    const at = Date.parse('2026-01-01T00:00Z') + i * 5.3 * hour;
    const mean =
      20 * (new Date(at).getUTCHours() >= 12 ? afternoon : 1) * Math.exp(0.5 * normal(random));
    return `${toIso(at)},${poissonAt(mean, random())},0,0`;
  });
  return write(['at,likes,reposts,replies', ...rows].join('\n'));
}

test('where the hour matters the multiplier is what comes, and with the outcomes shuffled it is nothing', () => {
  const posts = readLog(log(1.7), 'UTC');
  const { slope, topOverBottom, posts: judged } = replayLog(posts, 'UTC');
  expect(judged).toBeGreaterThan(400);
  expect(slope).toBeGreaterThan(0.7);
  expect(slope).toBeLessThan(1.5);
  expect(topOverBottom.low).toBeGreaterThan(10);
  const placebo = replayLog(shuffleInBlocks(posts, 1), 'UTC');
  expect(placebo.topOverBottom.low).toBeLessThan(8);
});

test('a shuffled log has the same numbers at the same instants', () => {
  const posts = readLog(log(1.2, 60), 'UTC');
  const shuffled = shuffleInBlocks(posts, 3);
  expect(shuffled.map(({ at }) => at)).toEqual(posts.map(({ at }) => at));
  const sorted = (some: typeof posts) =>
    some.map(({ counts }) => counts.likes ?? 0).sort((a, b) => a - b);
  expect(sorted(shuffled)).toEqual(sorted(posts));
  expect(shuffled).not.toEqual(posts);
});

test('a log that cannot be read says where and what to write', () => {
  expect(() => readLog(write('when,likes\n1,2'), 'UTC')).toThrow(
    /log\.csv:1 has no columns "at" and "likes"/,
  );
  expect(() => readLog(write('at,likes\nyesterday,2'), 'UTC')).toThrow(
    /log\.csv:2 "yesterday" is not a time: write it as 2026-11-24 08:30/,
  );
});

test('exports are read as they are: quoted cells, other names, thousands, times of the zone', () => {
  const zone = 'America/New_York';
  const rows = (head: string, row: string) => readLog(write(`\ufeff${head}\r\n${row}\r\n`), zone);
  const counts = { likes: 7, reposts: 2, replies: 1 };
  for (const [head, row, at, has] of [
    ['at,text,likes,reposts,replies', '2026-01-05T13:00:00Z,"one, two",7,2,1', '13:00', counts],
    ['at,text,likes,reposts,replies', '2026-01-05 08:00,"""so"", he said",7,2,1', '13:00', counts],
    [
      'created_at,favorites,retweets,replies',
      'Mon Jan 05 13:00:00 +0000 2026,"1,204",2,1',
      '13:00',
      { ...counts, likes: 1204 },
    ],
    ['Date,Likes,Boosts', '2026-01-05 08:00,7,2', '13:00', { ...counts, replies: 0 }],
  ] as const)
    expect([row, rows(head, row)]).toMatchObject([
      row,
      [{ at: Date.parse(`2026-01-05T${at}Z`), counts: has }],
    ]);
  expect(() => rows('at,likes', '2026-01-05 08:00,n/a')).toThrow(
    /log\.csv:2 "n\/a" is not a whole number/,
  );
  expect(() => rows('at,likes', '"2026-01-05,7')).toThrow(/log\.csv cannot be read: /);
  expect(() => readLog('/nowhere/log.csv', zone)).toThrow(/^\/nowhere\/log\.csv cannot be read: /);
});
