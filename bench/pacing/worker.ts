import { parentPort } from 'node:worker_threads';
import { type Job, runJob } from './jobs.ts';

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins
parentPort?.on('message', (job: Job) => parentPort?.postMessage(runJob(job)));
