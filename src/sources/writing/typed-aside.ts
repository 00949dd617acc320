import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Unfinished } from '../../ports/post-files.ts';
import { assertTextPath, draftsFolder } from './draft-names.ts';
import type { WritingPlace } from './parse-draft.ts';
import { makeFolder, putFile } from './write-file.ts';

const folderOf = ({ postsFolder }: WritingPlace) => join(postsFolder, draftsFolder, '.unfinished');

function fileOf(place: WritingPlace, path: string): string {
  assertTextPath(path);
  const name = createHash('sha256').update(path).digest('hex').slice(0, 32);
  return join(folderOf(place), `${name}.json`);
}

export async function keepUnfinished(
  place: WritingPlace,
  path: string,
  typed: Unfinished,
): Promise<void> {
  const file = fileOf(place, path);
  await makeFolder(folderOf(place));
  await putFile(file, Buffer.from(JSON.stringify(typed)));
}

/** Absent also where it cannot be read: the file itself is the truth. */
export async function readUnfinished(
  place: WritingPlace,
  path: string,
): Promise<Unfinished | undefined> {
  try {
    const typed = JSON.parse(await readFile(fileOf(place, path), 'utf8')) as Partial<Unfinished>;
    const { text, base, at } = typed;
    if (typeof text !== 'string' || typeof base !== 'string' || typeof at !== 'number')
      return undefined;
    return { text, base, at };
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT')
      return undefined;
    throw error;
  }
}

export const dropUnfinished = (place: WritingPlace, path: string): Promise<void> =>
  rm(fileOf(place, path), { force: true });
