import { type Dirent, lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chunks } from '../core/chunks.ts';
import { ownTurn } from '../ports/own-turn.ts';

/** Bytes of all files below a folder; what goes meanwhile, or cannot be read, counts nothing. */
export async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []);
  let bytes = 0;
  for (const some of chunks(entries)) {
    for (const entry of some) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) bytes += await sizeOf(path);
      else if (entry.isFile()) bytes += lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
    }
    await ownTurn();
  }
  return bytes;
}
