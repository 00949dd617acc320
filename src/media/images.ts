import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { MediaLimits } from '../core/network/limits.ts';
import type { Rendition } from '../core/post/message.ts';
import { Refusal } from '../core/problem.ts';
import { defaultKeep } from '../core/settings.ts';
import { day } from '../core/time.ts';
import type { ImageFacts, Images } from '../ports/images.ts';
import { assertWhole, encode, inspectBytes } from './encode.ts';
import { removeOld } from './tidy.ts';

const maxFile = 30 * 1024 * 1024;
const endings: Record<string, string> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
};

/**
 * Renditions lie in `renditions/` of the data folder, named after what they were made from. sharp
 * is loaded with the first picture.
 */
export function openImages({
  dataFolder,
  keepFor = defaultKeep.picturesFor,
}: {
  dataFolder: string;
  /** A rendition that is missing is made again. */
  keepFor?: number;
}): Images {
  const folder = join(dataFolder, 'renditions');
  let tidiedAt = -Infinity;
  return {
    async inspect(file): Promise<ImageFacts> {
      const bytes = await readImage(file);
      const facts = await inspectBytes(bytes, basename(file));
      await assertWhole(bytes, basename(file));
      return facts;
    },
    async render(file, limits): Promise<Rendition> {
      const bytes = await readImage(file);
      const now = Date.now();
      if (now - tidiedAt > day) await removeOld(folder, (tidiedAt = now) - keepFor);
      return render(bytes, { folder, name: basename(file), limits });
    },
  };
}

async function render(
  bytes: Buffer,
  { folder, name, limits }: { folder: string; name: string; limits: MediaLimits },
): Promise<Rendition> {
  const key = createHash('sha256')
    .update(bytes)
    .update(JSON.stringify(toKey(limits)))
    .digest('hex');
  const kept = await findKept(folder, key);
  if (kept) return kept;
  const made = await encode(bytes, limits, name);
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${key}.${endings[made.mime] ?? 'bin'}`);
  const { data, ...facts } = made;
  const rendition = {
    path,
    sha256: createHash('sha256').update(data).digest('hex'),
    ...facts,
    bytes: data.length,
  };
  await writeWhole(path, data);
  // The note comes last: where it stands, the picture stands whole.
  await writeWhole(
    join(folder, `${key}.json`),
    Buffer.from(JSON.stringify({ ...rendition, path: basename(path) })),
  );
  return rendition;
}

async function readImage(file: string): Promise<Buffer> {
  const name = basename(file);
  try {
    const { size } = await stat(file);
    if (size > maxFile) {
      const megabytes = Math.ceil(size / 1024 / 1024);
      throw new Refusal(`${name} has ${megabytes} MB. The most is 30 MB: make it smaller`);
    }
    return await readFile(file);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new Refusal(`${name} is missing: put it back, or take it out of the post`);
    throw new Refusal(`${name} cannot be read (${code ?? String(error)})`);
  }
}

const toKey = ({ mimeTypes, maxBytes, maxPixels, maxSide }: MediaLimits) => [
  1,
  [...mimeTypes].sort(),
  maxBytes,
  maxPixels ?? 0,
  maxSide ?? 0,
];

async function findKept(folder: string, key: string): Promise<Rendition | undefined> {
  try {
    const note = JSON.parse(await readFile(join(folder, `${key}.json`), 'utf8')) as Rendition;
    const path = join(folder, note.path);
    return (await stat(path)).size === note.bytes ? { ...note, path } : undefined;
  } catch {
    return undefined;
  }
}

/** Written aside, synced, then put in place: a reader sees all of it or nothing. */
async function writeWhole(path: string, data: Buffer): Promise<void> {
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
