import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { until } from '../flow/world.ts';
import { inWorker, WorkerError } from '../../src/io/worker/in-worker.ts';

const task = (name: string) => ({ module: new URL('tasks.ts', import.meta.url).href, name });
const soon = { deadlineMs: 300 };
const late = { deadlineMs: 60_000 };

test('a task runs beside everything else, and its process stays for the next one', async () => {
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 1);
  expect(await inWorker(task('spin'), 100, late)).toBe('spun');
  clearInterval(ticking);
  expect(ticks).toBeGreaterThan(5);
  const [one, other] = await Promise.all([1, 2].map(() => inWorker(task('processOf'), null, late)));
  expect(one).toBe(other);
});

test('what a task throws comes back with its words, and the next one runs', async () => {
  await expect(inWorker(task('fail'), 'hostile', late)).rejects.toThrow('cannot read hostile');
  await expect(inWorker(task('deepen'), null, late)).rejects.toThrow('call stack');
  expect(await inWorker(task('spin'), 1, late)).toBe('spun');
});

test('a task that does not end is ended at its deadline, and the next one runs', async () => {
  const endless = inWorker(task('spin'), Infinity, soon);
  const next = inWorker(task('spin'), 1, late);
  await expect(endless).rejects.toThrow(new WorkerError('took longer than 0.3 seconds'));
  expect(await next).toBe('spun');
});

test('a task that fills its memory is ended alone', async () => {
  await expect(inWorker(task('fill'), null, late)).rejects.toThrow(
    new WorkerError('took more than 512 MB'),
  );
  expect(await inWorker(task('spin'), 1, late)).toBe('spun');
});

test('a task that does not end is not left behind by a process that is killed', async () => {
  const hrefOf = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const script = `
    import { inWorker } from ${hrefOf('../../src/io/worker/in-worker.ts')};
    const task = (name) => ({ module: ${hrefOf('tasks.ts')}, name });
    console.log(await inWorker(task('processOf'), null, { deadlineMs: 60_000 }));
    await inWorker(task('endless'), null, { deadlineMs: 600_000 });`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script]);
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const worker = Number(line.toString());
  expect(isAlive(worker)).toBe(true);
  parent.kill('SIGKILL');
  await until('its end', () => !isAlive(worker));
});

function isAlive(pid: number): boolean {
  try {
    // A process that has ended and that nobody has asked about is a zombie.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('a task sees nothing of the environment', async () => {
  expect(await inWorker(task('environment'), null, late)).toEqual({});
});
