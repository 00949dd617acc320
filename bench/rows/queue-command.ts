import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { makeServiceFolder, program } from '../service.ts';
import { formatMs, percentile, type Row } from '../row.ts';

export const name = 'queue command';

const count = 1000;
const runs = 5;
const verbs = {
  queue: 'at most 4 times',
  status: 'at most 4 times',
  '--help': 'at most 3 times',
};

/** How long a person waits for a verb, beside how long Node itself takes to start. */
export async function run(): Promise<Row[]> {
  await using folder = await makeServiceFolder(count);
  await folder.whileServing(async () => undefined);
  const median = async (args: string[]) => {
    // The first fills the caches.
    await timeNode(folder.path, args);
    const times: number[] = [];
    for (let n = 0; n < runs; n += 1) times.push(await timeNode(folder.path, args));
    return percentile(times, 0.5);
  };
  const bare = await median(['-e', '0']);
  const rows: Row[] = [{ what: 'node -e 0', value: formatMs(bare), note: `median of ${runs}` }];
  for (const [verb, wanted] of Object.entries(verbs)) {
    const took = await median([program, verb]);
    const times = `${(took / bare).toFixed(1)} times node -e 0`;
    rows.push({
      what: `node bin/dripline.js ${verb}, ${count.toLocaleString('en')} posts for three accounts`,
      value: formatMs(took),
      note: `median of ${runs}; ${times}; wanted: ${wanted}`,
    });
  }
  return rows;
}

async function timeNode(cwd: string, args: string[]): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}`);
  return performance.now() - startedAt;
}
