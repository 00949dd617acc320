import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeBench, names } from '../../test/sources/flow-kit.ts';
import { rescan } from '../../src/flow/ingest/scan.ts';
import { parsePostFile } from '../../src/sources/folder/post-file.ts';
import { formatMs, type Row } from '../row.ts';

export const name = 'ingest';

const count = 10_000;

const textOf = (n: number) => `---
title: Post ${n}
hashtags: [drip]
link: https://example.com/${n}
weight: ${n % 7}
---
Post ${n}: small amounts, *steadily*, for a long time.
A [second thought](https://example.com/more/${n}) follows.

- one
- two

---
The second part of post ${n}.
`;

/**
 * From 10,000 files to 20,000 durable deliveries, against reading and parsing the same files and
 * nothing else; and a scan of a folder that did not change.
 */
export async function run(): Promise<Row[]> {
  await using bench = await makeBench({ settleFor: 0 });
  const paths = Array.from({ length: count }, (_, n) => `${String(n).padStart(5, '0')}-p${n}.md`);
  await bench.write(Object.fromEntries(paths.map((path, n) => [path, textOf(n)])));
  const parse = async (some: string[]) => {
    for (const path of some) {
      const parsed = parsePostFile({
        path,
        file: `posts/${path}`,
        text: await readFile(join(bench.posts, path), 'utf8'),
        zone: 'Europe/Berlin',
        names,
        sidecars: [],
        defaults: [],
      });
      if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
    }
  };
  // Both are measured with warm code.
  await parse(paths.slice(0, 1000));
  const parsing = await time(() => parse(paths));
  const ingesting = await time(() => rescan(bench.context));
  const [first] = await bench.context.store.listDeliveries({ limit: 1 });
  if (!first) throw new Error('nothing was taken in');
  const unchanged = await time(() => rescan(bench.context));
  const label = count.toLocaleString('en');
  return [
    { what: `reading and parsing ${label} posts alone`, value: formatMs(parsing) },
    {
      what: `taking ${label} posts into the queue of two accounts`,
      value: formatMs(ingesting),
      note: `${(ingesting / parsing).toFixed(1)} times parsing alone`,
    },
    {
      what: 'a scan of the same folder, unchanged',
      value: formatMs(unchanged),
      note: `${(unchanged / parsing).toFixed(2)} times parsing alone`,
    },
  ];
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
