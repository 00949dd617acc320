import { expect, test } from 'vitest';
import { inWorker, WorkerError } from '../../src/io/worker/in-worker.ts';

const task = (name: string) => ({ module: new URL('tasks.ts', import.meta.url).href, name });
const soon = { deadlineMs: 300 };
const late = { deadlineMs: 60_000 };

test('a task runs beside everything else, and its thread stays for the next one', async () => {
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 1);
  expect(await inWorker(task('spin'), 100, late)).toBe('spun');
  clearInterval(ticking);
  expect(ticks).toBeGreaterThan(5);
  const [one, other] = await Promise.all([1, 2].map(() => inWorker(task('threadOf'), null, late)));
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

test('a task sees nothing of the environment', async () => {
  expect(await inWorker(task('environment'), null, late)).toEqual({});
});
