import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Atomic: `write` fills a temporary file that others cannot read, which gets the name once it is
 * flushed to the disk.
 */
export async function writeWhole(
  file: string,
  write: (temporary: string) => Promise<unknown>,
): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await (await open(temporary, 'wx', 0o600)).close();
    await write(temporary);
    await flush(temporary);
    await rename(temporary, file);
    await flush(dirname(file));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function flush(path: string): Promise<void> {
  await using handle = await open(path, 'r');
  await handle.sync();
}
