import { watch } from 'chokidar';

/**
 * Calls back when something in the folders has changed and settled. A hint only: correctness
 * depends on the regular rescan.
 */
export function watchFolders(folders: string[], changed: () => void): AsyncDisposable {
  const watcher = watch(folders, {
    ignoreInitial: true,
    ignorePermissionErrors: true,
    followSymlinks: false,
    awaitWriteFinish: { stabilityThreshold: 400, pollInterval: 100 },
  });
  let timer: NodeJS.Timeout | undefined;
  watcher.on('all', () => {
    clearTimeout(timer);
    timer = setTimeout(changed, 150);
  });
  // A folder that cannot be watched is still scanned every few minutes.
  watcher.on('error', () => undefined);
  return {
    [Symbol.asyncDispose]: async () => {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}
