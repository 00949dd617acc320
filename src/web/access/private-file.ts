import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Refusal } from '../../core/problem.ts';

/** JSON that only the owner of the data folder may read. */
export interface PrivateFile {
  /** Undefined if the file does not exist, or is damaged. */
  read(): Promise<unknown>;
  /** Atomic. */
  write(value: unknown): Promise<void>;
}

/** Without a file the value lives as long as the process. */
export function openPrivateFile(file: string | undefined): PrivateFile {
  let kept: unknown;
  if (file === undefined)
    return {
      read: async () => kept,
      write: async (value) => {
        kept = value;
      },
    };
  return {
    async read() {
      try {
        return JSON.parse(await readFile(file, 'utf8')) as unknown;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === undefined || code === 'ENOENT') return undefined;
        throw new Refusal(`${file} cannot be read (${code}): fix its permissions, or remove it`);
      }
    },
    write: (value) => writeAside(file, JSON.stringify(value)),
  };
}

async function writeAside(file: string, text: string): Promise<void> {
  const aside = `${file}.${randomBytes(4).toString('hex')}.part`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await using handle = await open(aside, 'wx', 0o600);
    await handle.writeFile(text);
    await handle.sync();
    await rename(aside, file);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined);
    const { code = 'error' } = error as NodeJS.ErrnoException;
    const hint = 'fix the permissions of its folder, or free some space';
    throw new Refusal(`${file} cannot be written (${code}): ${hint}`);
  }
}
