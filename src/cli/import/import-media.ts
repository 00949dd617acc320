import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { isVideoFile } from '../../core/media/video-file.ts';
import { GetError, type GuardedGet } from '../../io/guarded-get.ts';

const maxBytes = 20 * 1024 * 1024;
const timeoutFor = 30_000;
/** Larger ones are copied by hand: what is fetched is in memory. */
const maxVideoBytes = 100 * 1024 * 1024;
const videoTimeoutFor = 5 * 60_000;

export interface MediaOptions {
  mediaFolder: string;
  get: GuardedGet;
  /** Fetch nothing. */
  isDry: boolean;
}

export type FoundMedia = { src: string } | { what: string; hint: string };

/** One cell may hold several, separated by a bar, a semicolon, a new line, or a comma. */
export const splitMedia = (cell: string): string[] =>
  cell
    .split(/[|;\n]|,\s*(?=https?:)|,\s+|\s+(?=https?:)/)
    .map((one) => one.trim())
    .filter(Boolean);

/**
 * Returns the picture or video as a post names it. One on the web is fetched into
 * `media/imported/`, and named after its content.
 */
export async function findMedia(
  source: string,
  { mediaFolder, get, isDry }: MediaOptions,
): Promise<FoundMedia> {
  if (/^https?:/i.test(source))
    return isDry ? { src: source } : fetchInto(join(mediaFolder, 'imported'), source, get);
  const src = source.replaceAll('\\', '/').replace(/^(\.\/)?(media\/)?/, '');
  if (isAbsolute(source) || /^[a-z]:\//i.test(src) || src.split('/').includes('..'))
    return {
      what: `the file ${source} is outside the media folder`,
      hint: 'copy it into media/, and use its name there',
    };
  return existsSync(join(mediaFolder, src))
    ? { src }
    : {
        what: `the file ${source} is not in the media folder`,
        hint: 'copy it into media/, and import again',
      };
}

async function fetchInto(folder: string, url: string, get: GuardedGet): Promise<FoundMedia> {
  const isVideo = isVideoFile(new URL(url).pathname);
  try {
    const { status, body } = await get(url, {
      accept: ['image/', 'video/', 'application/octet-stream', 'binary/octet-stream'],
      maxBytes: isVideo ? maxVideoBytes : maxBytes,
      timeoutFor: isVideo ? videoTimeoutFor : timeoutFor,
    });
    if (status !== 200)
      return {
        what: `cannot fetch the file ${url}: the server answered ${status}`,
        hint: 'check the URL, or copy the file into media/',
      };
    const ending = endingOf(body);
    if (ending === undefined)
      return {
        what: `${url} is neither a supported image nor a video`,
        hint: 'use PNG, JPEG, WebP, AVIF, GIF or MP4',
      };
    const name = `${createHash('sha256').update(body).digest('hex').slice(0, 16)}.${ending}`;
    if (!existsSync(join(folder, name))) await store(folder, name, body);
    return { src: `imported/${name}` };
  } catch (error) {
    if (!(error instanceof GetError)) throw error;
    return {
      what: `cannot fetch the file ${url}: ${error.message}`,
      hint: 'copy the file into media/, and use its name there',
    };
  }
}

async function store(folder: string, name: string, body: Buffer): Promise<void> {
  await mkdir(folder, { recursive: true });
  const aside = join(folder, `.${randomUUID()}.part`);
  await writeFile(aside, body);
  await rename(aside, join(folder, name));
}

/** From the bytes, not from the name. */
function endingOf(body: Buffer): string | undefined {
  const head = body.subarray(0, 16).toString('latin1');
  if (head.startsWith('\xff\xd8\xff')) return 'jpg';
  if (head.startsWith('\x89PNG\r\n')) return 'png';
  if (head.startsWith('GIF8')) return 'gif';
  if (/^RIFF[\s\S]{4}WEBP/.test(head)) return 'webp';
  if (head.startsWith('\x1aE\xdf\xa3')) return 'webm';
  if (head.slice(4, 8) !== 'ftyp') return undefined;
  const brand = head.slice(8, 12);
  if (/^(?:heic|heix|mif1|msf1)/.test(brand)) return undefined;
  return { avif: 'avif', 'qt  ': 'mov' }[brand] ?? 'mp4';
}
