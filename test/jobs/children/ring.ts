// Rings what is set in the store that it is given, says so, and holds each alarm until it is told
// (`hold`) or not at all. Ends when its input does.
import { once } from 'node:events';
import { openAlarms } from '../../../src/jobs/open-alarms.ts';

const { store, worker, holds } = JSON.parse(process.argv[2] ?? '');
const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const alarms = await openAlarms({
  store,
  worker,
  clock,
  report: (error) => console.log(`error ${error.message}`),
});
await alarms.start(async ({ kind, id }, signal) => {
  console.log(`${kind} ${id}`);
  if (holds && !signal.aborted) await once(signal, 'abort');
});
console.log('started');
process.stdin.resume();
await once(process.stdin, 'end');
await alarms.stop();
process.exit(0);
