import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddedPicture, PostFiles } from '../../ports/post-files.ts';

/** What is wrong with it is told of a file of this name. */
const nameFor = (name: string) =>
  name
    .slice(-60)
    .replaceAll(/[/\\\p{C}]+/gu, '-')
    .replace(/^[.-]+/, '') || 'picture';

/** Its bytes lie outside of the posts folder until they are known to be a picture. */
export async function keepPicture(
  files: PostFiles,
  path: string,
  { name, bytes }: { name: string; bytes: Uint8Array },
): Promise<AddedPicture> {
  const folder = await mkdtemp(join(tmpdir(), 'dripline-picture-'));
  try {
    const file = join(folder, nameFor(name));
    await writeFile(file, bytes);
    return await files.addPicture(path, { name: name || 'picture', file });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
