import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { isVideoFile } from '../core/media/video-file.ts';
import type { MediaLimits } from '../core/network/limits.ts';
import type { Rendition } from '../core/post/message.ts';
import { pickDefined } from '../core/pick-defined.ts';
import { defaultKeep } from '../core/settings.ts';
import { day } from '../core/time.ts';
import type { Images, MediaFacts } from '../ports/images.ts';
import { assertWhole, encode, inspectBytes } from './encode.ts';
import { probeGif, probeVideo } from './probe.ts';
import { readImage } from './read-image.ts';
import { findKept, keepNote, writeWhole } from './rendition-files.ts';
import { judge, renderMoving } from './render-moving.ts';
import { removeOld } from './tidy.ts';

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
    inspect: inspectFile,
    async whyUnfit(medium, limits) {
      if (!medium.moves) return undefined;
      const { verdict } = await judge(medium, limits);
      return verdict.is === 'unfit' ? verdict.why : undefined;
    },
    async render(medium, limits, signal): Promise<Rendition> {
      const now = Date.now();
      if (now - tidiedAt > day) await removeOld(folder, (tidiedAt = now) - keepFor);
      if (medium.moves) return renderMoving(medium, limits, pickDefined({ folder, signal }));
      const bytes = await readImage(medium.file);
      return render(bytes, { folder, name: basename(medium.file), limits });
    },
  };
}

async function inspectFile(file: string): Promise<MediaFacts> {
  if (isVideoFile(file)) return probeVideo(file);
  const bytes = await readImage(file);
  const name = basename(file);
  const gif = extname(file).toLowerCase() === '.gif' ? await probeGif(bytes) : undefined;
  const facts = gif ?? (await inspectBytes(bytes, name));
  await assertWhole(bytes, name);
  return facts;
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
  await keepNote(folder, key, rendition);
  return rendition;
}

const toKey = ({ mimeTypes, maxBytes, maxPixels, maxSide }: MediaLimits) => [
  1,
  [...mimeTypes].sort(),
  maxBytes,
  maxPixels ?? 0,
  maxSide ?? 0,
];
