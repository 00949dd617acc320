import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { GetError, type GuardedGet } from '../../io/guarded-get.ts';

const maxBytes = 20 * 1024 * 1024;
const timeoutFor = 30_000;

export interface MediaOptions {
  mediaFolder: string;
  get: GuardedGet;
  /** Nothing is fetched. */
  isDry: boolean;
}

export type FoundMedia = { src: string } | { what: string; hint: string };

/** Several in one cell: parted by a bar, a semicolon, a new line, or a comma. */
export const splitMedia = (cell: string): string[] =>
  cell
    .split(/[|;\n]|,\s*(?=https?:)|,\s+|\s+(?=https?:)/)
    .map((one) => one.trim())
    .filter(Boolean);

/**
 * As a post names it. What lies on the web is fetched into `media/imported/`, named after its
 * content.
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
      what: `the picture ${source} lies outside of the media folder`,
      hint: 'copy it into media/, and give its name there',
    };
  return existsSync(join(mediaFolder, src))
    ? { src }
    : {
        what: `the picture ${source} is not in the media folder`,
        hint: 'copy it into media/ and import again',
      };
}

async function fetchInto(folder: string, url: string, get: GuardedGet): Promise<FoundMedia> {
  try {
    const { status, body } = await get(url, {
      accept: ['image/', 'application/octet-stream', 'binary/octet-stream'],
      maxBytes,
      timeoutFor,
    });
    if (status !== 200)
      return {
        what: `the picture ${url} could not be fetched: the server answered ${status}`,
        hint: 'look at the address, or copy the file into media/',
      };
    const ending = endingOf(body);
    if (ending === undefined)
      return {
        what: `${url} is no picture that can be posted`,
        hint: 'PNG, JPEG, WebP, AVIF and still GIF can',
      };
    const name = `${createHash('sha256').update(body).digest('hex').slice(0, 16)}.${ending}`;
    if (!existsSync(join(folder, name))) await store(folder, name, body);
    return { src: `imported/${name}` };
  } catch (error) {
    if (!(error instanceof GetError)) throw error;
    return {
      what: `the picture ${url} could not be fetched: ${error.message}`,
      hint: 'copy the file into media/, and give its name there',
    };
  }
}

async function store(folder: string, name: string, body: Buffer): Promise<void> {
  await mkdir(folder, { recursive: true });
  const aside = join(folder, `.${randomUUID()}.part`);
  await writeFile(aside, body);
  await rename(aside, join(folder, name));
}

/** By the bytes, not by the name. */
function endingOf(body: Buffer): string | undefined {
  const head = body.subarray(0, 16).toString('latin1');
  if (head.startsWith('\xff\xd8\xff')) return 'jpg';
  if (head.startsWith('\x89PNG\r\n')) return 'png';
  if (head.startsWith('GIF8')) return 'gif';
  if (/^RIFF[\s\S]{4}WEBP/.test(head)) return 'webp';
  return head.slice(4, 12) === 'ftypavif' ? 'avif' : undefined;
}
