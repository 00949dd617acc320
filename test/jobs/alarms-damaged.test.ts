import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openAlarms } from '../../src/jobs/open-alarms.ts';
import { openSqlite } from '../../src/io/sqlite.ts';
import { makeFolder } from '../store/kit.ts';

const clock = { now: () => Date.now(), monotonic: () => performance.now() };

async function makeWhole(file: string): Promise<Buffer> {
  const { readFile } = await import('node:fs/promises');
  await using alarms = await openAlarms({ store: { kind: 'sqlite', file }, worker: 'w', clock });
  for (let n = 0; n < 200; n++) await alarms.set('release', `a${n}`, Date.now() + 1e8);
  await alarms.stop();
  const own = openSqlite(file, { synchronous: 'NORMAL' });
  own.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  own.close();
  return readFile(file);
}

const damages: [string, (whole: Buffer) => Buffer][] = [
  [
    'is garbage',
    () => Buffer.from('no database at all, but long enough to be looked at'.repeat(9)),
  ],
  ['was cut in half', (whole) => whole.subarray(0, whole.length / 2)],
  ['was cut off in its first page', (whole) => whole.subarray(0, 700)],
  [
    'has lost its inner pages',
    (whole) => Buffer.concat([whole.subarray(0, 4096), Buffer.alloc(whole.length - 4096, 7)]),
  ],
];

test.each(damages)(
  'a file of alarms that %s is kept aside, and a new one rings',
  async (_name, damage) => {
    await using folder = await makeFolder();
    const file = join(folder.path, 'alarms.db');
    await writeFile(file, damage(await makeWhole(file)));
    const told: string[] = [];
    await using alarms = await openAlarms({
      store: { kind: 'sqlite', file },
      worker: 'w',
      clock,
      report: ({ message }) => told.push(message),
    });
    const rung = Promise.withResolvers<string>();
    await alarms.start(async ({ id }) => rung.resolve(id));
    await alarms.set('release', 'x', Date.now());
    expect(await rung.promise).toBe('x');
    expect(told).toEqual([expect.stringMatching(/alarms\.db was damaged.*Nothing is lost/)]);
    expect(
      (await readdir(folder.path)).filter((name) => /damaged-\d+T\d+Z$/.test(name)),
    ).toHaveLength(1);
  },
);
