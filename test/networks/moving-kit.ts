import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Part } from '../../src/core/post/message.ts';
import type { Moves } from '../../src/core/post/post.ts';
import type { Publisher, Upload } from '../../src/ports/publisher.ts';
import { newFolder, request, signal, type Draft } from './kit.ts';

const fixtures = join(import.meta.dirname, '../fixtures');

/** A second of red, H.264 and AAC, 96 x 64. */
export const clip = join(fixtures, 'clip.mp4');
/** Red and blue in turn, 32 x 32. */
export const loop = join(fixtures, 'loop.gif');
/** Two captions and a remark. */
export const clipCaptions = join(fixtures, 'clip.vtt');

type Medium = Part['media'][number];

const kinds = {
  video: { file: clip, mime: 'video/mp4', name: 'clip.mp4', width: 96, height: 64 },
  gif: { file: loop, mime: 'image/gif', name: 'loop.gif', width: 32, height: 32 },
};

/** As the media folder makes it; `bytes` in place of its own. */
export function moving(kind: Moves, more: Partial<Medium> & { bytes?: Buffer } = {}): Medium {
  const { file, mime, name, width, height } = kinds[kind];
  const { bytes, ...rest } = more;
  const path = join(newFolder(), name);
  if (bytes) writeFileSync(path, bytes);
  else copyFileSync(file, path);
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  return {
    src: name,
    file: path,
    alt: 'Red all over',
    moves: kind,
    rendition: { path, sha256, mime, width, height, bytes: statSync(path).size, moves: kind },
    ...rest,
  };
}

/** A video that no network can process: it ends in the middle. */
export const truncated = () => moving('video', { bytes: readFileSync(clip).subarray(0, 2000) });

/** Through JSON, as the store keeps it. */
const stored = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

export const sendMedium = async (
  { uploads }: Publisher,
  medium: Medium,
  lang?: string,
): Promise<Upload> =>
  stored(await uploads!.send({ medium, ...(lang === undefined ? {} : { lang }) }, signal));

/** Looks until it is processed, as often as the network wants to be asked at most. */
export async function processed(publisher: Publisher, upload: Upload): Promise<Upload> {
  let now = upload;
  for (let looks = 0; !now.isReady && looks < 2000; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    now = stored(await publisher.uploads!.look(now.token, signal));
  }
  return now;
}

/** The request of a part with one medium that was uploaded. */
export const carrying = (
  publisher: Publisher,
  { text, medium, token, ...draft }: Draft & { text: string; medium: Medium; token: unknown },
) => ({
  ...request(publisher, text, { media: [medium], ...draft }),
  uploads: new Map([[0, token]]),
});
