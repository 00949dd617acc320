import { stat } from 'node:fs/promises';
import { dirname, extname, isAbsolute, relative, resolve } from 'node:path';
import { isVideoFile } from '../../../core/media/video-file.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import type { MediaRef, Moves } from '../../../core/post/post.ts';
import { errorAt, noteAt, type Problem } from '../../../core/problem.ts';
import { type Fact, factOf, FileProblem, isInside, outside, type Place } from '../file-facts.ts';
import { findCaptions } from './captions-file.ts';
import { hashFile } from './hash-file.ts';
import { movesAsGif } from './moving-gif.ts';
import type { ParsedFile } from '../post-file.ts';

export interface MediaPlace extends Place {
  mediaFolder: string;
}

export interface FoundMedia {
  media: MediaRef[];
  /** SHA-256 of each file. */
  hashes: string[];
  facts: Fact[];
  notes: Problem[];
}

/** The media of the post at `path`. Throws FileProblem. */
export async function findMedia(
  path: string,
  wanted: ParsedFile['media'],
  place: MediaPlace,
): Promise<FoundMedia> {
  const found: FoundMedia = { media: [], hashes: [], facts: [], notes: [] };
  for (const { where, ...one } of wanted) {
    assertFormat(one.src, where);
    const file = await locateMedia(path, { src: one.src, where }, place);
    const info = await stat(file);
    const moves = await movesOf(file);
    const captions = moves === 'video' ? await findCaptions(file, where) : undefined;
    found.media.push({ ...one, file, ...pickDefined({ moves, captions: captions?.file }) });
    found.facts.push(factOf(file, info), ...(captions?.facts ?? []));
    found.notes.push(...(captions?.notes ?? []));
    found.hashes.push((await hashFile(file)) + (captions?.hash ?? ''));
    const hint = 'describe it in a sentence for people who cannot see it';
    if (one.alt.trim() === '') found.notes.push(noteAt(where, `${one.src} has no alt text`, hint));
  }
  return found;
}

const imageEnding = /^\.(jpe?g|png|webp|gif|avif|hei[cf]|tiff?)$/i;

/** What a post may name; its bytes may be something else. */
export const isMediaName = (src: string) => imageEnding.test(extname(src)) || isVideoFile(src);

function assertFormat(src: string, where: string) {
  if (isMediaName(src)) return;
  const what = `${src} is neither a picture nor a video that can be posted`;
  throw new FileProblem(errorAt(where, what, 'use JPEG, PNG, WebP, AVIF, GIF or MP4'));
}

/** Beside the post first, then in the media folder. */
async function locateMedia(
  path: string,
  { src, where }: { src: string; where: string },
  { postsFolder, mediaFolder, roots }: MediaPlace,
): Promise<string> {
  const candidates = isAbsolute(src)
    ? []
    : [resolve(postsFolder, dirname(path), src), resolve(mediaFolder, src)];
  for (const file of candidates) {
    const isBelow = [postsFolder, mediaFolder].some(
      (folder) => !relative(resolve(folder), file).startsWith('..'),
    );
    if (!isBelow || !(await isFile(file))) continue;
    if (!(await isInside(file, roots))) throw outside(where, `${src} `);
    return file;
  }
  const leaves = isAbsolute(src) || src.split(/[/\\]/).includes('..');
  throw new FileProblem(
    leaves
      ? errorAt(
          where,
          `${src} points outside the posts and media folders`,
          'put the image beside the post or into media/',
        )
      : errorAt(
          where,
          `${src} was not found`,
          'Dripline looks for it beside the post, then in media/',
        ),
  );
}

const isFile = (file: string) =>
  stat(file).then(
    (info) => info.isFile(),
    () => false,
  );

async function movesOf(file: string): Promise<Moves | undefined> {
  if (isVideoFile(file)) return 'video';
  return extname(file).toLowerCase() === '.gif' && (await movesAsGif(file)) ? 'gif' : undefined;
}
