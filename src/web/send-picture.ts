import { open, stat } from 'node:fs/promises';
import type { Context } from 'hono';
import type { Store } from '../ports/store.ts';
import type { Env } from './access/visit.ts';

const mostBytes = 50 * 1024 * 1024;

/** By the first bytes: only images are served, whatever the name of the file. */
const kinds: [type: string, at: number, bytes: string][] = [
  ['image/png', 0, '\x89PNG\r\n'],
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/gif', 0, 'GIF8'],
  ['image/webp', 8, 'WEBP'],
  ['image/avif', 4, 'ftypavif'],
  ['image/heic', 4, 'ftypheic'],
  ['image/heic', 4, 'ftypmif1'],
];

/**
 * GET /media/:post/:index: an image that a stored post names. The request contains its index, and
 * never a path.
 */
export async function sendPicture(c: Context<Env>, store: Store): Promise<Response> {
  const index = c.req.param('index') ?? '';
  const stored = await store.findPost(c.req.param('post') ?? '');
  const picture = /^\d{1,3}$/.test(index) ? stored?.post.media[Number(index)] : undefined;
  const found = picture && (await readPicture(picture.file));
  if (!found) return c.text('There is no such image.', 404);
  return c.body(found.bytes, 200, {
    'Content-Type': found.type,
    'Cache-Control': 'private, max-age=60',
    'Content-Security-Policy': "default-src 'none'; sandbox",
  });
}

async function readPicture(
  file: string,
): Promise<{ type: string; bytes: Uint8Array<ArrayBuffer> } | undefined> {
  try {
    const { size } = await stat(file);
    if (size > mostBytes) return undefined;
    await using handle = await open(file, 'r');
    const bytes = new Uint8Array(await handle.readFile());
    const head = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
    const type = kinds.find(([, at, text]) => head.startsWith(text, at))?.[0];
    return type === undefined ? undefined : { type, bytes };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}
