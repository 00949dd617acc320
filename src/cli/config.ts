import { toTable } from '../commands/table.ts';
import type { CliContext } from './program.ts';

export async function showConfig({ config, terminal }: CliContext): Promise<void> {
  const rows = [
    ...config.shown,
    { key: 'data folder', value: config.folders.data, from: 'DRIPLINE_DATA, or data/' },
    { key: 'posts folder', value: config.folders.posts, from: 'DRIPLINE_POSTS, or posts/' },
    { key: 'media folder', value: config.folders.media, from: 'DRIPLINE_MEDIA, or media/' },
    { key: 'store', value: config.mongoUri ? 'MongoDB' : 'SQLite in the data folder', from: config.mongoUri ? 'MONGODB_URI' : 'MONGODB_URI is not set' },
  ];
  terminal.print(toTable(['setting', 'value', 'from'], rows.map(({ key, value, from }) => [key, value, from])), rows);
}
