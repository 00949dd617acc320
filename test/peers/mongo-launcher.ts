import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
const source = join(import.meta.dirname, '../mongo-server');
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'dripline-tests');
const libraries = join(cache, 'mongo-java-server-1.47.0');

export interface LaunchedMongo extends AsyncDisposable {
  uri: string;
  pid: number;
  /** kill -9, as a power cut would. */
  kill(): Promise<void>;
}

export async function hasJava(): Promise<boolean> {
  try {
    const { stderr, stdout } = await run('java', ['-version']);
    if (Number(/version "(\d+)/.exec(stderr + stdout)?.[1] ?? 0) < 17) return false;
    if (!existsSync(libraries)) await run('mvn', ['-v']);
    return true;
  } catch {
    return false;
  }
}

/**
 * Once for each user. Into a folder of its own first, so that a run that is cut off leaves no half
 * of it behind.
 */
async function fetchLibraries(): Promise<void> {
  if (existsSync(libraries)) return;
  await mkdir(cache, { recursive: true });
  const partial = `${libraries}.${process.pid}.partial`;
  await run('mvn', [
    '-q',
    '-B',
    '-f',
    join(source, 'pom.xml'),
    'dependency:copy-dependencies',
    `-DoutputDirectory=${partial}`,
  ]);
  await rename(partial, libraries).catch(async (error: unknown) => {
    await rm(partial, { recursive: true, force: true });
    if (!existsSync(libraries)) throw error;
  });
}

/** With `file`, an answered write outlives kill -9; `port` 0 is any free one. */
export async function launchMongo({
  port = 0,
  file,
}: { port?: number; file?: string } = {}): Promise<LaunchedMongo> {
  await fetchLibraries();
  const child = spawn(
    'java',
    [
      '-Xmx512m',
      '-XX:TieredStopAtLevel=1',
      '-cp',
      join(libraries, '*'),
      join(source, 'LoopbackMongo.java'),
      String(port),
      ...(file ? [file] : []),
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const uri = await firstLine(child);
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
  };
  return {
    uri,
    pid: child.pid ?? 0,
    kill: () => end('SIGKILL'),
    [Symbol.asyncDispose]: () => end('SIGTERM'),
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('the MongoDB test server has no output');
  for await (const line of createInterface({ input: child.stdout })) return line.trim();
  throw new Error('the MongoDB test server ended before it said where it listens');
}
