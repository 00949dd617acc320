import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSqlite } from '../../src/io/sqlite.ts';
import { openSqliteStore, storeOn } from '../../src/store/sqlite/sqlite-store.ts';
import {
  alter,
  makeDelivery,
  makeEntry,
  makeFolder,
  makePlace,
  outputOf,
  startChild,
} from './kit.ts';

const open = (file: string) => openSqlite(file, { synchronous: 'FULL' });

test('a full disk refuses the whole change, and works again when there is room', async () => {
  await using place = await makePlace();
  await (await place.open())[Symbol.asyncDispose]();
  const sqlite = open(join(place.target.dataFolder, 'dripline.db'));
  await using store = storeOn(sqlite);
  await store.addDeliveries([makeDelivery('a')]);
  const pages = sqlite.get<{ page_count: number }>('PRAGMA page_count')?.page_count ?? 0;
  sqlite.exec(`PRAGMA max_page_count=${pages}`);
  const long = makeEntry('long', { text: 'x'.repeat(100_000) });
  const before = makeDelivery('a');
  await expect(
    store.changeDelivery(before, alter(before, { state: 'releasing' }), [long]),
  ).rejects.toMatchObject({ name: 'StoreError', kind: 'full' });
  expect((await store.findDelivery('a@bsky'))?.state).toBe('queued');
  expect(await store.listJournal({})).toEqual([]);
  sqlite.exec('PRAGMA max_page_count=1000000');
  expect(
    (await store.changeDelivery(before, alter(before, { state: 'releasing' }), [long]))?.state,
  ).toBe('releasing');
  expect(await store.listJournal({})).toHaveLength(1);
});

test('a connection that may only read can be read, and refuses writes with a word of its own', async () => {
  await using place = await makePlace();
  await using writer = await place.open();
  await writer.addDeliveries([makeDelivery('a')]);
  await using store = storeOn(
    openSqlite(join(place.target.dataFolder, 'dripline.db'), {
      synchronous: 'FULL',
      readOnly: true,
    }),
  );
  expect((await store.findDelivery('a@bsky'))?.id).toBe('a@bsky');
  await expect(store.putFact('a', 1, 0)).rejects.toMatchObject({
    kind: 'read-only',
    message: expect.stringContaining('dripline.db'),
  });
});

test('a user without rights on the folder, or on the file, is told so', async () => {
  await using folder = await makeFolder();
  await chmod(folder.path, 0o555);
  const target = { dataFolder: folder.path };
  expect(await outputOf(startChild('open-unprivileged.ts', target))).toEqual([
    expect.stringMatching(/^read-only: .*dripline\.db cannot be opened for writing/),
  ]);
  await chmod(folder.path, 0o777);
  await (
    await openSqliteStore({ file: join(folder.path, 'dripline.db'), mode: 'serve' })
  )[Symbol.asyncDispose]();
  await chmod(join(folder.path, 'dripline.db'), 0o444);
  if (process.getuid?.() === 0)
    expect(await outputOf(startChild('open-unprivileged.ts', target))).toEqual([
      expect.stringMatching(/^read-only: /),
    ]);
});

test('a store of a newer Dripline is refused in both modes and left as it is', async () => {
  await using place = await makePlace();
  const file = join(place.target.dataFolder, 'dripline.db');
  await (await place.open())[Symbol.asyncDispose]();
  const sqlite = open(file);
  sqlite.exec('PRAGMA user_version=99');
  sqlite.close();
  for (const mode of ['serve', 'beside'] as const) {
    await expect(place.open(mode)).rejects.toMatchObject({
      kind: 'newer',
      message: expect.stringContaining('store version 99'),
    });
  }
});

test('an empty file is not a store yet for whoever works beside, and becomes one for the service', async () => {
  await using place = await makePlace();
  await writeFile(join(place.target.dataFolder, 'dripline.db'), '');
  await expect(place.open('beside')).rejects.toMatchObject({ kind: 'absent' });
  await using store = await place.open('serve');
  expect(await store.countDeliveries({})).toBe(0);
});

test('a file that is not SQLite, and one that is not ours, are refused and left alone', async () => {
  await using place = await makePlace();
  const file = join(place.target.dataFolder, 'dripline.db');
  await writeFile(
    file,
    'this is a text file, and long enough to have a header of its own'.repeat(20),
  );
  await expect(place.open()).rejects.toMatchObject({
    kind: 'broken',
    message: expect.stringContaining('not a SQLite file'),
  });
  await writeFile(file, '');
  const other = open(file);
  other.exec('CREATE TABLE recipes (name TEXT)');
  other.close();
  await expect(place.open()).rejects.toMatchObject({
    kind: 'broken',
    message: expect.stringContaining('not a Dripline store'),
  });
});

test('a writer that holds the file for too long makes the store unavailable, not broken', async () => {
  await using place = await makePlace();
  await (await place.open())[Symbol.asyncDispose]();
  const file = join(place.target.dataFolder, 'dripline.db');
  const holder = open(file);
  holder.exec('BEGIN IMMEDIATE');
  await using store = storeOn(openSqlite(file, { synchronous: 'FULL', busyFor: 20 }));
  await expect(store.putFact('a', 1, 0)).rejects.toMatchObject({ kind: 'unavailable' });
  holder.exec('ROLLBACK');
  holder.close();
  expect(await store.putFact('a', 1, 0)).toBe(true);
});

test('a copy is a store of its own, and a failed one leaves nothing behind', async () => {
  await using place = await makePlace();
  await using store = await place.open();
  await store.addDeliveries([makeDelivery('a')], [makeEntry('e')]);
  const folder = join(place.target.dataFolder, 'copies');
  await mkdir(folder);
  await store.backup!(join(folder, 'dripline.db'));
  await using copy = await openSqliteStore({ file: join(folder, 'dripline.db'), mode: 'beside' });
  expect(await copy.listDeliveries({})).toEqual(await store.listDeliveries({}));
  expect(await copy.listJournal({})).toHaveLength(1);
  await mkdir(join(folder, 'taken'));
  await expect(store.backup!(join(folder, 'taken'))).rejects.toThrow();
  expect((await readdir(folder)).filter((name) => name.includes('.tmp'))).toEqual([]);
});
