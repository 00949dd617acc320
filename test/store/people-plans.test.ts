import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { MongoClient } from 'mongodb';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { openSqlite } from '../../src/io/sqlite.ts';
import type { PeopleQuery } from '../../src/ports/people/people-store.ts';
import { openStore } from '../../src/store/open-store.ts';
import { migrateSqlite } from '../../src/store/sqlite/migrations.ts';
import { listPeople } from '../../src/store/sqlite/people/people-search.ts';
import { storeOn } from '../../src/store/sqlite/sqlite-store.ts';
import { databaseUri } from '../peers/mongo.ts';
import { askPeople, peopleTables } from './ask-people.ts';
import { start } from './people-kit.ts';
import {
  explain,
  findWalks,
  listenToCommands,
  type Seen,
  tell,
  withMonitor,
} from './mongo-plans.ts';

afterEach(() => vi.restoreAllMocks());

/** In the order of an index, or of such a table itself, until the limit is reached. */
const isBounded = (line: string, sql: string) =>
  /USING (COVERING )?INDEX|^SCAN (suppressions|coupons)$/.test(line) &&
  /ORDER BY .* LIMIT \?/.test(sql);

/** Looked through as a whole, and why. */
const isWhole: [RegExp, string][] = [
  [/^SELECT count\(\*\) AS n FROM people $/, 'the number of all people, from an index'],
];

/** Sorted, and why that is little. */
const isSorted: [RegExp, string][] = [
  [/FROM people_terms WHERE term >= \? AND term < \?\) t/, 'a few thousand, or it is walked'],
  [/FROM acts WHERE person = \? .*/, 'acts of one person'],
  [/FROM (enrolments|dispatches) WHERE (person|enrolment) = \?/, 'of one person'],
  [
    /FROM dispatches WHERE (medium = \? AND )?sent_at >= \? ORDER BY \+id$/,
    'all of them are wanted',
  ],
  [/FROM dispatches WHERE claim_ends_at <= \?/, 'what is claimed are a few at a time'],
  [/FROM dispatches WHERE sequence = \? (AND state IN .*)?ORDER BY \+id/, 'of one sequence'],
  [/FROM (enrolments|dispatches) WHERE .* ORDER BY id$/, 'all of them are wanted'],
  [/^SELECT \* FROM \(SELECT/, 'the heads of each state are merged'],
];

/** Of what a text finds too much of to sort it. */
const searches: PeopleQuery[] = [{}, { status: 'won' as const }].flatMap((one) =>
  [{}, { sequence: 'welcome' }].flatMap((other) =>
    [{}, { after: { createdAt: start, id: 'p-b' } }].map((last) => ({
      ...one,
      ...other,
      ...last,
      text: 'name',
      limit: 50,
    })),
  ),
);

test('on SQLite an index leads to all that is asked of people', async () => {
  const said = new Set<string>();
  const prepare = DatabaseSync.prototype.prepare;
  vi.spyOn(DatabaseSync.prototype, 'prepare').mockImplementation(function (
    this: DatabaseSync,
    sql: string,
  ) {
    said.add(sql.replaceAll(/\s+/g, ' '));
    return prepare.call(this, sql);
  });
  const sqlite = openSqlite(':memory:', { synchronous: 'NORMAL' });
  migrateSqlite(sqlite);
  await using store = storeOn(sqlite);
  await askPeople(store);
  for (const query of searches) listPeople(sqlite, query, 0);
  const walks: string[] = [];
  const sorts: string[] = [];
  for (const sql of [...said].filter((one) => /^(SELECT|UPDATE|DELETE|INSERT)/.test(one)))
    for (const { detail } of sqlite.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as {
      detail: string;
    }[]) {
      const [, table = ''] = /^SCAN (\w+)/.exec(detail) ?? [];
      const isLarge = [...peopleTables, 'p', 's'].includes(table);
      if (isLarge && !isBounded(detail, sql) && !isWhole.some(([known]) => known.test(sql)))
        walks.push(`${detail}: ${sql}`);
      if (detail.includes('TEMP B-TREE FOR') && !isSorted.some(([known]) => known.test(sql)))
        sorts.push(`${detail}: ${sql}`);
    }
  expect(walks).toEqual([]);
  expect(sorts).toEqual([]);
  expect(said.size).toBeGreaterThan(80);
});

/** What the strict judge calls a walk on MongoDB, and why it is little. */
const isLittle: [RegExp, string][] = [
  [/\((.*, )?(person|enrolment)\b/, 'of one person, by an index that begins with it'],
  [
    /\((.*, )?(createdAt \$lte|(hash|file) \$gte), \$or .* limited$/,
    'a page; what follows drops ties',
  ],
  [/^find dispatches \(sequence, state \$in\) by _id/, 'of one sequence, in such a state'],
  [/\(forgottenAt \$exists, isForgetting\)/, 'who was forgotten since yesterday'],
  [/\((state \$in, )?claimEndsAt \$lte\)/, 'what is claimed are a few at a time'],
];

const mongoTest = inject('mongoUri') ? test : test.skip;

mongoTest('on MongoDB an index leads to all that is asked of people', async () => {
  const uri = databaseUri(inject('mongoUri') ?? '', `test-${randomUUID()}`);
  const seen: Seen[] = [];
  listenToCommands((some) => seen.push(...some));
  const client = await new MongoClient(uri).connect();
  try {
    await using store = await openStore({ uri: withMonitor(uri), dataFolder: '', mode: 'serve' });
    await askPeople(store);
    const ours = seen.filter(({ collection }) => peopleTables.includes(collection));
    const isKnown = (one: string) => isLittle.some(([what]) => what.test(one));
    const walks = await findWalks(client.db(), ours, peopleTables);
    expect(walks.filter((one) => !isKnown(one))).toEqual([]);
    expect(await explain(client.db(), ours)).toEqual([]);
    expect(new Set(ours.map(tell)).size).toBeGreaterThan(50);
  } finally {
    await client.db().dropDatabase();
    await client.close();
  }
});
