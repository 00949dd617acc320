import { randomUUID } from 'node:crypto';
import type { DebounceOptions, JobParameters } from 'agenda';
import type { Sqlite } from '../../io/sqlite.ts';
import { uniqueCondition } from './conditions.ts';
import { columns, toColumn, toJob, type Field, type JobRow } from './job-rows.ts';

/**
 * Only the processor writes these; a save that names one of them does so on purpose (a manual retry
 * clears them). A save never changes a lock.
 */
const stateFields = [
  'lastRunAt',
  'lastFinishedAt',
  'failedAt',
  'failCount',
  'failReason',
  'progress',
] as const satisfies Field[];
const userFields = [
  'name',
  'type',
  'priority',
  'nextRunAt',
  'repeatInterval',
  'repeatTimezone',
  'repeatAt',
  'data',
  'disabled',
  'debounceStartedAt',
  'fork',
  'startDate',
  'endDate',
  'skipDays',
  'unique',
  'uniqueOpts',
] as const satisfies Field[];

type Values = Partial<Record<Field, unknown>>;

/**
 * What a save of an existing job writes: only what it carries, so that `every()` at a start does
 * not wake a job that was disabled.
 */
function carriedBy(job: JobParameters<unknown>): Values {
  const values: Values = {};
  for (const field of [...userFields, ...stateFields]) if (field in job) values[field] = job[field];
  if (job.disabled === undefined) delete values.disabled;
  return values;
}

const set = (values: Values) =>
  Object.keys(values)
    .map((field) => `${columns[field as Field][0]} = ?`)
    .join(', ');
const bind = (values: Values) =>
  Object.entries(values).map(([field, value]) => toColumn(field as Field, value));

function update(sqlite: Sqlite, id: string, values: Values): JobRow | undefined {
  return sqlite.get<JobRow>(
    `UPDATE jobs SET ${set(values)} WHERE id = ? RETURNING *`,
    ...bind(values),
    id,
  );
}

function insert(sqlite: Sqlite, values: Values): JobRow {
  const all = { priority: 0, type: 'normal', ...values };
  const names = Object.keys(all).map((field) => columns[field as Field][0]);
  const marks = names.map(() => '?').join(', ');
  const row = sqlite.get<JobRow>(
    `INSERT INTO jobs (id, ${names.join(', ')}) VALUES (?, ${marks}) RETURNING *`,
    randomUUID(),
    ...bind(all),
  );
  if (!row) throw new Error('the job was not inserted');
  return row;
}

/**
 * Inserts, or updates by id, by name (a `single` job) or by its unique key. A job that is no longer
 * stored is returned as it came.
 */
export function saveJob<DATA>(
  sqlite: Sqlite,
  job: JobParameters<DATA>,
  by: string | undefined,
): JobParameters<DATA> {
  const values: Values = { ...carriedBy(job), lastModifiedBy: by };
  if (job._id) {
    const owned = sqlite.get<JobRow>(
      `UPDATE jobs SET ${set(values)} WHERE id = ? AND name = ? RETURNING *`,
      ...bind(values),
      String(job._id),
      job.name,
    );
    return owned ? toJob<DATA>(owned) : job;
  }
  if (job.type === 'single')
    return toJob<DATA>(sqlite.transaction(() => saveSingle(sqlite, job, values)));
  if (job.unique) return toJob<DATA>(sqlite.transaction(() => saveUnique(sqlite, job, values)));
  return toJob<DATA>(insert(sqlite, values));
}

/**
 * One job of that name. An instant that has passed does not replace the stored one: a start must
 * not make a job run again.
 */
function saveSingle(sqlite: Sqlite, job: JobParameters<unknown>, values: Values): JobRow {
  const stored = sqlite.get<JobRow>(
    `SELECT id, next_run_at FROM jobs WHERE name = ? AND type = 'single'`,
    job.name,
  );
  if (!stored) return insert(sqlite, values);
  const { nextRunAt: _, ...rest } = values;
  const isPast = job.nextRunAt instanceof Date && job.nextRunAt.getTime() <= Date.now();
  const isKept = isPast && stored.next_run_at !== null;
  return update(sqlite, String(stored.id), isKept ? rest : values) ?? insert(sqlite, values);
}

function saveUnique(sqlite: Sqlite, job: JobParameters<unknown>, values: Values): JobRow {
  const { sql, values: wanted } = uniqueCondition(job.name, job.unique ?? {});
  const stored = sqlite.get<JobRow>(
    `SELECT * FROM jobs WHERE ${sql} ORDER BY rid LIMIT 1`,
    ...wanted,
  );
  const { insertOnly, debounce } = job.uniqueOpts ?? {};
  const times = debounce && debounced(debounce, stored && toJob(stored), job.nextRunAt);
  if (!stored) return insert(sqlite, { ...values, ...times });
  if (!times && insertOnly) return stored;
  return update(sqlite, String(stored.id), { ...values, ...times }) ?? insert(sqlite, values);
}

/**
 * Leading: the first one's instant stays. Trailing: each one pushes it away, but never past
 * `maxWait`.
 */
function debounced(
  { delay, maxWait, strategy }: DebounceOptions,
  stored: JobParameters | undefined,
  wanted: Date | null,
): Values {
  const now = Date.now();
  const startedAt = stored?.debounceStartedAt ?? new Date(now);
  if (strategy === 'leading')
    return { nextRunAt: stored ? stored.nextRunAt : wanted, debounceStartedAt: startedAt };
  if (stored && maxWait && now - startedAt.getTime() >= maxWait)
    return { nextRunAt: new Date(now), debounceStartedAt: null };
  const latest = maxWait ? startedAt.getTime() + maxWait : Infinity;
  return { nextRunAt: new Date(Math.min(now + delay, latest)), debounceStartedAt: startedAt };
}

/**
 * Throws when the job is gone: that is how Agenda learns that a job was cancelled before it began.
 */
export function saveJobState(sqlite: Sqlite, job: JobParameters, by: string | undefined): void {
  if (!job._id) throw new Error(`job "${job.name}" has no id: save it first`);
  const values: Values = { lockedAt: job.lockedAt, nextRunAt: job.nextRunAt };
  for (const field of stateFields) values[field] = job[field];
  values.lastModifiedBy = by;
  const changed = sqlite.run(
    `UPDATE jobs SET ${set(values)} WHERE id = ? AND name = ?`,
    ...bind(values),
    String(job._id),
    job.name,
  );
  if (changed !== 1)
    throw new Error(
      `job ${job._id} ("${job.name}") cannot be updated: it is no longer in the store`,
    );
}
