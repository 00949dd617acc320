import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openAddressHash } from '../../src/io/secrets/address-hash.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { makeFolder } from '../store/kit.ts';

const key = 'mail:anna@example.com';

test('an address has one hash, over restarts too, and another one elsewhere', async () => {
  await using folder = await makeFolder();
  await using store = openMemoryStore();
  await using other = openMemoryStore();
  const file = join(folder.path, 'address-key');
  const first = await openAddressHash(file, store);
  expect(first(key)).toMatch(/^[\w-]{43}$/);
  expect(first(key)).toBe(first(key));
  expect(first(`${key} `)).not.toBe(first(key));
  const secret = await readFile(file, 'utf8');
  expect((await openAddressHash(file, store))(key)).toBe(first(key));
  expect(await readFile(file, 'utf8')).toBe(secret);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder.path)).toEqual(['address-key']);
  const elsewhere = await openAddressHash(join(folder.path, 'other'), other);
  expect(elsewhere(key)).not.toBe(first(key));
  // The store knows which file it was, and not what is in it.
  expect(JSON.stringify(await store.listFacts(''))).not.toContain(secret.trim());
});

test('processes that start together make one secret', async () => {
  await using folder = await makeFolder();
  await using store = openMemoryStore();
  const file = join(folder.path, 'address-key');
  const all = await Promise.all(Array.from({ length: 20 }, () => openAddressHash(file, store)));
  expect(new Set(all.map((hashOf) => hashOf(key))).size).toBe(1);
  expect(await readdir(folder.path)).toEqual(['address-key']);
});

test('a store is not used with a file that its stops were not made with', async () => {
  await using folder = await makeFolder();
  await using store = openMemoryStore();
  const file = join(folder.path, 'address-key');
  await openAddressHash(file, store);
  const secret = await readFile(file, 'utf8');
  await rm(file);
  await expect(openAddressHash(file, store)).rejects.toThrow(/is missing: .* Copy it from/);
  expect(await readdir(folder.path)).toEqual([]);
  const wrong = join(folder.path, 'of-another-machine');
  await using other = openMemoryStore();
  await openAddressHash(wrong, other);
  await expect(openAddressHash(wrong, store)).rejects.toThrow(/is not the one of this store/);
  await writeFile(file, 'cut off');
  await expect(openAddressHash(file, store)).rejects.toThrow(/is damaged: copy it/);
  await writeFile(file, secret);
  await openAddressHash(file, store);
});

test('a file that cannot be read is told', async () => {
  await using folder = await makeFolder();
  await using store = openMemoryStore();
  const file = join(folder.path, 'address-key');
  await openAddressHash(file, store);
  // No mode binds root; a folder in its place is read by nobody.
  await rm(file);
  await mkdir(file);
  await expect(openAddressHash(file, store)).rejects.toThrow(/cannot be read \(EISDIR\)/);
});
