import { Worker } from 'node:worker_threads';

export interface Job {
  module: string;
  name: string;
  input: unknown;
}

export type Answer = { output: unknown } | { error: string };

/** A task that does not end would not notice that whoever has asked for it is gone. */
const watch = `
  const parent = ${process.ppid};
  setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGKILL'), 1000);
`;
new Worker(watch, { eval: true }).unref();

process.on('message', (job: Job) => void run(job).then((answer) => process.send?.(answer)));
// Ctrl-C in a terminal is said to all processes, and the service ends this one.
process.on('SIGINT', () => undefined);

async function run({ module, name, input }: Job): Promise<Answer> {
  try {
    const exported = (await import(module)) as Record<string, (input: unknown) => unknown>;
    return { output: await exported[name]?.(input) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
