import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { day } from '../../core/time.ts';
import type { AddedPicture, PostFiles } from '../../ports/post-files.ts';

/** What is wrong with it is told of a file of this name. */
const nameFor = (name: string) =>
  name
    .slice(-60)
    .replaceAll(/[/\\\p{C}]+/gu, '-')
    .replace(/^[.-]+/, '') || 'picture';

export interface Aside extends AsyncDisposable {
  folder: string;
}

/** Bytes lie outside of the posts folder until they are known to be a picture or a video. */
export async function openAside({ asideFolder }: Pick<PostFiles, 'asideFolder'>): Promise<Aside> {
  await mkdir(asideFolder, { recursive: true });
  await removeLeft(asideFolder);
  const folder = await mkdtemp(join(asideFolder, 'sent-'));
  return {
    folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Of a service that was killed meanwhile. */
async function removeLeft(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const info = name.startsWith('sent-') ? await stat(path).catch(() => undefined) : undefined;
    if (info && Date.now() - info.mtimeMs > day) await rm(path, { recursive: true, force: true });
  }
}

/** A file that lies aside. */
export async function keepFile(
  files: PostFiles,
  path: string,
  { name, file }: { name: string; file: string },
): Promise<AddedPicture> {
  await using aside = await openAside(files);
  const named = join(aside.folder, nameFor(name));
  await rename(file, named);
  return await files.addPicture(path, { name: name || 'picture', file: named });
}

export async function keepPicture(
  files: PostFiles,
  path: string,
  { name, bytes }: { name: string; bytes: Uint8Array },
): Promise<AddedPicture> {
  await using aside = await openAside(files);
  const file = join(aside.folder, nameFor(name));
  await writeFile(file, bytes);
  return await files.addPicture(path, { name: name || 'picture', file });
}
