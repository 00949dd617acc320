import {
  InMemoryNotificationChannel,
  toJobId,
  type AgendaBackend,
  type JobParameters,
  type JobRepository,
  type NotificationChannel,
} from 'agenda';

export interface WakingBackend extends AgendaBackend {
  /** Makes Agenda look for jobs of this name now. */
  wake(name: string): void;
  /** Resolves when no call to the repository is under way, nor one that follows from it. */
  settle(): Promise<void>;
  dispose(): void;
}

/**
 * Milliseconds. Node's timers may fire a millisecond before Date.now() gets there
 * (nodejs/node#26578); Agenda then puts the job back without a new timer, and it waits seconds for
 * the next scan. So each job with a future instant gets a wake-up just after it.
 */
const margin = 2;

/**
 * Wraps a backend that is already connected: Agenda does not catch the error of a connect in its
 * constructor.
 */
export function withWakeUps(backend: AgendaBackend): WakingBackend {
  const channel = new InMemoryNotificationChannel();
  const pending = new Set<Promise<unknown>>();
  const wake = (name: string, id = '') => void notify(channel, name, id).catch(() => undefined);
  const { arm, dispose } = openTimers(wake);
  return {
    name: backend.name,
    ownsConnection: false,
    notificationChannel: channel,
    repository: watched(backend.repository, { pending, arm }),
    connect: async () => undefined,
    disconnect: async () => undefined,
    wake,
    settle: async () => {
      do {
        await Promise.allSettled(pending);
        await new Promise((resolve) => setImmediate(resolve));
      } while (pending.size > 0);
    },
    dispose,
  };
}

async function notify(channel: NotificationChannel, name: string, id: string): Promise<void> {
  if (channel.state !== 'connected') return;
  const now = new Date();
  await channel.publish({
    jobId: toJobId(id),
    jobName: name,
    nextRunAt: now,
    priority: 0,
    timestamp: now,
  });
}

const longestTimeout = 2 ** 31 - 1;

/** One timer for each job: `wake` is called just after the instant of its next run. */
function openTimers(wake: (name: string, id: string) => void) {
  const timers = new Map<string, NodeJS.Timeout>();
  const arm = (job: JobParameters | undefined) => {
    if (!job?._id || !job.nextRunAt) return;
    const inFor = job.nextRunAt.getTime() - Date.now();
    if (inFor <= 0) return;
    const id = String(job._id);
    const ring = () => {
      timers.delete(id);
      wake(job.name, id);
    };
    clearTimeout(timers.get(id));
    timers.set(id, setTimeout(ring, Math.min(inFor + margin, longestTimeout)).unref());
  };
  const dispose = () => {
    for (const timer of timers.values()) clearTimeout(timer);
    timers.clear();
  };
  return { arm, dispose };
}

interface Watch {
  pending: Set<Promise<unknown>>;
  arm(job: JobParameters | undefined): void;
}

function watched(repository: JobRepository, { pending, arm }: Watch): JobRepository {
  const track = <T>(call: Promise<T>): Promise<T> => {
    pending.add(call);
    void call.catch(() => undefined).finally(() => pending.delete(call));
    return call;
  };
  return {
    connect: () => repository.connect(),
    queryJobs: (options) => track(repository.queryJobs(options)),
    getJobsOverview: () => track(repository.getJobsOverview()),
    getDistinctJobNames: () => track(repository.getDistinctJobNames()),
    getJobById: (id) => track(repository.getJobById(id)),
    getQueueSize: () => track(repository.getQueueSize()),
    removeJobs: (options) => track(repository.removeJobs(options)),
    saveJob: (job, options) => track(repository.saveJob(job, options)),
    saveJobState: async (job, options) => {
      await track(repository.saveJobState(job, options));
      arm(job);
    },
    lockJob: (job, options) => track(repository.lockJob(job, options)),
    unlockJob: (job) => track(repository.unlockJob(job)),
    unlockJobs: (ids) => track(repository.unlockJobs(ids)),
    getNextJobToRun: async (...search) => {
      const job = await track(repository.getNextJobToRun(...search));
      arm(job);
      return job;
    },
    disableJobs: (options) => track(repository.disableJobs(options)),
    enableJobs: (options) => track(repository.enableJobs(options)),
    purgeAllJobs: () => track(repository.purgeAllJobs()),
  };
}
