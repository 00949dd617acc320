import { join } from 'node:path';
import type { Store } from '../ports/store.ts';
import type { StoreMode } from './store-version.ts';

/**
 * MongoDB where a connection string is given, else one SQLite file in the data folder. Only the one
 * that is used is loaded.
 */
export async function openStore({
  uri,
  dataFolder,
  mode,
}: {
  uri?: string | undefined;
  dataFolder: string;
  mode: StoreMode;
}): Promise<Store> {
  if (uri) return (await import('./mongo/mongo-store.ts')).openMongoStore({ uri, mode });
  return (await import('./sqlite/sqlite-store.ts')).openSqliteStore({
    file: join(dataFolder, 'dripline.db'),
    mode,
  });
}
