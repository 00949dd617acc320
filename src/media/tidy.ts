import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instant } from '../core/time.ts';
import type { FeedPictures } from '../ports/images.ts';

/** Removes what was made before; what cannot be removed stays for the next time. */
export async function removeOld(folder: string, before: Instant): Promise<void> {
  await removeFiles(folder, { names: await listOld(folder, before), before });
}

/** The pictures of all feeds, in one folder, named by their content. */
export function openFeedPictures(folder: string): FeedPictures {
  return {
    fetchedBefore: (before) => listOld(folder, before),
    remove: (names, before) => removeFiles(folder, { names, before }),
  };
}

async function listOld(folder: string, before: Instant): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const old: string[] = [];
  for (const name of names) if (await isOld(join(folder, name), before)) old.push(name);
  return old;
}

async function removeFiles(
  folder: string,
  { names, before }: { names: readonly string[]; before: Instant },
): Promise<void> {
  for (const name of names) {
    const path = join(folder, name);
    if (await isOld(path, before)) await rm(path).catch(() => undefined);
  }
}

async function isOld(path: string, before: Instant): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  return info?.isFile() === true && info.mtimeMs < before;
}
