import type { JobsQueryOptions, RemoveJobsOptions } from 'agenda';
import type { SqliteValue } from '../../io/sqlite.ts';
import { columns, toColumn, type Field } from './job-rows.ts';

export interface Condition {
  sql: string;
  values: SqliteValue[];
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter(isText) : []);

const among = (column: string, values: string[], not = false): Condition => ({
  sql: `${column} ${not ? 'NOT ' : ''}IN (SELECT value FROM json_each(?))`,
  values: [JSON.stringify(values)],
});

export function join(conditions: Condition[]): Condition {
  return {
    sql: conditions.map(({ sql }) => `(${sql})`).join(' AND '),
    values: conditions.flatMap(({ values }) => values),
  };
}

/** A filter on data; where it names an `id`, that one is found through its index. */
export function dataCondition(data: unknown): Condition {
  const holds: Condition = { sql: 'holds_data(data, ?)', values: [JSON.stringify(data ?? null)] };
  const id = typeof data === 'object' && data !== null ? (data as { id?: unknown }).id : undefined;
  return isText(id) ? join([{ sql: `data ->> '$.id' = ?`, values: [id] }, holds]) : holds;
}

/** Undefined where the options name nothing: then no job may be changed. */
export function selectionCondition(options: RemoveJobsOptions): Condition | undefined {
  const conditions: Condition[] = [];
  if (options.id) conditions.push({ sql: 'id = ?', values: [String(options.id)] });
  else if (options.ids?.length) conditions.push(among('id', options.ids.map(String)));
  if (isText(options.name)) conditions.push({ sql: 'name = ?', values: [options.name] });
  else if (texts(options.names).length) conditions.push(among('name', texts(options.names)));
  else if (texts(options.notNames).length)
    conditions.push(among('name', texts(options.notNames), true));
  if (options.data !== undefined) conditions.push(dataCondition(options.data));
  return conditions.length ? join(conditions) : undefined;
}

export function queryCondition(options: JobsQueryOptions): Condition {
  const conditions: Condition[] = [{ sql: '1', values: [] }];
  if (isText(options.name)) conditions.push({ sql: 'name = ?', values: [options.name] });
  else if (texts(options.names).length) conditions.push(among('name', texts(options.names)));
  if (isText(options.id)) conditions.push({ sql: 'id = ?', values: [options.id] });
  else if (texts(options.ids).length) conditions.push(among('id', texts(options.ids)));
  if (isText(options.search))
    conditions.push({ sql: 'instr(lower(name), lower(?)) > 0', values: [options.search] });
  if (options.data !== undefined) conditions.push(dataCondition(options.data));
  if (options.includeDisabled === false) conditions.push({ sql: 'disabled = 0', values: [] });
  return join(conditions);
}

/** `unique({ 'data.user.id': 7, priority: 1 })`: fields of the job, and paths into its data. */
export function uniqueCondition(name: string, unique: Record<string, unknown>): Condition {
  const conditions: Condition[] = [{ sql: 'name = ?', values: [name] }];
  for (const [key, value] of Object.entries(unique)) {
    const [first = '', ...path] = key.split('.');
    if (first === 'data')
      conditions.push(
        dataCondition(path.reduceRight<unknown>((inner, part) => ({ [part]: inner }), value)),
      );
    else if (key === '_id') conditions.push({ sql: 'id = ?', values: [String(value)] });
    else if (Object.hasOwn(columns, key))
      conditions.push({
        sql: `${columns[key as Field][0]} IS ?`,
        values: [toColumn(key as Field, value)],
      });
    else throw new Error(`unique: a job has no field "${key}": use a field, or a path below data`);
  }
  return join(conditions);
}
