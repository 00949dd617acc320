import { createHash, randomUUID } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ffmpegOptions } from '../core/media/ffmpeg.ts';
import { findMisfits } from '../core/media/fit.ts';
import { judgeMoving, type Verdict } from '../core/media/judge-moving.ts';
import type { MovingFacts } from '../core/media/media-facts.ts';
import type { MediaLimits } from '../core/network/limits.ts';
import { pickDefined } from '../core/pick-defined.ts';
import type { Rendition } from '../core/post/message.ts';
import { Refusal } from '../core/problem.ts';
import type { Medium } from '../ports/images.ts';
import { isFfmpegHere, runFfmpeg } from './ffmpeg-program.ts';
import { probeGif, probeVideo } from './probe.ts';
import { readImage, toRefusal } from './read-image.ts';
import { findKept, keepNote } from './rendition-files.ts';

interface Making {
  folder: string;
  signal?: AbortSignal;
}

/**
 * A copy of the file where it fits, since the author may replace it while it is sent; else, where
 * the author allows it or a GIF has to become a video, what ffmpeg makes of it.
 */
export async function renderMoving(
  medium: Medium,
  limits: MediaLimits,
  { folder, signal }: Making,
): Promise<Rendition> {
  const { file } = medium;
  const name = basename(file);
  const [{ facts, verdict }, sha256] = await Promise.all([judge(medium, limits), hashOf(file)]);
  if (verdict.is === 'unfit') throw new Refusal(verdict.why);
  const isCoded = verdict.is === 'coded';
  const key = isCoded ? keyOf([sha256, ...ffmpegOptions(facts, limits)]) : sha256;
  const kept = await findKept(folder, key);
  if (kept) return kept;
  await mkdir(folder, { recursive: true });
  const aside = join(folder, `${randomUUID()}.part`);
  try {
    if (!isCoded) await copyWhole(file, aside, sha256);
    else {
      const options = ffmpegOptions(facts, limits);
      await runFfmpeg(pickDefined({ file, to: aside, options, signal }));
    }
    const made = isCoded ? await probeCoded(aside, name, limits) : facts;
    return await keep(aside, made, { key, folder, moves: facts.moves });
  } finally {
    await rm(aside, { force: true });
  }
}

async function copyWhole(file: string, aside: string, sha256: string): Promise<void> {
  await copyFile(file, aside, constants.COPYFILE_FICLONE);
  if ((await hashOf(aside)) !== sha256)
    throw new Refusal(`${basename(file)} was changed while it was read: try again`);
}

async function probeCoded(aside: string, name: string, limits: MediaLimits): Promise<MovingFacts> {
  const facts = await probeVideo(aside);
  const [misfit] = findMisfits(facts, limits);
  if (misfit) throw new Refusal(`${name} ${misfit.what}, even after ffmpeg: use another one`);
  return facts;
}

export async function probe({ file, moves }: Pick<Medium, 'file' | 'moves'>): Promise<MovingFacts> {
  if (moves === 'video') return probeVideo(file);
  const gif = await probeGif(await readImage(file));
  if (gif) return gif;
  throw new Refusal(`${basename(file)} no longer moves: save the post again`);
}

/** What becomes of it on a network with these limits. Throws Refusal. */
export async function judge(
  medium: Medium,
  limits: MediaLimits,
): Promise<{ facts: MovingFacts; verdict: Verdict }> {
  const { file, transcode = false, captions: words } = medium;
  const facts = await probe(medium);
  const captions = words === undefined ? 0 : (await statFile(words)).size;
  const hasFfmpeg = await isFfmpegHere();
  const judged = { name: basename(file), facts, limits, transcode, hasFfmpeg, captions };
  return { facts, verdict: judgeMoving(judged) };
}

interface Kept {
  key: string;
  folder: string;
  moves: NonNullable<Medium['moves']>;
}

async function keep(
  aside: string,
  { mime, bytes, width, height, runsFor }: MovingFacts,
  { key, folder, moves }: Kept,
): Promise<Rendition> {
  const path = join(folder, `${key}.${endings[mime] ?? 'bin'}`);
  const sha256 = await hashOf(aside);
  await rename(aside, path);
  const rendition: Rendition = { moves, path, sha256, mime, width, height, bytes, runsFor };
  await keepNote(folder, key, rendition);
  return rendition;
}

const endings: Record<string, string> = {
  'video/mp4': 'mp4',
  'video/quicktime': 'mov',
  'video/webm': 'webm',
  'image/gif': 'gif',
};

const keyOf = (words: string[]) => createHash('sha256').update(words.join('\0')).digest('hex');

/** Read once for each state of the file: a video may have hundreds of megabytes. */
const hashes = new Map<string, string>();

async function hashOf(file: string): Promise<string> {
  const { size, mtimeMs, ctimeMs, ino } = await statFile(file);
  try {
    const state = [file, size, mtimeMs, ctimeMs, ino].join('\0');
    const known = hashes.get(state);
    if (known !== undefined) return known;
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
    const digest = hash.digest('hex');
    if (hashes.size >= mostKnown) hashes.clear();
    hashes.set(state, digest);
    return digest;
  } catch (error) {
    throw toRefusal(error, basename(file));
  }
}

const mostKnown = 200;

const statFile = (file: string) =>
  stat(file).catch((error: unknown) => {
    throw toRefusal(error, basename(file));
  });
