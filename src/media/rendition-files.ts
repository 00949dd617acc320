import { randomUUID } from 'node:crypto';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Rendition } from '../core/post/message.ts';

/** By the key of what it was made from. */
export async function findKept(folder: string, key: string): Promise<Rendition | undefined> {
  try {
    const note = JSON.parse(await readFile(join(folder, `${key}.json`), 'utf8')) as Rendition;
    const path = join(folder, note.path);
    return (await stat(path)).size === note.bytes ? { ...note, path } : undefined;
  } catch {
    return undefined;
  }
}

/** Written aside, synced, then put in place: a reader sees all of it or nothing. */
export async function writeWhole(path: string, data: Buffer): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  const handle = await open(aside, 'w');
  try {
    await handle.writeFile(data);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(aside, path);
}

/** It comes last: where it stands, the file that it is about stands whole. */
export const keepNote = (folder: string, key: string, rendition: Rendition): Promise<void> =>
  writeWhole(
    join(folder, `${key}.json`),
    Buffer.from(JSON.stringify({ ...rendition, path: basename(rendition.path) })),
  );
