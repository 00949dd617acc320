import { toTable } from '../commands/table.ts';
import { openEnvironment } from '../config/environment.ts';
import type { CliContext } from './cli-context.ts';

export async function showConfig({ folder, config, terminal }: CliContext): Promise<void> {
  const environment = openEnvironment(folder);
  const { data, posts, media } = config.folders;
  const folders = [
    ['data', data, 'DRIPLINE_DATA'],
    ['posts', posts, 'DRIPLINE_POSTS'],
    ['media', media, 'DRIPLINE_MEDIA'],
  ] as const;
  const rows = [
    {
      key: 'configuration',
      value: config.file ?? 'none: the sandbox',
      from: environment.read('DRIPLINE_CONFIG')?.from ?? 'the default place',
    },
    ...config.shown,
    ...folders.map(([name, value, variable]) => ({
      key: `${name} folder`,
      value,
      from: environment.read(variable)?.from ?? `the default (${variable} is not set)`,
    })),
    {
      key: 'store',
      value: config.mongoUri ? 'MongoDB' : 'SQLite in the data folder',
      from: storeFrom(config),
    },
  ];
  terminal.print(
    toTable(
      ['setting', 'value', 'from'],
      rows.map(({ key, value, from }) => [key, value, from]),
    ),
    rows,
  );
}

function storeFrom({ mongoUri, isSandbox }: CliContext['config']): string {
  if (mongoUri) return 'MONGODB_URI';
  return isSandbox ? 'the sandbox' : 'the default (MONGODB_URI is not set)';
}
