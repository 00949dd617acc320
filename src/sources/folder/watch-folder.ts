import { type ChokidarOptions, type FSWatcher, watch } from 'chokidar';
import { formatDuration } from '../../core/time.ts';

export interface Watching {
  changed: () => void;
  warn: (text: string) => void;
  /** How often to look where the system does not tell of changes; milliseconds. */
  lookEvery?: number;
  /** Instead of the library's own. */
  open?: (folders: string[], options: ChokidarOptions) => FSWatcher;
}

/**
 * Calls back when something in the folders has changed and settled. A hint only: correctness
 * depends on the regular rescan.
 */
export function watchFolders(
  folders: string[],
  { changed, warn, lookEvery = 30_000, open = watch }: Watching,
): AsyncDisposable {
  const watcher = open(folders, {
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
  let looking: NodeJS.Timeout | undefined;
  watcher.on('error', (error) => {
    if (looking) return;
    looking = setInterval(changed, lookEvery);
    warn(tellUnwatched(error, lookEvery));
  });
  return {
    [Symbol.asyncDispose]: async () => {
      clearTimeout(timer);
      clearInterval(looking);
      await watcher.close();
    },
  };
}

function tellUnwatched(error: unknown, lookEvery: number): string {
  const { code = String(error) } = error as NodeJS.ErrnoException;
  const isUsedUp = code === 'ENOSPC' || code === 'EMFILE';
  const hint = isUsedUp ? 'raise fs.inotify.max_user_watches and max_user_instances' : undefined;
  const every = formatDuration(lookEvery);
  const what = `the posts folder cannot be watched (${code}): Dripline looks at it every ${every}`;
  return hint === undefined ? what : `${what}. To see changes at once, ${hint}`;
}
