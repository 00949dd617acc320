import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { HeapInUse } from '../heap-probe.js';
import type { Row } from '../row.ts';
import { makeServiceFolder, type ServiceFolder } from '../service.ts';

export const name = 'memory';

const count = 10_000;
const posts = `${count.toLocaleString('en')} posts`;
const mebi = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;

/**
 * What the service holds when nothing is due. The peak counts: some machines take idle pages back,
 * which flatters what is resident after a while.
 */
export async function run(): Promise<Row[]> {
  if (process.platform !== 'linux')
    return [{ what: posts, value: 'not measured', note: 'Linux only' }];
  await using folder = await makeServiceFolder(count);
  await using small = await makeServiceFolder(count, ['x', 'masto']);
  return [
    await measure(folder, `${posts} for three accounts, after taking them in`, 170),
    await measure(folder, `${posts} for three accounts, started again`, 150),
    await measure(small, `${posts} for X and Mastodon alone, after taking them in`),
    await measure(small, `${posts} for X and Mastodon alone, started again`, 120),
  ];
}

const measure = (folder: ServiceFolder, what: string, wanted?: number): Promise<Row> =>
  folder.whileServing(async (service) => {
    await delay(10_000);
    const { heap, external } = await askHeap(service);
    const { VmHWM: peak = NaN, VmRSS: resident = NaN } = await readMemory(service.pid);
    const goal = wanted === undefined ? '' : `; wanted: at most ${wanted} MiB`;
    return {
      what,
      value: `${mebi(resident)}, peak ${mebi(peak)}`,
      note: `heap in use ${mebi(heap)}, external ${mebi(external)}${goal}`,
    };
  });

/** In bytes. */
async function askHeap(service: ChildProcess): Promise<HeapInUse> {
  service.send('heap');
  const [answer] = (await once(service, 'message')) as [HeapInUse];
  return answer;
}

/** Bytes by name, as the kernel has them. */
async function readMemory(pid: number | undefined): Promise<Record<string, number>> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Object.fromEntries(
    [...status.matchAll(/^(\w+):\s+(\d+) kB$/gm)].map(([, key = '', kilo]) => [
      key,
      Number(kilo) * 1024,
    ]),
  );
}
