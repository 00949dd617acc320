import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  type Dirent,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Refusal } from '../core/problem.ts';
import { StoreError } from '../ports/store.ts';

/** The data folder, which has to be writable, and is private to the user that serves it. */
export function makeFolder(folder: string) {
  try {
    mkdirSync(folder, { recursive: true, mode: privateFolder });
    makePrivate(folder);
    const probe = join(folder, `.probe-${randomBytes(4).toString('hex')}`);
    writeFileSync(probe, '', { mode: privateFile });
    rmSync(probe, { force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC')
      throw new StoreError('full', `the disk that holds ${folder} is full. Make room`);
    const todo = 'Fix its permissions, or set DRIPLINE_DATA to another';
    throw new Refusal(`the data folder ${folder} cannot be written. ${todo} (${code ?? 'error'})`);
  }
}

const privateFolder = 0o700;
const privateFile = 0o600;
/** What Dripline itself keeps in folders; others that a person put there stay as they are. */
const ownFolders = new Set(['feed-media', 'media', 'renditions', 'sandbox', 'sessions', 'web']);

/**
 * Also what an earlier version made for everyone to read. Another user's files, and disks without
 * permissions, stay as they are: the folder around them is closed.
 */
export function makePrivate(folder: string) {
  restrict(folder, privateFolder);
  for (const one of readdirSync(folder, { withFileTypes: true }))
    if (one.isFile() || ownFolders.has(one.name)) makeEntryPrivate(folder, one);
}

function makeEntryPrivate(folder: string, one: Dirent) {
  const path = join(folder, one.name);
  // A link leads to a file of somebody else's.
  if (one.isFile()) restrict(path, privateFile);
  if (!one.isDirectory()) return;
  restrict(path, privateFolder);
  for (const inner of readdirSync(path, { withFileTypes: true })) makeEntryPrivate(path, inner);
}

function restrict(path: string, most: number) {
  try {
    const { mode } = lstatSync(path);
    const allowed = mode & most;
    if ((mode & 0o777) !== allowed) chmodSync(path, allowed);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EPERM', 'ENOENT', 'EROFS', 'ENOTSUP'].includes(code)) throw error;
  }
}

/** The same after a restart, so that alarms that the last run held ring at once. */
export function workerName(data: string): string {
  const file = join(data, 'worker');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    const name = `${hostname()}-${randomBytes(4).toString('hex')}`;
    writeFileSync(file, `${name}\n`, { mode: privateFile });
    return name;
  }
}
