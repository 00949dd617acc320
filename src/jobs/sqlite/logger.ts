import type { JobLogEntry, JobLogger, JobLogQuery } from 'agenda';
import type { Sqlite } from '../../io/sqlite.ts';
import { join, type Condition } from './conditions.ts';

const list = (value: string | string[]) => JSON.stringify([value].flat());

function conditionOf(query: JobLogQuery): Condition {
  const conditions: Condition[] = [{ sql: '1', values: [] }];
  if (query.jobId) conditions.push({ sql: 'job = ?', values: [query.jobId] });
  if (query.jobName) conditions.push({ sql: 'name = ?', values: [query.jobName] });
  if (query.level)
    conditions.push({
      sql: 'level IN (SELECT value FROM json_each(?))',
      values: [list(query.level)],
    });
  if (query.event)
    conditions.push({
      sql: 'event IN (SELECT value FROM json_each(?))',
      values: [list(query.event)],
    });
  if (query.from) conditions.push({ sql: 'at >= ?', values: [query.from.getTime()] });
  if (query.to) conditions.push({ sql: 'at <= ?', values: [query.to.getTime()] });
  return join(conditions);
}

function toEntry({ rid, at, entry }: { rid: number; at: number; entry: string }): JobLogEntry {
  return {
    ...(JSON.parse(entry) as Omit<JobLogEntry, 'timestamp'>),
    _id: String(rid),
    timestamp: new Date(at),
  };
}

/**
 * What Agenda did with each job, where its `logging` is on. Only `clearLogs({ to })` prunes it.
 */
export function sqliteLogger(connection: () => Sqlite): JobLogger {
  return {
    log: async (entry) => {
      connection().run(
        'INSERT INTO logs (at, level, event, job, name, entry) VALUES (?, ?, ?, ?, ?, ?)',
        entry.timestamp.getTime(),
        entry.level,
        entry.event,
        entry.jobId ?? null,
        entry.jobName,
        JSON.stringify(entry),
      );
    },
    getLogs: async (query = {}) => {
      const { sql, values } = conditionOf(query);
      const direction = query.sort === 'asc' ? 'ASC' : 'DESC';
      const rows = connection().all<{ rid: number; at: number; entry: string }>(
        `SELECT rid, at, entry FROM logs WHERE ${sql}
         ORDER BY at ${direction}, rid ${direction} LIMIT ? OFFSET ?`,
        ...values,
        query.limit ?? 50,
        query.offset ?? 0,
      );
      const total =
        connection().get<{ n: number }>(`SELECT count(*) AS n FROM logs WHERE ${sql}`, ...values)
          ?.n ?? 0;
      return { entries: rows.map(toEntry), total };
    },
    clearLogs: async (query = {}) => {
      const { sql, values } = conditionOf(query);
      return connection().run(`DELETE FROM logs WHERE ${sql}`, ...values);
    },
  };
}
