import { expect, test } from 'vitest';
import { readSources } from './sources.ts';

/**
 * Who may import whom from `src/`: everything points inward. `app` is `src/app.ts`, the only file
 * that knows everybody.
 */
const mayImport: Record<string, string[]> = {
  core: [],
  ports: ['core'],
  flow: ['core', 'ports'],
  commands: ['core', 'ports', 'flow'],
  io: ['core', 'ports'],
  sources: ['core', 'ports', 'io'],
  networks: ['core', 'ports', 'io'],
  media: ['core', 'ports'],
  mail: ['core', 'ports', 'io'],
  letters: ['core', 'ports', 'io', 'mail'],
  store: ['core', 'ports', 'io'],
  jobs: ['core', 'ports', 'io'],
  sandbox: ['core', 'ports'],
  rehearsal: ['core', 'ports', 'flow', 'sandbox'],
  web: ['core', 'ports', 'commands', 'io'],
  door: ['core', 'ports', 'io'],
  chat: ['core', 'ports', 'commands'],
  agents: ['core', 'ports', 'commands'],
  config: ['core', 'io'],
  cli: ['core', 'ports', 'flow', 'commands', 'rehearsal', 'config', 'io', 'app'],
  app: [
    'core',
    'ports',
    'flow',
    'commands',
    'io',
    'sources',
    'networks',
    'media',
    'mail',
    'letters',
    'store',
    'jobs',
    'sandbox',
    'rehearsal',
    'web',
    'door',
    'chat',
    'agents',
    'config',
  ],
};

/**
 * Who may import which package: a library is known to one place, so that it can be replaced there.
 */
const packages: Record<string, string[]> = {
  io: ['mdast-util-from-markdown', 'pino', 'request-filtering-agent', 'yaml', 'zod'],
  sources: [
    'csv-parse',
    'chokidar',
    'htmlparser2',
    'mdast-util-from-markdown',
    'rss-parser',
    'zod',
  ],
  networks: ['@atproto/api', 'htmlparser2', 'masto', 'twitter-api-v2'],
  media: ['mediabunny', 'sharp'],
  sandbox: ['postal-mime', 'smtp-server'],
  letters: ['@fragaria/address-formatter', 'fontkit', 'pdfkit', 'qrcode'],
  mail: ['hast-util-to-html', 'imapflow', 'mdast-util-to-hast', 'nodemailer', 'postal-mime'],
  store: ['mongodb'],
  jobs: ['@agendajs/mongo-backend', 'agenda'],
  web: ['@hono/node-server', 'hono', 'prom-client'],
  door: ['@hono/node-server', 'altcha-lib', 'hono', 'isbot'],
  chat: ['@slack/socket-mode', '@slack/web-api', 'discord.js', 'grammy'],
  agents: ['@modelcontextprotocol/server', 'zod'],
  config: ['zod'],
  cli: ['@clack/prompts', 'commander', 'csv-parse'],
};

interface Import {
  file: string;
  folder: string;
  /** A folder of `src/`, or a package. */
  to: string;
  isOwn: boolean;
}

const folderOf = (file: string) => file.replace(/\.ts$/, '').split('/')[0] ?? '';
const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

const imports: Import[] = readSources('src').flatMap(({ path, text }) =>
  [
    ...text.matchAll(
      /^(?:import|export)\b[^'"]*?from '([^']+)'|\bimport\('([^']+)'\)|^import '([^']+)'/gm,
    ),
  ].map((match): Import => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? '';
    const isOwn = specifier.startsWith('.');
    const to = isOwn
      ? folderOf(new URL(specifier, `file:///${path}`).pathname.slice(1))
      : packageOf(specifier);
    return { file: path, folder: folderOf(path), to, isOwn };
  }),
);

test('folders import only what the table allows', () => {
  expect(imports.length).toBeGreaterThan(300);
  const wrong = imports.filter(
    ({ folder, to, isOwn }) => isOwn && to !== folder && !mayImport[folder]?.includes(to),
  );
  expect(wrong.map(({ file, to }) => `${file} imports ${to}`)).toEqual([]);
});

test('each package is imported only where the table says', () => {
  const wrong = imports.filter(
    ({ folder, to, isOwn }) => !isOwn && !to.startsWith('node:') && !packages[folder]?.includes(to),
  );
  expect(wrong.map(({ file, to }) => `${file} imports ${to}`)).toEqual([]);
});

test('the tables have no line that nobody uses', () => {
  const used = (folder: string, to: string) =>
    imports.some((one) => one.folder === folder && one.to === to);
  const idle = Object.entries(packages).flatMap(([folder, names]) =>
    names.filter((name) => !used(folder, name)).map((name) => `${folder}: ${name}`),
  );
  expect(idle).toEqual([]);
  expect(
    Object.keys(mayImport).filter((folder) => !imports.some((one) => one.folder === folder)),
  ).toEqual([]);
});
