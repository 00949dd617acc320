import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { Store } from '../../../src/ports/store.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { databaseUri } from '../../peers/mongo.ts';

interface Place extends AsyncDisposable {
  store: Store;
}

let count = 0;

async function openOn(mongoUri: string | undefined): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'dripline-people-'));
  count += 1;
  const uri = mongoUri && databaseUri(mongoUri, `people-${process.pid}-${count}`);
  const store = await openStore({
    dataFolder: folder,
    mode: 'serve',
    ...(uri === undefined ? {} : { uri }),
  });
  return {
    store,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const mongoUri = inject('mongoUri');

export const peopleStores: { name: string; open: () => Promise<Place> }[] = [
  { name: 'SQLite', open: () => openOn(undefined) },
  ...(mongoUri ? [{ name: 'MongoDB', open: () => openOn(mongoUri) }] : []),
];
