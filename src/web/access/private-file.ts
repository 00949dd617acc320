import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Refusal } from '../../core/problem.ts';

/** JSON for the owner of the data folder alone. */
export interface PrivateFile {
  /** Undefined where it is not there, or damaged. */
  read(): Promise<unknown>;
  /** The whole or nothing. */
  write(value: unknown): Promise<void>;
}

/** Without a file it is remembered while the process lives. */
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
        throw new Refusal(`${file} cannot be read (${code}): mend its rights, or remove it`);
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
    throw new Refusal(
      `${file} cannot be written (${(error as NodeJS.ErrnoException).code ?? 'error'}): mend the rights of its folder, or make room`,
    );
  }
}
