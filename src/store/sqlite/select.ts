import type { Sqlite, SqliteValue } from '../../io/sqlite.ts';

/** Conditions joined by AND. */
export interface Where {
  conditions: string[];
  values: SqliteValue[];
}

export function addCondition(where: Where, sql: string, ...values: SqliteValue[]): void {
  where.conditions.push(sql);
  where.values.push(...values);
}

export interface Selection {
  table: string;
  where: Where;
  /**
   * `column IN options`: an index cannot give the order over several values at once, so each value
   * is read on its own and the results are merged.
   */
  oneOf?: { column: string; options: readonly string[] } | undefined;
  /** Columns with their direction; the first names the order of the index. */
  order: { column: string; isDescending?: boolean }[];
  limit?: number | undefined;
  /** Rows to skip; only with a limit. */
  skip?: number | undefined;
}

const whereSql = (conditions: string[]) =>
  conditions.length ? ` WHERE ${conditions.join(' AND ')}` : '';

/**
 * What `read` makes of each row's `doc`. With a limit it reads no more than `skip + limit` rows for
 * each option.
 */
export function selectDocs<T>(sqlite: Sqlite, selection: Selection, read: (doc: string) => T): T[] {
  const { sql, values } = selectSql(selection);
  return sqlite.map<{ doc: string }, T>(sql, values, ({ doc }) => read(doc));
}

export function selectSql({ table, where, oneOf, order, limit, skip = 0 }: Selection): {
  sql: string;
  values: SqliteValue[];
} {
  const orderSql = order
    .map(({ column, isDescending }) => `${column}${isDescending ? ' DESC' : ''}`)
    .join(', ');
  const columns = ['doc', ...order.map(({ column }) => column)].join(', ');
  if (!oneOf || limit === undefined) {
    const all = withOptions(where, oneOf);
    const tail = limit === undefined ? '' : ' LIMIT ? OFFSET ?';
    return {
      sql: `SELECT doc FROM ${table}${whereSql(all.conditions)} ORDER BY ${orderSql}${tail}`,
      values: limit === undefined ? all.values : [...all.values, limit, skip],
    };
  }
  const oneWhere = whereSql([`${oneOf.column} = ?`, ...where.conditions]);
  const inner = `SELECT ${columns} FROM ${table}${oneWhere} ORDER BY ${orderSql} LIMIT ?`;
  const union = oneOf.options.map(() => `SELECT * FROM (${inner})`).join(' UNION ALL ');
  const values = oneOf.options.flatMap((option) => [option, ...where.values, limit + skip]);
  return {
    sql: `${union} ORDER BY ${orderSql} LIMIT ? OFFSET ?`,
    values: [...values, limit, skip],
  };
}

function withOptions(where: Where, oneOf: Selection['oneOf']): Where {
  if (!oneOf) return where;
  const marks = oneOf.options.map(() => '?').join(', ');
  return {
    conditions: [`${oneOf.column} IN (${marks})`, ...where.conditions],
    values: [...oneOf.options, ...where.values],
  };
}

/** With a limit it stops there. `each`: what is counted once; absent: each row. */
export function countRows(
  sqlite: Sqlite,
  { table, where, oneOf, limit }: Pick<Selection, 'table' | 'where' | 'oneOf' | 'limit'>,
  each?: string,
): number {
  const all = withOptions(where, oneOf);
  const rows = `${each ?? 1} AS one FROM ${table}${whereSql(all.conditions)}`;
  const count = each === undefined ? 'count(*)' : 'count(DISTINCT one)';
  const bound = limit === undefined ? '' : ' LIMIT ?';
  return (
    sqlite.get<{ n: number }>(
      `SELECT ${count} AS n FROM (SELECT ${rows}${bound})`,
      ...all.values,
      ...(limit === undefined ? [] : [limit]),
    )?.n ?? 0
  );
}

/** Any number of ids as one parameter. */
export function addIds(where: Where, column: string, ids: readonly string[]): void {
  addCondition(where, `${column} IN (SELECT value FROM json_each(?))`, JSON.stringify(ids));
}
