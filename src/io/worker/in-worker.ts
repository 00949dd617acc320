import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Task } from '../../ports/aside.ts';
import type { Answer, Job } from './run-job.ts';

/** The task took longer than it may, or more memory. */
export class WorkerError extends Error {
  override name = 'WorkerError';
}

/** It costs some tens of MB, and does not stay for one large file a day. */
const idleFor = 60_000;
const mostMemory = 512;
const program = fileURLToPath(new URL(`./run-job${extname(import.meta.url)}`, import.meta.url));

let idle: ChildProcess | undefined;
let timer: NodeJS.Timeout | undefined;
let before: Promise<unknown> = Promise.resolve();

/**
 * Runs a task on foreign input of any size in a process of its own, so that nothing else waits for
 * it or ends with it; one after the other. Throws WorkerError when the task was ended at its
 * deadline or filled its memory, and what the task throws as an Error with its message.
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

/**
 * Without the environment, since there are secrets in it. A thread would not do: where it fills its
 * memory, the whole process may end.
 */
function start(): ChildProcess {
  return fork(program, {
    env: {},
    execArgv: [`--max-old-space-size=${mostMemory}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

async function runNext(
  job: Job,
  { deadlineMs, signal }: { deadlineMs: number; signal: AbortSignal | undefined },
): Promise<unknown> {
  clearTimeout(timer);
  const worker = idle ?? start();
  idle = undefined;
  worker.ref();
  const deadline = AbortSignal.timeout(deadlineMs);
  try {
    const answer = await ask(worker, job, signal ? AbortSignal.any([deadline, signal]) : deadline);
    keep(worker);
    if ('error' in answer) throw new Error(answer.error);
    return answer.output;
  } catch (error) {
    if (worker !== idle) worker.kill('SIGKILL');
    if (deadline.aborted && worker !== idle)
      throw new WorkerError(`took longer than ${deadlineMs / 1000} seconds`, { cause: error });
    throw error;
  }
}

/** Rejects when the worker ends, or at the deadline. */
async function ask(worker: ChildProcess, job: Job, signal: AbortSignal): Promise<Answer> {
  const ended = new AbortController();
  const ending = AbortSignal.any([signal, ended.signal]);
  const answered = once(worker, 'message', { signal: ending }) as Promise<[Answer]>;
  const gone = once(worker, 'exit', { signal: ending }).then(([code, by]) => {
    // V8 aborts where the memory is full.
    if (by === 'SIGABRT' || code === 134) throw new WorkerError(`took more than ${mostMemory} MB`);
    throw new WorkerError(`ended before it was done (${by ?? `code ${code}`})`);
  });
  try {
    worker.send(job);
    const [answer] = await Promise.race([answered, gone]);
    return answer;
  } finally {
    ended.abort();
    await Promise.allSettled([answered, gone]);
  }
}

function keep(worker: ChildProcess) {
  idle = worker;
  worker.unref();
  worker.channel?.unref();
  timer = setTimeout(() => {
    idle = undefined;
    worker.kill('SIGKILL');
  }, idleFor);
  timer.unref();
}
