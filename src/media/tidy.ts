import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { day } from '../core/time.ts';

/** Long after the last retry of a release. A rendition that is missing is made again. */
export const keptFor = 60 * day;

/** Removes what was made longer ago; what cannot be removed stays for the next time. */
export async function removeOld(folder: string, now: number): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const path = join(folder, name);
    const info = await stat(path).catch(() => undefined);
    if (info?.isFile() && now - info.mtimeMs > keptFor) await rm(path).catch(() => undefined);
  }
}
