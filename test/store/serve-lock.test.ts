import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { Refusal } from '../../src/core/problem.ts';
import { lockServe } from '../../src/store/serve-lock.ts';
import { makeFolder } from './kit.ts';

const owner = { pid: 4711, host: 'box', startedAt: Date.UTC(2026, 10, 24) };

async function startHolder(folder: string) {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'children/hold-lock.ts'), folder],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, line };
}

test('a second serve on one store is refused, and hears who the first one is', async () => {
  await using folder = await makeFolder();
  const { child } = await startHolder(folder.path);
  const refusal = await lockServe(folder.path, owner).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(Refusal);
  expect((refusal as Refusal).message).toContain(
    `process ${child.pid} on elsewhere (since 2026-11-24T00:00:00Z)`,
  );
  child.stdin.end();
  await once(child, 'exit');
  await (await lockServe(folder.path, owner))[Symbol.asyncDispose]();
});

test('after kill -9 the next serve starts at once', async () => {
  await using folder = await makeFolder();
  for (let round = 0; round < 3; round += 1) {
    const { child, line } = await startHolder(folder.path);
    expect(line).toBe('held');
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await using lock = await lockServe(folder.path, owner);
  expect(lock).toBeDefined();
});

test('a lock that was given back can be taken again by the same process', async () => {
  await using folder = await makeFolder();
  for (let round = 0; round < 2; round += 1) {
    const lock = await lockServe(folder.path, owner);
    await expect(lockServe(folder.path, owner)).rejects.toThrow('process 4711 on box');
    await lock[Symbol.asyncDispose]();
  }
});
