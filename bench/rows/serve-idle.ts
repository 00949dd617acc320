import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { makeServiceFolder } from '../service.ts';
import type { Row } from '../row.ts';

export const name = 'serve idle';

const count = 10_000;
const duration = 20_000;
/** Linux counts processor time in hundredths of a second, wherever Node runs. */
const tick = 10;

/**
 * What a service with a full queue and nothing due costs: processor time by the kernel's own count,
 * and memory.
 */
export async function run(): Promise<Row[]> {
  const label = `${count.toLocaleString('en')} posts for three accounts, nothing due`;
  if (process.platform !== 'linux')
    return [{ what: label, value: 'not measured', note: 'Linux only' }];
  await using folder = await makeServiceFolder(count);
  return await folder.whileServing(async ({ pid }) => {
    await delay(10_000);
    const before = await readTicks(pid);
    await delay(duration);
    const used = ((await readTicks(pid)) - before) * tick;
    const [, kilobytes = 'NaN'] =
      /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
    return [
      {
        what: `${label}: processor`,
        value: `${((used / duration) * 100).toFixed(2)} % of a core`,
        note: `over ${duration / 1000} s, by /proc; wanted: at most 0.5 %`,
      },
      { what: `${label}: memory`, value: `${Math.round(Number(kilobytes) / 1024)} MiB` },
    ];
  });
}

async function readTicks(pid: number | undefined): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
