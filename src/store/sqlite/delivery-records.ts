import type { Delivery } from '../../core/delivery/delivery.ts';
import { upgradeDelivery } from '../../core/delivery/upgrade.ts';
import type { JournalEntry } from '../../core/journal.ts';
import type { Sqlite, SqliteValue } from '../../io/sqlite.ts';
import type { Change, DeliveryQuery } from '../../ports/store.ts';
import { chunks } from '../../core/chunks.ts';
import { entriesOf } from '../entries-of.ts';
import { insertEntries } from './journal-records.ts';
import {
  addCondition,
  addIds,
  countRows,
  selectDocs,
  type Selection,
  type Where,
} from './select.ts';

/** Sorts deliveries without a slot after all that have one. */
const noSlot = 8.64e15;

/** What is indexed of a delivery, by its column. */
const columnsOf = (delivery: Delivery): Record<string, SqliteValue> => ({
  post: delivery.post,
  account: delivery.account,
  state: delivery.state,
  rank: delivery.rank,
  slot_at: delivery.at ?? noSlot,
  started_at: delivery.startedAt ?? null,
  measure_at: delivery.measureAt ?? null,
});

export function addDeliveries(
  sqlite: Sqlite,
  deliveries: readonly Delivery[],
  entries: readonly JournalEntry[],
): string[] {
  const all = new Set(deliveries.map((delivery) => delivery.id));
  const added: string[] = [];
  for (const chunk of chunks(deliveries)) {
    const fresh = sqlite.transaction(() =>
      chunk.filter((delivery) => {
        const isNew = insert(sqlite, delivery);
        if (isNew) insertEntries(sqlite, entriesOf(delivery, all, entries));
        return isNew;
      }),
    );
    added.push(...fresh.map((delivery) => delivery.id));
  }
  return added;
}

const insert = (sqlite: Sqlite, delivery: Delivery): boolean =>
  sqlite.run(
    `INSERT INTO deliveries (
       id, post, account, state, rank, slot_at, started_at, measure_at, revision, doc
     ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
    delivery.id,
    ...Object.values(columnsOf(delivery)),
    delivery.revision,
    JSON.stringify(delivery),
  ) === 1;

const readDoc = (doc: string): Delivery => upgradeDelivery(JSON.parse(doc) as Delivery);

export function findDelivery(sqlite: Sqlite, id: string): Delivery | undefined {
  const row = sqlite.get<{ doc: string }>('SELECT doc FROM deliveries WHERE id = ?', id);
  return row && readDoc(row.doc);
}

const orders: Record<NonNullable<DeliveryQuery['order']>, Selection['order']> = {
  rank: [{ column: 'rank' }, { column: 'id' }],
  at: [{ column: 'slot_at' }, { column: 'id' }],
  '-startedAt': [{ column: 'started_at', isDescending: true }, { column: 'id' }],
  measureAt: [{ column: 'measure_at' }, { column: 'id' }],
};

export function deliverySelection(query: DeliveryQuery): Selection {
  const where: Where = { conditions: [], values: [] };
  if (query.ids) addIds(where, 'id', query.ids);
  if (query.post !== undefined) addCondition(where, 'post = ?', query.post);
  if (query.posts) addIds(where, 'post', query.posts);
  // Few deliveries are still measured, and an account has many: the plus keeps SQLite from using
  // the account's index.
  if (query.account !== undefined)
    addCondition(
      where,
      query.measureBy === undefined ? 'account = ?' : '+account = ?',
      query.account,
    );
  if (query.dueBy !== undefined)
    addCondition(where, 'slot_at <= ?', Math.min(query.dueBy, noSlot - 1));
  if (query.dueFrom !== undefined)
    addCondition(where, 'slot_at >= ? AND slot_at < ?', query.dueFrom, noSlot);
  if (query.startedSince !== undefined) addCondition(where, 'started_at >= ?', query.startedSince);
  if (query.measureBy !== undefined) addCondition(where, 'measure_at <= ?', query.measureBy);
  if (query.wantsApproval) addCondition(where, "json_extract(doc, '$.terms.approval') = 1");
  if (query.isEvergreen) addCondition(where, "json_extract(doc, '$.terms.isEvergreen') = 1");
  return {
    table: 'deliveries',
    where,
    oneOf: query.states && { column: 'state', options: query.states },
    order: orders[query.order ?? 'rank'],
    limit: query.limit,
    skip: query.skip,
  };
}

const isEmpty = (query: DeliveryQuery) =>
  query.states?.length === 0 ||
  query.ids?.length === 0 ||
  query.posts?.length === 0 ||
  query.limit === 0;

export function listDeliveries(sqlite: Sqlite, query: DeliveryQuery): Delivery[] {
  if (isEmpty(query)) return [];
  return selectDocs(sqlite, deliverySelection(query), readDoc);
}

export function countDeliveries(sqlite: Sqlite, query: DeliveryQuery): number {
  if (isEmpty(query)) return 0;
  return countRows(sqlite, deliverySelection(query));
}

/** The id without its account; an index has it, and no row is read. */
const runOfId = "substr(id, 1, instr(id, '@') - 1)";

export function countRuns(sqlite: Sqlite, query: DeliveryQuery): number {
  if (isEmpty(query)) return 0;
  return countRows(sqlite, deliverySelection(query), runOfId);
}

/** From one account to the next by the index: DISTINCT would walk through all of history. */
export function listAccounts(sqlite: Sqlite): string[] {
  const next = 'SELECT min(account) FROM deliveries';
  const rows = sqlite.all<{ name: string }>(
    `WITH RECURSIVE accounts (name) AS (
       ${next} UNION ALL
       SELECT (${next} WHERE account > name) FROM accounts WHERE name IS NOT NULL
     ) SELECT name FROM accounts WHERE name IS NOT NULL`,
  );
  return rows.map(({ name }) => name);
}

/**
 * SQLite writes each index whose column is named, whatever its value: only what differs from the
 * row is.
 */
function update(sqlite: Sqlite, { before, after }: Change): string | undefined {
  const next: Delivery = { ...after, id: before.id, revision: before.revision + 1 };
  const row = sqlite.get<Record<string, SqliteValue>>(
    `SELECT post, account, state, rank, slot_at, started_at, measure_at
     FROM deliveries WHERE id = ? AND revision = ?`,
    before.id,
    before.revision,
  );
  if (!row) return undefined;
  const doc = JSON.stringify(next);
  const changed = Object.entries(columnsOf(next)).filter(([name, value]) => row[name] !== value);
  const set = [...changed.map(([name]) => name), 'revision', 'doc'].map((name) => `${name} = ?`);
  sqlite.run(
    `UPDATE deliveries SET ${set.join()} WHERE id = ?`,
    ...changed.map(([, value]) => value),
    next.revision,
    doc,
    before.id,
  );
  return doc;
}

export function changeDelivery(
  sqlite: Sqlite,
  change: Change,
  entries: readonly JournalEntry[],
): Delivery | undefined {
  return sqlite.transaction(() => {
    const changed = update(sqlite, change);
    if (changed === undefined) return undefined;
    insertEntries(sqlite, entries);
    return JSON.parse(changed) as Delivery;
  });
}

export function changeDeliveries(sqlite: Sqlite, changes: readonly Change[]): string[] {
  return chunks(changes).flatMap((chunk) =>
    sqlite.transaction(() =>
      chunk.filter((change) => update(sqlite, change)).map(({ before }) => before.id),
    ),
  );
}
