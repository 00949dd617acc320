import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import {
  chmod,
  copyFile,
  link,
  mkdir,
  open,
  readFile,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Refusal } from '../../core/problem.ts';

export const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Hidden from whoever lists the folder. */
const asideOf = (file: string) =>
  join(dirname(file), `.${basename(file).slice(0, 40)}.${randomUUID()}`);

/** Whole or not at all: what `isStill` refuses is not written. A link and the mode stay. */
export async function replaceFile(
  file: string,
  text: string,
  isStill: (bytes: Buffer) => boolean,
): Promise<boolean> {
  const real = await realpath(file);
  const { mode } = await stat(real);
  const aside = asideOf(real);
  try {
    await writeFlushed(aside, Buffer.from(text));
    await chmod(aside, mode & 0o7777);
    // As late as can be: whoever saves in this moment in another program is not overwritten.
    if (!isStill(await readFile(real))) return false;
    await rename(aside, real);
    return true;
  } finally {
    await rm(aside, { force: true });
  }
}

/** Step by step: where it may not write, Node's own way of making all of them says ENOENT. */
export async function makeFolder(folder: string): Promise<void> {
  const isThere = async () => (await stat(folder).catch(() => undefined))?.isDirectory() ?? false;
  if (await isThere()) return;
  if (dirname(folder) !== folder) await makeFolder(dirname(folder));
  await mkdir(folder).catch(async (error: unknown) => {
    if (!(await isThere())) throw error;
  });
}

/** Whole or not at all: where there is no room, what was there stays. */
export async function putFile(file: string, bytes: Buffer): Promise<void> {
  const aside = asideOf(file);
  try {
    await writeFlushed(aside, bytes);
    await rename(aside, file);
  } finally {
    await rm(aside, { force: true });
  }
}

/** False: the name is taken. */
export async function createFile(file: string, bytes: Buffer): Promise<boolean> {
  const aside = asideOf(file);
  try {
    await writeFlushed(aside, bytes);
    return await linkNew(aside, file);
  } finally {
    await rm(aside, { force: true });
  }
}

/** The same with the bytes of another file, which may be a large one. */
export async function createCopy(file: string, of: string): Promise<boolean> {
  const aside = asideOf(file);
  try {
    await copyFile(of, aside, constants.COPYFILE_FICLONE);
    await using handle = await open(aside, 'r+');
    await handle.chmod(0o644);
    await handle.sync();
    return await linkNew(aside, file);
  } finally {
    await rm(aside, { force: true });
  }
}

/** Gives the file another name, unless that is taken. */
export async function moveFile(from: string, to: string): Promise<boolean> {
  if (!(await linkNew(from, to))) return false;
  await rm(from);
  return true;
}

async function linkNew(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // Some network drives have no hard links.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code ?? '')) throw error;
    return copyNew(from, to);
  }
}

async function copyNew(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL);
    await using handle = await open(to, 'r+');
    await handle.sync();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function writeFlushed(file: string, bytes: Buffer): Promise<void> {
  await using handle = await open(file, 'wx', 0o644);
  await handle.writeFile(bytes);
  await handle.sync();
}

const causes: Record<string, string> = {
  EROFS: 'the folder is read-only: mount it without `:ro`',
  EACCES: 'permission denied: let the user that Dripline runs as write in the folder',
  EPERM: 'permission denied: let the user that Dripline runs as write in the folder',
  ENOSPC: 'the disk is full: free some space',
  EDQUOT: 'the disk quota is used up: free some space',
  ENAMETOOLONG: 'the name is too long: choose a shorter title',
};

/** A cause in words; undefined: it is none of the file system. */
export function causeOf(error: unknown): string | undefined {
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? undefined : (causes[code] ?? `the file system says ${code}`);
}

/** Runs it; what the file system refuses becomes a Refusal. */
export async function telling<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const cause = error instanceof Refusal ? undefined : causeOf(error);
    if (cause === undefined) throw error;
    throw new Refusal(`${what} cannot be written: ${cause}. Nothing was changed`);
  }
}
