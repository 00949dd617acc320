import { EventEmitter, once } from 'node:events';
import type { FSWatcher } from 'chokidar';
import { expect, test } from 'vitest';
import { watchFolders } from '../../src/sources/folder/watch-folder.ts';

test.each(['ENOSPC', 'EMFILE', 'EIO'])(
  'where changes cannot be watched (%s) it is said once, and the folder is looked at more often',
  async (code) => {
    const watcher = Object.assign(new EventEmitter(), { close: async () => {} });
    const looks = new EventEmitter();
    const told: string[] = [];
    await using _watching = watchFolders(['posts'], {
      changed: () => looks.emit('look'),
      warn: (text) => told.push(text),
      lookEvery: 5,
      open: () => watcher as unknown as FSWatcher,
    });
    for (let i = 0; i < 3; i++) watcher.emit('error', Object.assign(new Error('no'), { code }));
    await once(looks, 'look');
    await once(looks, 'look');
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(`the posts folder cannot be watched (${code})`);
    expect(told[0]?.includes('fs.inotify')).toBe(code !== 'EIO');
  },
);
