import type { JobId, JobParameters } from 'agenda';
import type { Sqlite } from '../../io/sqlite.ts';
import { toJob, type JobRow } from './job-rows.ts';

interface Search {
  name: string;
  nextScanAt: Date;
  lockDeadline: Date;
  now: Date | undefined;
  by: string | undefined;
}

/**
 * Free and due, or locked for too long: the latter whatever its next run, since that recovers from
 * a crash. Each through an index of its own.
 */
const candidate = `
  SELECT rid FROM (
    SELECT * FROM (
      SELECT rid, next_run_at, priority FROM jobs
      WHERE name = ?1 AND locked_at IS NULL AND disabled = 0 AND next_run_at <= ?2
      ORDER BY next_run_at, priority DESC, rid LIMIT 1
    )
    UNION ALL
    SELECT * FROM (
      SELECT rid, next_run_at, priority FROM jobs
      WHERE name = ?1 AND locked_at IS NOT NULL AND locked_at <= ?3 AND disabled = 0
      ORDER BY next_run_at NULLS LAST, priority DESC, rid LIMIT 1
    )
  ) ORDER BY next_run_at NULLS LAST, priority DESC, rid LIMIT 1`;

const lock = `
  UPDATE jobs SET locked_at = ?4, last_modified_by = ?5 WHERE rid = (${candidate}) RETURNING *`;

/**
 * Reads before it locks, so that an idle scan takes no write lock; the locking statement reads
 * again, as one atomic step.
 */
export function lockNext(
  sqlite: Sqlite,
  { name, nextScanAt, lockDeadline, now, by }: Search,
): JobParameters | undefined {
  const where = [name, nextScanAt.getTime(), lockDeadline.getTime()];
  if (!sqlite.get(candidate, ...where)) return undefined;
  const row = sqlite.get<JobRow>(lock, ...where, (now ?? new Date()).getTime(), by ?? null);
  return row && toJob(row);
}

export function lockJob(
  sqlite: Sqlite,
  job: JobParameters,
  by: string | undefined,
): JobParameters | undefined {
  if (!job._id) return undefined;
  const row = sqlite.get<JobRow>(
    `UPDATE jobs SET locked_at = ?, last_modified_by = ?
     WHERE id = ? AND name = ? AND locked_at IS NULL AND disabled = 0 AND next_run_at IS ?
     RETURNING *`,
    Date.now(),
    by ?? null,
    String(job._id),
    job.name,
    job.nextRunAt ? new Date(job.nextRunAt).getTime() : null,
  );
  return row && toJob(row);
}

/** A one-off that runs has no next run, and stays locked. */
export function unlockJob(sqlite: Sqlite, job: JobParameters): void {
  if (job._id)
    sqlite.run(
      'UPDATE jobs SET locked_at = NULL WHERE id = ? AND next_run_at IS NOT NULL',
      String(job._id),
    );
}

export function unlockJobs(sqlite: Sqlite, ids: (JobId | string)[]): void {
  if (ids.length)
    sqlite.run(
      'UPDATE jobs SET locked_at = NULL WHERE id IN (SELECT value FROM json_each(?))',
      JSON.stringify(ids.map(String)),
    );
}

/**
 * Unlocks the jobs that an earlier process of this name held when it died. A job that was running
 * has no next run left: it gets one, or it would be lost. Returns how many there were.
 */
export function freeLocks(sqlite: Sqlite, by: string, now: number): number {
  return sqlite.run(
    `UPDATE jobs SET locked_at = NULL, next_run_at = coalesce(next_run_at, ?)
     WHERE locked_at IS NOT NULL AND last_modified_by = ?`,
    now,
    by,
  );
}
