import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type CoverageOptions, coverageWorld } from './coverage-bench.ts';
import { followWorld } from './follow-bench.ts';
import { rateWorld } from './rate-bench.ts';
import { type SlotOptions, slotWorld } from './slot-bench.ts';
import type { Size } from './world.ts';

/** One world of one table; a worker's whole task. */
export type Job =
  | ({ kind: 'slot' } & SlotOptions)
  | { kind: 'rate'; seed: number; size: Size; horizons: readonly number[] }
  | { kind: 'follow'; seed: number; size: Size }
  | ({ kind: 'coverage' } & CoverageOptions);

export function runJob(job: Job): unknown {
  switch (job.kind) {
    case 'slot':
      return slotWorld(job);
    case 'rate':
      return rateWorld(job, job.horizons);
    case 'follow':
      return followWorld(job.seed, job.size);
    case 'coverage':
      return coverageWorld(job);
  }
}

/** All jobs on all cores; results in the jobs' order. */
export async function runJobs(
  jobs: readonly Job[],
  onDone: (done: number) => void,
): Promise<unknown[]> {
  const results: unknown[] = Array.from({ length: jobs.length });
  let [next, done] = [0, 0];
  const runOne = (worker: Worker) =>
    new Promise<void>((resolve, reject) => {
      const give = () => {
        const i = next++;
        if (i >= jobs.length) return resolve();
        worker.once('message', (result: unknown) => {
          results[i] = result;
          onDone(++done);
          give();
        });
        // Threads have no origins.
        // oxlint-disable-next-line unicorn/require-post-message-target-origin
        worker.postMessage(jobs[i]);
      };
      worker.once('error', reject);
      give();
    });
  const workers = Array.from(
    { length: Math.min(jobs.length, availableParallelism()) },
    () => new Worker(new URL('worker.ts', import.meta.url)),
  );
  try {
    await Promise.all(workers.map(runOne));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return results;
}
