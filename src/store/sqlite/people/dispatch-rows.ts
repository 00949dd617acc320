import type { Dispatch } from '../../../core/people/dispatch.ts';
import type { Sqlite } from '../../../io/sqlite.ts';
import type { DispatchCount, DispatchQuery } from '../../../ports/people/people-store.ts';
import { dispatchFields } from '../../people-rows.ts';
import { addCondition, selectDocs, type Selection } from '../select.ts';
import { findDoc, insertRow, isThere, type KeptRow, updateRow } from './kept-rows.ts';

const toRow = (dispatch: Dispatch): KeptRow => {
  const fields = dispatchFields(dispatch);
  const { sentAt, claimEndsAt, messageId, serverId, ...same } = fields;
  return {
    id: dispatch.id,
    revision: dispatch.revision,
    columns: {
      ...same,
      sent_at: sentAt ?? null,
      claim_ends_at: claimEndsAt ?? null,
      message_id: messageId ?? null,
      server_id: serverId ?? null,
    },
    doc: JSON.stringify(dispatch),
  };
};

/** Inside a transaction of the caller. */
export const insertDispatch = (sqlite: Sqlite, dispatch: Dispatch): boolean =>
  isThere(sqlite, dispatch.person) && insertRow(sqlite, 'dispatches', toRow(dispatch));

/** Inside a transaction of the caller. */
export const updateDispatch = (sqlite: Sqlite, before: Dispatch, after: Dispatch): boolean =>
  updateRow(sqlite, 'dispatches', {
    before: before.revision,
    row: toRow({ ...after, id: before.id, revision: before.revision + 1 }),
  });

export const findDispatch = (sqlite: Sqlite, id: string): Dispatch | undefined =>
  findDoc<Dispatch>(sqlite, 'dispatches', id);

export function findDispatchByMessage(sqlite: Sqlite, messageId: string): Dispatch | undefined {
  const find = (column: string) =>
    sqlite.get<{ doc: string }>(
      `SELECT doc FROM dispatches WHERE ${column} = ? LIMIT 1`,
      messageId,
    );
  const row = find('message_id') ?? find('server_id');
  return row && (JSON.parse(row.doc) as Dispatch);
}

const orders: Record<NonNullable<DispatchQuery['order']>, Selection['order']> = {
  id: [{ column: 'id' }],
  at: [{ column: 'at' }, { column: 'id' }],
  '-sentAt': [{ column: 'sent_at', isDescending: true }, { column: 'id' }],
};

/** What of a query leads to few rows by an index of its own. */
const leads = ['person', 'enrolment', 'sentSince', 'claimedUntil'] as const;

export function dispatchSelection(query: DispatchQuery): Selection {
  const { states, order = 'id' } = query;
  const where = whereOf(query);
  const isSent = order === '-sentAt';
  if (isSent) addCondition(where, 'sent_at IS NOT NULL');
  const isLed = isSent || leads.some((one) => query[one] !== undefined);
  const isById = order === 'id';
  // Of one sequence or medium no index has the order of the ids.
  const isSorted = isById && (isLed || query.sequence !== undefined || query.medium !== undefined);
  const isWithin = isLed || isSorted;
  if (states && isWithin)
    addCondition(
      where,
      `${isLed ? '+' : ''}state IN (${states.map(() => '?').join(', ')})`,
      ...states,
    );
  return {
    table: 'dispatches',
    where,
    oneOf: states && !isWithin ? { column: 'state', options: states } : undefined,
    // The plus: an index leads to them, not the one that has the order.
    order: isSorted ? [{ column: '+id' }] : orders[order],
    limit: query.limit,
  };
}

function whereOf(query: DispatchQuery): Selection['where'] {
  const where: Selection['where'] = { conditions: [], values: [] };
  if (query.person !== undefined) addCondition(where, 'person = ?', query.person);
  if (query.enrolment !== undefined) addCondition(where, 'enrolment = ?', query.enrolment);
  // Of one person or enrolment there are few: whatever else is asked is looked at in their rows.
  const isOfOne = query.person !== undefined || query.enrolment !== undefined;
  const plus = isOfOne ? '+' : '';
  if (query.sequence !== undefined) addCondition(where, `${plus}sequence = ?`, query.sequence);
  if (query.medium !== undefined) addCondition(where, `${plus}medium = ?`, query.medium);
  if (query.dueBy !== undefined) addCondition(where, `${plus}at <= ?`, query.dueBy);
  if (query.sentSince !== undefined) addCondition(where, 'sent_at >= ?', query.sentSince);
  if (query.claimedUntil !== undefined)
    addCondition(where, `${plus}claim_ends_at <= ?`, query.claimedUntil);
  return where;
}

export function listDispatches(sqlite: Sqlite, query: DispatchQuery): Dispatch[] {
  if (query.states?.length === 0 || query.limit === 0) return [];
  return selectDocs(sqlite, dispatchSelection(query), (doc) => JSON.parse(doc) as Dispatch);
}

export const countDispatches = (sqlite: Sqlite, sequence?: string): DispatchCount[] =>
  sqlite
    .all<DispatchCount>(
      `SELECT sequence, step, state, count FROM dispatch_counts
       WHERE ${sequence === undefined ? '' : 'sequence = ? AND '}count > 0
       ORDER BY sequence, step, state`,
      ...(sequence === undefined ? [] : [sequence]),
    )
    .map((row) => ({ ...row }));
