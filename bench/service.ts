import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findFreePort } from '../test/peers/free-port.ts';
import { accountsYaml } from '../test/sandbox/accounts-yaml.ts';

const project = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  scripts: { start: string };
};
export const program = join(import.meta.dirname, '../bin/dripline.js');

/** With which Node runs the service; it tells what is in use. */
export const startFlags = (): string[] => [
  ...project.scripts.start.split(' ').filter((word) => word.startsWith('--')),
  '--import',
  join(import.meta.dirname, 'heap-probe.js'),
];

export interface ServiceFolder extends AsyncDisposable {
  path: string;
  /** Starts `serve`, waits until it has read all files, and runs the work beside it. */
  whileServing<T>(work: (service: ChildProcess) => Promise<T>): Promise<T>;
}

/** More than any bench asks for: what a network refuses would be counted as slow. */
const limitScale = '100000';

/** The three local networks in a process of their own. */
export async function startNetworks(folder: string) {
  const server = join(import.meta.dirname, '../test/sandbox/server.ts');
  const places = [join(folder, 'networks.jsonl'), '0', '0', '0', '0'];
  const child = spawn(process.execPath, [server, ...places, limitScale], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, baseUrls: JSON.parse(line.toString()) as Record<string, string> };
}

/** A folder with posts for three accounts; their networks run in a process of their own. */
export async function makeServiceFolder(
  posts: number,
  accounts: readonly string[] = ['x', 'bsky', 'masto'],
): Promise<ServiceFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'dripline-bench-'));
  const networks = await startNetworks(folder);
  await Promise.all(['posts', 'media', 'config'].map((name) => mkdir(join(folder, name))));
  await writeFile(
    join(folder, 'config/dripline.yaml'),
    toYaml(networks.baseUrls, {
      port: await findFreePort(),
      accounts,
    }),
  );
  for (let n = 0; n < posts; n += 1)
    await writeFile(
      join(folder, `posts/p${n}.md`),
      `Post ${n}: small amounts, steadily, for a long time.`,
    );
  return {
    path: folder,
    whileServing: (work) => whileServing(folder, work),
    [Symbol.asyncDispose]: async () => {
      networks.child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const toYaml = (
  urls: Record<string, string>,
  { port, accounts }: { port: number; accounts: readonly string[] },
): string =>
  `timezone: UTC\n${accountsYaml(urls, accounts)}cadence: { perDay: 1 }\nweb: { port: ${port} }\n`;

async function whileServing<T>(
  folder: string,
  work: (service: ChildProcess) => Promise<T>,
): Promise<T> {
  const service = spawn(process.execPath, [...startFlags(), program, 'serve', '--log', 'plain'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const ended = once(service, 'exit');
  try {
    await waitForLine(service, /^To start posting/);
    return await work(service);
  } finally {
    service.kill('SIGTERM');
    await ended;
  }
}

async function waitForLine(service: ChildProcess, line: RegExp): Promise<void> {
  if (!service.stdout) throw new Error('the service has no output');
  for await (const text of createInterface({ input: service.stdout })) {
    if (!line.test(text)) continue;
    service.stdout.resume();
    return;
  }
  throw new Error('the service ended before it was running');
}
