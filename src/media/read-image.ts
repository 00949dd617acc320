import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { mostPictureBytes } from '../core/media/video-file.ts';
import { Refusal } from '../core/problem.ts';

export async function readImage(file: string): Promise<Buffer> {
  const name = basename(file);
  try {
    const { size } = await stat(file);
    if (size > mostPictureBytes) {
      const megabytes = Math.ceil(size / 1024 / 1024);
      throw new Refusal(`${name} has ${megabytes} MB. The most is 30 MB: make it smaller`);
    }
    if (size === 0) throw emptyRefusal(name);
    return await readFile(file);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw toRefusal(error, name);
  }
}

export const emptyRefusal = (name: string) =>
  new Refusal(`${name} is empty: copy or export it again`);

/** What the file system says of a file that cannot be read. */
export function toRefusal(error: unknown, name: string): Refusal {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT')
    return new Refusal(`${name} is missing: put it back, or take it out of the post`);
  return new Refusal(`${name} cannot be read (${code ?? String(error)})`);
}
