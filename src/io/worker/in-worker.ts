import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Task } from '../../ports/aside.ts';
import type { Answer, Job } from './run-job.ts';

/** The task took longer than it may, or more memory. */
export class WorkerError extends Error {
  override name = 'WorkerError';
}

/** A thread costs some ten MB: it does not stay for one large file a day. */
const idleFor = 60_000;
const memory = { maxOldGenerationSizeMb: 512 };
const program = new URL(`./run-job${extname(import.meta.url)}`, import.meta.url);

let idle: Worker | undefined;
let timer: NodeJS.Timeout | undefined;
let before: Promise<unknown> = Promise.resolve();

/**
 * Runs a task on foreign input of any size in a thread of its own, so that nothing else waits for
 * it; one after the other. Throws WorkerError when the task was ended at its deadline, and what
 * the task throws as an Error with its message.
 */
export function inWorker<Input, Output>(
  task: Task<Input, Output>,
  input: Input,
  { deadlineMs, signal }: { deadlineMs: number; signal?: AbortSignal },
): Promise<Output> {
  const done = before.then(() => runNext({ ...task, input }, { deadlineMs, signal }));
  before = done.catch(() => undefined);
  return done as Promise<Output>;
}

async function runNext(
  job: Job,
  { deadlineMs, signal }: { deadlineMs: number; signal: AbortSignal | undefined },
): Promise<unknown> {
  clearTimeout(timer);
  // Without the environment, since there are secrets in it.
  const worker = idle ?? new Worker(program, { env: {}, argv: [], resourceLimits: memory });
  idle = undefined;
  worker.ref();
  const deadline = AbortSignal.timeout(deadlineMs);
  try {
    worker.postMessage(job);
    const ending = signal ? AbortSignal.any([deadline, signal]) : deadline;
    const answer = await answerOf(worker, ending);
    keep(worker);
    if ('error' in answer) throw new Error(answer.error);
    return answer.output;
  } catch (error) {
    if (worker !== idle) await worker.terminate();
    if (deadline.aborted && worker !== idle)
      throw new WorkerError(`took longer than ${deadlineMs / 1000} seconds`, { cause: error });
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_WORKER_OUT_OF_MEMORY')
      throw new WorkerError(`took more than ${memory.maxOldGenerationSizeMb} MB`, { cause: error });
    throw error;
  }
}

/** Rejects when the worker fails, or at the deadline. */
async function answerOf(worker: Worker, signal: AbortSignal): Promise<Answer> {
  const [answer] = (await once(worker, 'message', { signal })) as [Answer];
  return answer;
}

function keep(worker: Worker) {
  idle = worker;
  worker.unref();
  timer = setTimeout(() => {
    idle = undefined;
    void worker.terminate();
  }, idleFor);
  timer.unref();
}
