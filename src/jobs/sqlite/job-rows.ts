import { isDeepStrictEqual } from 'node:util';
import { toJobId, type JobParameters } from 'agenda';
import type { SqliteValue } from '../../io/sqlite.ts';

export type JobRow = Record<string, SqliteValue>;

interface Kind {
  toColumn(value: unknown): SqliteValue;
  fromColumn(value: SqliteValue): unknown;
}

const instant: Kind = {
  toColumn: (value) => {
    const at =
      value instanceof Date ? value.getTime() : new Date(value as string | number).getTime();
    return Number.isNaN(at) ? null : at;
  },
  fromColumn: (value) => new Date(Number(value)),
};
const json: Kind = {
  toColumn: (value) => toJson(value),
  fromColumn: (value) => JSON.parse(String(value)),
};
const plain: Kind = { toColumn: (value) => value as SqliteValue, fromColumn: (value) => value };
const flag: Kind = {
  toColumn: (value) => Number(Boolean(value)),
  fromColumn: (value) => value === 1,
};

/** A handler may throw any value: what JSON cannot hold is kept as text. */
function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? JSON.stringify(String(value));
  } catch {
    return JSON.stringify(String(value));
  }
}

/** Which column holds which field of a job, and how. */
export const columns = {
  name: ['name', plain],
  type: ['type', plain],
  priority: ['priority', plain],
  nextRunAt: ['next_run_at', instant],
  lockedAt: ['locked_at', instant],
  lastRunAt: ['last_run_at', instant],
  lastFinishedAt: ['last_finished_at', instant],
  failedAt: ['failed_at', instant],
  failCount: ['fail_count', plain],
  failReason: ['fail_reason', json],
  progress: ['progress', plain],
  repeatInterval: ['repeat_interval', json],
  repeatTimezone: ['repeat_timezone', plain],
  repeatAt: ['repeat_at', plain],
  data: ['data', json],
  disabled: ['disabled', flag],
  debounceStartedAt: ['debounce_started_at', instant],
  lastModifiedBy: ['last_modified_by', plain],
  fork: ['fork', flag],
  startDate: ['start_date', instant],
  endDate: ['end_date', instant],
  skipDays: ['skip_days', json],
  unique: ['unique_key', json],
  uniqueOpts: ['unique_options', json],
} as const satisfies Partial<Record<keyof JobParameters, readonly [string, Kind]>>;

export type Field = keyof typeof columns;

export function toColumn(field: Field, value: unknown): SqliteValue {
  // `disabled` is never empty, so that the index of due jobs needs to ask one question only.
  if (field === 'disabled') return Number(Boolean(value));
  return value === undefined || (value === null && field !== 'data')
    ? null
    : columns[field][1].toColumn(value);
}

/** Empty fields are present and undefined, except `nextRunAt`, which is null. */
export function toJob<DATA = unknown>(row: JobRow): JobParameters<DATA> {
  const job: Record<string, unknown> = { _id: toJobId(String(row.id)) };
  for (const [field, [column, kind]] of Object.entries(columns)) {
    const value = row[column];
    job[field] = value === null || value === undefined ? undefined : kind.fromColumn(value);
  }
  job.nextRunAt ??= null;
  return job as unknown as JobParameters<DATA>;
}

/**
 * Whether `wanted` is part of `data`: objects by their keys, anything else by being equal. Both are
 * JSON.
 */
export function containsData(data: unknown, wanted: string): boolean {
  if (typeof data !== 'string') return false;
  return contains(JSON.parse(data), JSON.parse(wanted));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function contains(data: unknown, wanted: unknown): boolean {
  if (!isObject(wanted)) return isDeepStrictEqual(data, wanted);
  if (!isObject(data)) return false;
  return Object.entries(wanted).every(
    ([key, value]) => Object.hasOwn(data, key) && contains(data[key], value),
  );
}
