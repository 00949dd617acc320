import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Refusal } from '../../core/problem.ts';

const size = 32;

/** Made once, and readable by its owner alone. Undefined: the file does not exist. */
export async function readSecret(file: string): Promise<Buffer | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new Refusal(`${file} cannot be read (${code}): fix its permissions`);
  }
  const secret = Buffer.from(text.trim(), 'base64url');
  if (secret.length === size) return secret;
  throw new Refusal(`${file} is damaged: copy it from a backup of the data folder`);
}

/** Of processes that make it at once, all get the same: the one whose file has the name first. */
export async function makeSecret(file: string): Promise<Buffer> {
  const aside = `${file}.${randomBytes(4).toString('hex')}.part`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeDurably(aside, `${randomBytes(size).toString('base64url')}\n`);
    await link(aside, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    const todo = 'fix the permissions of its folder, or make room';
    throw new Refusal(`${file} cannot be written (${code}): ${todo}`);
  } finally {
    await rm(aside, { force: true }).catch(() => undefined);
  }
  const secret = await readSecret(file);
  if (!secret) throw new Refusal(`${file} was removed while it was made: start again`);
  return secret;
}

async function writeDurably(file: string, text: string): Promise<void> {
  await using handle = await open(file, 'wx', 0o600);
  await handle.writeFile(text);
  await handle.sync();
}
