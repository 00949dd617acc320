// Holds the serve lock of a folder until its input ends, or somebody kills it.
import { once } from 'node:events';
import { lockServe } from '../../../src/store/serve-lock.ts';

await using _lock = await lockServe(process.argv[2] ?? '', {
  pid: process.pid,
  host: 'elsewhere',
  startedAt: Date.UTC(2026, 10, 24),
});
console.log('held');
process.stdin.resume();
await once(process.stdin, 'end');
