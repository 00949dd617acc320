import { hostname } from 'node:os';
import type { Config } from '../config/config.ts';
import type { Store } from '../ports/store.ts';
import { openStore } from '../store/open-store.ts';
import { makeFolder } from './data-folder.ts';

/** The configured store, made where there is none, and held so that no service serves it. */
export async function openHeldStore({
  mongoUri: uri,
  folders,
}: Config): Promise<{ store: Store } & AsyncDisposable> {
  await using opening = new AsyncDisposableStack();
  makeFolder(folders.data);
  if (!uri) {
    const { lockServe } = await import('../store/serve-lock.ts');
    const owner = { pid: process.pid, host: hostname(), startedAt: Date.now() };
    opening.use(await lockServe(folders.data, owner));
  }
  const store = opening.use(await openStore({ uri, dataFolder: folders.data, mode: 'serve' }));
  const opened = opening.move();
  return { store, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
