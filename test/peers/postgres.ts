import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from './free-port.ts';

const run = promisify(execFile);

export interface Postgres extends AsyncDisposable {
  /** Of an empty database. */
  uri: string;
}

/**
 * A PostgreSQL of the test's own, in a folder that goes with it. Undefined where it is not
 * installed.
 */
export async function openPostgres(): Promise<Postgres | undefined> {
  const programs = await findPrograms();
  if (!programs) return undefined;
  const user = await findUser();
  const folder = await mkdtemp(join(tmpdir(), 'dripline-postgres-'));
  const data = join(folder, 'data');
  if (user) await chown(folder, user.uid, user.gid);
  await run(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'dripline', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { ...user, cwd: folder },
  );
  const port = await findFreePort();
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    max_connections: 60,
    timezone: 'UTC',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(join(programs, 'postgres'), ['-D', data, ...args], {
    ...user,
    cwd: folder,
    stdio: 'ignore',
  });
  await waitUntilItListens(port, server);
  return {
    uri: `postgresql://dripline@127.0.0.1:${port}/postgres`,
    async [Symbol.asyncDispose]() {
      const isOver = once(server, 'exit');
      // Ends connections and then itself.
      server.kill('SIGINT');
      await isOver;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The folder of its programs, which Debian does not put on the PATH. */
async function findPrograms(): Promise<string | undefined> {
  const onPath = await run('which', ['initdb']).then(
    ({ stdout }) => dirname(stdout.trim()),
    () => undefined,
  );
  const folders = [
    ...(onPath ? [onPath] : []),
    ...globSync('/usr/lib/postgresql/*/bin').sort().reverse(),
  ];
  return folders.find(
    (folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')),
  );
}

/** It does not run as root: then as the user that its package has made. */
async function findUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)),
  );
  return uid && gid ? { uid, gid } : undefined;
}

async function waitUntilItListens(port: number, server: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 2000 && server.exitCode === null; tries += 1) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('PostgreSQL did not start');
}
