import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, test, vi } from 'vitest';
import { measuredSoon, openWorld, until, untilQuiet } from './world.ts';

afterEach(() => vi.restoreAllMocks());

/** Grows with history, or with the queue: none of these is walked through to answer a question. */
const large = ['deliveries', 'journal', 'samples', 'latest_samples'];

/** What a person asks for once, and wants all of. */
const isAskedForAll: [RegExp, string][] = [
  [/^SELECT doc FROM deliveries ORDER BY rank, id$/, 'rehearse and export copy the whole queue'],
  [/^SELECT doc FROM journal ORDER BY at, seq$/, '`journal` without a limit'],
];

const files = {
  'posts/a.md': '---\nevergreen: { every: 1d }\n---\nAgain.',
  'posts/b.md': 'One.\n\n---\nTwo.',
  'posts/c.md': '---\ncampaign: spring\napproval: required\n---\nMay I?',
  'posts/d.md': '---\nfollow-ups: [{ when: likes >= 1, within: 1d, text: Thanks }]\n---\nLike it.',
  'posts/e.md': '---\ndate: 2026-11-30\n---\nPinned.',
};

const verbs = [
  'status',
  'queue',
  'queue --days=60',
  'next 3',
  'show b',
  'plan',
  'journal --limit=20',
  'stats',
  'stats --days=90',
  'stats --campaign=spring',
  'pause x',
  'resume x',
  'move d top',
  'skip d',
  'undo',
  'mute 1h',
  'unmute',
  'approve c',
  'withdraw e',
];

const pages = ['/', '/queue', '/calendar', '/engagement', '/pace', '/campaigns', '/accounts'];

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
  {
    await using served = await world.serve({ timing: measuredSoon });
    await world.say('resume');
    await untilQuiet(world, world.clock);
    await until('a look', async () => {
      const [one] = await served.context.store.listSamples({
        account: 'x',
        releasedSince: 0,
        isLatest: true,
      });
      return one;
    });
    for (const verb of verbs) await world.say(verb).catch(() => undefined);
    for (const page of [...pages, '/journal', '/posts/b', '/metrics', '/queue?show=released'])
      await fetch(new URL(page, served.web));
  }
  using database = new DatabaseSync(join(world.config.folders.data, 'dripline.db'));
  const walks: string[] = [];
  for (const sql of [...said].filter((one) => /^(SELECT|UPDATE|DELETE|WITH)/.test(one)))
    for (const line of planOf(database, sql))
      if (isWalk(line, sql) && !isAskedForAll.some(([known]) => known.test(sql)))
        walks.push(`${line}: ${sql}`);
  expect(walks).toEqual([]);
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
