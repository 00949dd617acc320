import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sizeOf } from '../../src/app/data-size.ts';
import { openCommands } from '../../src/app/open-commands.ts';
import { status } from '../../src/commands/reading/status.ts';
import { formatBytes } from '../../src/core/text/format-bytes.ts';
import { openWorld } from '../flow/world.ts';
import { makeFolder } from '../store/kit.ts';
import { openStore } from '../../src/store/open-store.ts';

test('status says in words how large the data folder is, thousands of renditions with it', async () => {
  await using world = await openWorld();
  const { data } = world.config.folders;
  const renditions = join(data, 'renditions');
  mkdirSync(renditions, { recursive: true });
  for (let n = 0; n < 3000; n++) writeFileSync(join(renditions, `${n}.jpg`), Buffer.alloc(1000));
  await (await openStore({ dataFolder: data, mode: 'serve' }))[Symbol.asyncDispose]();
  await using context = await openCommands(world.config, 'cli', world.clock);
  const { text, json } = await status.run(context, { args: [], options: {} });
  const { bytes, folder } = (json as { data: { bytes: number; folder: string } }).data;
  expect(folder).toBe(data);
  expect(bytes).toBeGreaterThan(3_000_000);
  expect(bytes).toBe(await sizeOf(data));
  expect(text).toContain(`\nData: ${formatBytes(bytes)} in ${data}\n`);
  const elsewhere = Object.create(context.store, { kind: { value: 'mongodb' } });
  const shared = await status.run({ ...context, store: elsewhere }, { args: [], options: {} });
  expect(shared.text).toContain(`in ${data}, without what MongoDB holds\n`);
});

test('a folder that is not there is empty, and a link counts nothing', async () => {
  await using folder = await makeFolder();
  expect(await sizeOf(join(folder.path, 'nowhere'))).toBe(0);
  mkdirSync(join(folder.path, 'deep/deeper'), { recursive: true });
  writeFileSync(join(folder.path, 'a'), 'twelve bytes');
  writeFileSync(join(folder.path, 'deep/deeper/b'), 'four');
  symlinkSync(folder.path, join(folder.path, 'deep/loop'));
  expect(await sizeOf(folder.path)).toBe(16);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [3449, '3.4 kB'],
  [9_960, '10 kB'],
  [999_499, '999 kB'],
  [999_500, '1 MB'],
  [12_345_678, '12 MB'],
  [1_340_000_000, '1.3 GB'],
  [5e15, '5000 TB'],
])('%d bytes are %s', (bytes, words) => {
  expect(formatBytes(bytes)).toBe(words);
});
