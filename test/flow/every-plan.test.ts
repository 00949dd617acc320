import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, test, vi } from 'vitest';
import { peopleTables } from '../store/ask-people.ts';
import { askForAll, files } from './ask-for-all.ts';
import { openWorld } from './world.ts';

afterEach(() => vi.restoreAllMocks());

/** Grows with history, or with the queue: none of these is walked through to answer a question. */
const large = ['deliveries', 'journal', 'samples', 'latest_samples', 'posts', ...peopleTables];

/** What a person asks for once, and wants all of. */
const isAskedForAll: [RegExp, string][] = [
  [/^SELECT doc FROM deliveries ORDER BY rank, id$/, 'rehearse and export copy the whole queue'],
  [/^SELECT count\(\*\) AS n FROM people$/, 'how many there are, from an index alone'],
  [/^SELECT .*mark.* FROM posts ORDER BY id$/, 'rehearse, export and once a day what is kept'],
  [/^SELECT doc FROM journal ORDER BY at, seq$/, '`journal` without a limit'],
];

test('no statement of the service, its verbs and its pages walks through a table that grows', async () => {
  const said = new Set<string>();
  const prepare = DatabaseSync.prototype.prepare;
  vi.spyOn(DatabaseSync.prototype, 'prepare').mockImplementation(function (
    this: DatabaseSync,
    sql: string,
  ) {
    said.add(sql.replaceAll(/\s+/g, ' ').trim());
    return prepare.call(this, sql);
  });
  await using world = await openWorld({ files });
  await askForAll(world);
  using database = new DatabaseSync(join(world.config.folders.data, 'dripline.db'));
  const walks: string[] = [];
  for (const sql of [...said].filter((one) => /^(SELECT|UPDATE|DELETE|WITH)/.test(one)))
    for (const line of planOf(database, sql))
      if (isWalk(line, sql) && !isAskedForAll.some(([known]) => known.test(sql)))
        walks.push(`${line}: ${sql}`);
  expect(walks).toEqual([]);
  const marks = [...said].filter((one) => / FROM posts WHERE source = \?/.test(one));
  expect(marks.flatMap((sql) => planOf(database, sql))).toEqual([
    'SEARCH posts USING COVERING INDEX posts_marks (source=?)',
  ]);
  expect(said.size).toBeGreaterThan(60);
});

function planOf(database: DatabaseSync, sql: string): string[] {
  try {
    const rows = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[];
    return rows.map(({ detail }) => detail);
  } catch {
    // Of the alarms' own file.
    return [];
  }
}

/** The first few in the order of an index end where the limit does. */
const isBounded = (line: string, sql: string) =>
  line.includes('USING INDEX') && !sql.includes(' WHERE ') && / LIMIT \?/.test(sql);

const isWalk = (line: string, sql: string) =>
  large.some((table) => new RegExp(`^SCAN ${table}\\b`).test(line)) && !isBounded(line, sql);
