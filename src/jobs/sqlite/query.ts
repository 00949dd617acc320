import {
  computeJobState,
  type JobParameters,
  type JobsOverview,
  type JobsQueryOptions,
  type JobsResult,
  type JobsSort,
  type JobWithState,
  type RemoveJobsOptions,
} from 'agenda';
import type { Sqlite } from '../../io/sqlite.ts';
import { queryCondition, selectionCondition } from './conditions.ts';
import { columns, toJob, type JobRow } from './job-rows.ts';

const sortable = [
  'nextRunAt',
  'lastRunAt',
  'lastFinishedAt',
  'priority',
  'name',
  'data',
] as const satisfies (keyof JobsSort)[];

function orderOf(sort: JobsSort | undefined): string {
  const parts = Object.entries(sort ?? {}).flatMap(([field, direction]) => {
    const known = sortable.find((name) => name === field);
    return known ? `${columns[known][0]} ${direction === 'asc' ? 'ASC' : 'DESC'}` : [];
  });
  return parts.length ? [...parts, 'rid'].join(', ') : 'next_run_at DESC, last_run_at DESC, rid';
}

const withState = (job: JobParameters, now: Date) =>
  ({ ...job, state: computeJobState(job, now) }) as JobWithState;

export function queryJobs(sqlite: Sqlite, options: JobsQueryOptions = {}): JobsResult {
  const { state, skip = 0, limit = 0 } = options;
  const { sql, values } = queryCondition(options);
  const order = orderOf(options.sort);
  const now = new Date();
  if (!state) {
    const total =
      sqlite.get<{ n: number }>(`SELECT count(*) AS n FROM jobs WHERE ${sql}`, ...values)?.n ?? 0;
    const rows = sqlite.all<JobRow>(
      `SELECT * FROM jobs WHERE ${sql} ORDER BY ${order} LIMIT ? OFFSET ?`,
      ...values,
      limit > 0 ? limit : -1,
      skip,
    );
    return { jobs: rows.map((row) => withState(toJob(row), now)), total };
  }
  const matching = sqlite
    .all<JobRow>(`SELECT * FROM jobs WHERE ${sql} ORDER BY ${order}`, ...values)
    .map((row) => withState(toJob(row), now))
    .filter((job) => (state === 'paused' ? job.disabled === true : job.state === state));
  return {
    jobs: matching.slice(skip, limit > 0 ? skip + limit : undefined),
    total: matching.length,
  };
}

export function overview(sqlite: Sqlite): JobsOverview[] {
  const now = new Date();
  const byName = new Map<string, JobsOverview>();
  for (const row of sqlite.all<JobRow>('SELECT * FROM jobs ORDER BY name')) {
    const job = toJob(row);
    const counts = byName.get(job.name) ?? {
      name: job.name,
      total: 0,
      running: 0,
      scheduled: 0,
      queued: 0,
      completed: 0,
      failed: 0,
      repeating: 0,
      paused: 0,
    };
    counts.total += 1;
    counts[computeJobState(job, now)] += 1;
    if (job.disabled) counts.paused += 1;
    byName.set(job.name, counts);
  }
  return [...byName.values()];
}

export function distinctNames(sqlite: Sqlite): string[] {
  return sqlite
    .all<{ name: string }>('SELECT DISTINCT name FROM jobs ORDER BY name')
    .map(({ name }) => name);
}

export function findJob(sqlite: Sqlite, id: string): JobParameters | null {
  const row = sqlite.get<JobRow>('SELECT * FROM jobs WHERE id = ?', String(id));
  return row ? toJob(row) : null;
}

export function queueSize(sqlite: Sqlite): number {
  return (
    sqlite.get<{ n: number }>('SELECT count(*) AS n FROM jobs WHERE next_run_at < ?', Date.now())
      ?.n ?? 0
  );
}

export function removeJobs(sqlite: Sqlite, options: RemoveJobsOptions): number {
  const condition = selectionCondition(options);
  return condition ? sqlite.run(`DELETE FROM jobs WHERE ${condition.sql}`, ...condition.values) : 0;
}

/** Counts those that it changed, as upstream's MongoDB backend does. */
export function setDisabled(
  sqlite: Sqlite,
  options: RemoveJobsOptions,
  isDisabled: boolean,
): number {
  const condition = selectionCondition(options);
  if (!condition) return 0;
  const flag = Number(isDisabled);
  return sqlite.run(
    `UPDATE jobs SET disabled = ? WHERE disabled <> ? AND ${condition.sql}`,
    flag,
    flag,
    ...condition.values,
  );
}
