import type { AgendaBackend, JobLogger, JobRepository, NotificationChannel } from 'agenda';
import type { Sqlite } from '../../io/sqlite.ts';
import { SqliteChannel } from './channel.ts';
import { lockJob, lockNext, unlockJob, unlockJobs } from './lock.ts';
import { sqliteLogger } from './logger.ts';
import * as query from './query.ts';
import { saveJob, saveJobState } from './save.ts';
import { openJobsFile } from './job-schema.ts';

export interface SqliteBackendOptions {
  /** Created with its folder where it is missing; `:memory:` lives as long as the connection. */
  file: string;
  /**
   * Tells other processes on the same file of new jobs at once, rather than at their next scan: one
   * small write for each job more.
   */
  notifies?: boolean;
}

/** Agenda's jobs in one SQLite file, for any number of processes on one machine. */
export class SqliteBackend implements AgendaBackend {
  readonly name = 'SQLite';
  readonly ownsConnection = true;
  readonly repository: JobRepository;
  readonly logger: JobLogger;
  readonly notificationChannel: NotificationChannel | undefined;
  readonly #file: string;
  #sqlite: Sqlite | undefined;

  constructor({ file, notifies = false }: SqliteBackendOptions) {
    this.#file = file;
    const connection = () => this.connection;
    this.repository = toRepository(connection, () => this.connect());
    this.logger = sqliteLogger(connection);
    this.notificationChannel = notifies ? new SqliteChannel({ file }) : undefined;
  }

  /**
   * Opened on its first use, also after `disconnect`: otherwise a job that ends after Agenda has
   * closed its store would run again.
   */
  get connection(): Sqlite {
    return (this.#sqlite ??= openJobsFile(this.#file));
  }

  async connect(): Promise<void> {
    void this.connection;
  }

  async disconnect(): Promise<void> {
    this.#sqlite?.close();
    this.#sqlite = undefined;
  }
}

function toRepository(connection: () => Sqlite, connect: () => Promise<void>): JobRepository {
  return {
    connect,
    queryJobs: async (options) => query.queryJobs(connection(), options),
    getJobsOverview: async () => query.overview(connection()),
    getDistinctJobNames: async () => query.distinctNames(connection()),
    getJobById: async (id) => query.findJob(connection(), id),
    getQueueSize: async () => query.queueSize(connection()),
    removeJobs: async (options) => query.removeJobs(connection(), options),
    saveJob: async (job, options) => saveJob(connection(), job, options?.lastModifiedBy),
    saveJobState: async (job, options) => saveJobState(connection(), job, options?.lastModifiedBy),
    lockJob: async (job, options) => lockJob(connection(), job, options?.lastModifiedBy),
    unlockJob: async (job) => unlockJob(connection(), job),
    unlockJobs: async (ids) => unlockJobs(connection(), ids),
    getNextJobToRun: async (...search) => {
      const [name, nextScanAt, lockDeadline, now, options] = search;
      const by = options?.lastModifiedBy;
      return lockNext(connection(), { name, nextScanAt, lockDeadline, now, by });
    },
    disableJobs: async (options) => query.setDisabled(connection(), options, true),
    enableJobs: async (options) => query.setDisabled(connection(), options, false),
    purgeAllJobs: async () => connection().run('DELETE FROM jobs'),
  };
}
