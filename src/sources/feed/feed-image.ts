import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GetOptions, guardedGet } from '../../io/guarded-get.ts';

const maxBytes = 10 * 1024 * 1024;

export interface StoredImage {
  file: string;
  sha256: string;
}

/**
 * Fetches an item's picture into the folder, named after its content. Undefined: it cannot be
 * posted, and the post is published without it.
 */
export async function fetchImage(
  url: string,
  folder: string,
  options: Pick<GetOptions, 'signal' | 'allowLoopback' | 'allowPrivate' | 'timeoutFor'>,
): Promise<StoredImage | undefined> {
  try {
    const { status, body } = await guardedGet(url, { ...options, maxBytes });
    const ending = status === 200 ? endingOf(body) : undefined;
    if (ending === undefined) return undefined;
    const sha256 = createHash('sha256').update(body).digest('hex');
    const file = join(folder, `${sha256}.${ending}`);
    const before = await stat(file).catch(() => undefined);
    if (before?.size !== body.length) await store(file, folder, body);
    // What is fetched again is wanted again: it must not go as old.
    else await utimes(file, new Date(), new Date());
    return { file, sha256 };
  } catch {
    return undefined;
  }
}

async function store(file: string, folder: string, body: Buffer) {
  await mkdir(folder, { recursive: true });
  const half = `${file}.${randomUUID()}`;
  await writeFile(half, body);
  await rename(half, file);
}

/** By the bytes, not by the name. Animated images are left out: no network gets them. */
function endingOf(body: Buffer): string | undefined {
  const head = body.subarray(0, 4096).toString('latin1');
  if (head.startsWith('\xff\xd8\xff')) return 'jpg';
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return head.includes('acTL') ? undefined : 'png';
  if (/^RIFF[\s\S]{4}WEBP/.test(head))
    return /^[\s\S]{12}VP8X/.test(head) && (body[20] ?? 0) & 2 ? undefined : 'webp';
  return head.slice(4, 12) === 'ftypavif' ? 'avif' : undefined;
}
