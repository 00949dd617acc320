import { expect, test } from 'vitest';
import { openSqlite } from '../../src/io/sqlite.ts';
import type { DeliveryQuery } from '../../src/ports/store.ts';
import { deliverySelection } from '../../src/store/sqlite/delivery-records.ts';
import { migrateSqlite } from '../../src/store/sqlite/migrations.ts';
import { selectSql } from '../../src/store/sqlite/select.ts';

const queries: [string, DeliveryQuery, RegExp][] = [
  [
    'the head of the queue',
    { states: ['waiting', 'queued', 'planned'], limit: 10 },
    /deliveries_rank \(state=\?\)/,
  ],
  [
    'the head of an account’s queue',
    { states: ['queued', 'planned'], account: 'a', limit: 10 },
    /deliveries_account_rank \(account=\? AND state=\?\)/,
  ],
  [
    'what is due',
    { states: ['planned'], dueBy: 5, order: 'at', limit: 5 },
    /deliveries_slot \(state=\? AND slot_at<\?\)/,
  ],
  [
    'an account’s next slot',
    { states: ['planned'], account: 'a', order: 'at', limit: 1 },
    /deliveries_account_slot \(account=\? AND state=\?\)/,
  ],
  [
    'what an account released lately',
    { account: 'a', startedSince: 5, order: '-startedAt' },
    /deliveries_account_started \(account=\? AND started_at>\?\)/,
  ],
  [
    'an account’s newest release',
    { account: 'a', order: '-startedAt', limit: 1 },
    /deliveries_account_started \(account=\?\)/,
  ],
  [
    'the newest releases',
    { states: ['released'], order: '-startedAt', limit: 20 },
    /deliveries_state_started \(state=\?\)/,
  ],
  ['a post’s deliveries', { post: 'p' }, /deliveries_post \(post=\?\)/],
  [
    'what is to be measured',
    { measureBy: 5, order: 'measureAt' },
    /deliveries_measure \(measure_at<\?\)/,
  ],
  [
    'what an account is to measure next',
    { account: 'a', measureBy: 5, order: 'measureAt', limit: 1 },
    /deliveries_measure \(measure_at<\?\)/,
  ],
  [
    'a day of the calendar',
    { states: ['planned'], dueFrom: 1, dueBy: 5, order: 'at', limit: 9 },
    /deliveries_slot \(state=\? AND slot_at>\? AND slot_at<\?\)/,
  ],
  [
    'what waits for approval',
    { states: ['waiting'], wantsApproval: true, limit: 20 },
    /deliveries_approval \(state=\?\)/,
  ],
  [
    'the runs of evergreen posts that were released',
    { states: ['released'], isEvergreen: true },
    /deliveries_evergreen \(state=\?\)/,
  ],
  ['deliveries by id', { ids: ['a', 'b'] }, /deliveries_1 \(id=\?\)/],
];

test.each(queries)(
  '%s is found through an index, whatever the size of the store',
  (_, query, index) => {
    const sqlite = openSqlite(':memory:', { synchronous: 'NORMAL' });
    migrateSqlite(sqlite);
    const { sql, values } = selectSql(deliverySelection(query));
    const plan = sqlite
      .all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values)
      .map(({ detail }) => detail);
    expect(plan.join('\n')).toMatch(index);
    expect(
      plan.filter((line) => line.startsWith('SCAN deliveries') && !line.includes('USING')),
    ).toEqual([]);
    sqlite.close();
  },
);

test('with a limit no more rows are sorted than were asked for', () => {
  const sqlite = openSqlite(':memory:', { synchronous: 'NORMAL' });
  migrateSqlite(sqlite);
  for (const [name, query] of queries.filter(([, { limit }]) => limit)) {
    const { sql, values } = selectSql(deliverySelection(query));
    const plan = sqlite
      .all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values)
      .map(({ detail }) => detail);
    // A sort is only allowed over the few rows that the limited parts have handed on, which comes
    // after the scan of such a part.
    for (const [line, detail] of plan.entries()) {
      if (detail.includes('TEMP B-TREE')) expect(plan[line - 1], name).toMatch(/^SCAN \(subquery/);
    }
  }
  sqlite.close();
});
