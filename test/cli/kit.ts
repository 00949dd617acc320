import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/app/system-clock.ts';
import { openWorld, until, type World, type WorldOptions } from '../flow/world.ts';

const program = join(import.meta.dirname, '../../bin/dripline.js');

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  env?: Record<string, string>;
  nodeArgs?: string[];
}

/** Nothing of this machine's own configuration. */
const clean = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(DRIPLINE_|MONGODB_URI|NODE_OPTIONS)/.test(name),
  ),
);

export function start(
  folder: string,
  args: string[],
  { env = {}, nodeArgs = [] }: RunOptions = {},
): ChildProcess {
  return spawn(process.execPath, [...nodeArgs, program, ...args], {
    cwd: folder,
    env: { ...clean, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** The command line, as its user types it: `run(folder, 'queue --json')`. */
export async function run(folder: string, line: string, options?: RunOptions): Promise<Ran> {
  return ended(start(folder, line.split(' ').filter(Boolean), options));
}

export async function ended(child: ChildProcess): Promise<Ran> {
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      said[name] += chunk;
    });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said };
}

/**
 * A world whose files hold all, so that a program of its own can serve it; nothing goes out by
 * itself. Its files have lain there for a minute: a start takes them in at once.
 */
export async function openCliWorld({
  yaml = 'cadence: { perDay: 1, minGap: 1h }',
  files = {},
  ...rest
}: WorldOptions = {}): Promise<World> {
  const world = await openWorld({
    yaml: `${yaml}\nweb: { port: 0 }`,
    files,
    clock: systemClock,
    ...rest,
  });
  const past = Date.now() / 1000 - 60;
  for (const path of Object.keys(files)) utimesSync(join(world.folder, path), past, past);
  return world;
}

export interface Running extends AsyncDisposable {
  child: ChildProcess;
  output(): string;
  ended: Promise<Ran>;
}

/** `dripline serve` as a process of its own, once it says that it runs. */
export async function serve(
  folder: string,
  args: string[] = [],
  options?: RunOptions,
): Promise<Running> {
  const child = start(folder, ['serve', '--log', 'plain', ...args], options);
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += String(chunk);
  });
  const end = ended(child);
  await until(
    `serve runs: ${output}`,
    () => output.includes('Dashboard:') || child.exitCode !== null,
  );
  return {
    child,
    ended: end,
    output: () => output,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await end;
    },
  };
}

export const pidOf = (folder: string): number =>
  (JSON.parse(readFileSync(join(folder, 'data/serve.json'), 'utf8')) as { pid: number }).pid;
