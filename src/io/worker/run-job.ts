import { parentPort } from 'node:worker_threads';

export interface Job {
  module: string;
  name: string;
  input: unknown;
}

export type Answer = { output: unknown } | { error: string };

parentPort?.on(
  'message',
  (job: Job) => void run(job).then((answer) => parentPort?.postMessage(answer)),
);

async function run({ module, name, input }: Job): Promise<Answer> {
  try {
    const exported = (await import(module)) as Record<string, (input: unknown) => unknown>;
    return { output: await exported[name]?.(input) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
