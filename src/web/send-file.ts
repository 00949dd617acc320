import { type FileHandle, open } from 'node:fs/promises';
import type { Context } from 'hono';
import type { Env } from './access/visit.ts';

const mostBytes = 2 ** 30;
const atOnce = 64 * 1024;

/** By the first bytes: only images and videos are served, whatever the name of the file. */
const kinds: [type: string, at: number, bytes: string][] = [
  ['image/png', 0, '\x89PNG\r\n'],
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/gif', 0, 'GIF8'],
  ['image/webp', 8, 'WEBP'],
  ['image/avif', 4, 'ftypavif'],
  ['image/heic', 4, 'ftypheic'],
  ['image/heic', 4, 'ftypmif1'],
  ['video/quicktime', 4, 'ftypqt'],
  ['video/mp4', 4, 'ftyp'],
  ['video/webm', 0, '\x1aE\xdf\xa3'],
];

/** From the disk to the browser in pieces, or the range that a player asks for. */
export async function sendFile(c: Context<Env>, file: string | undefined): Promise<Response> {
  const none = () => c.text('There is no such image or video.', 404);
  const handle = file === undefined ? undefined : await open(file, 'r').catch(toNothing);
  if (!handle) return none();
  let isHandedOn = false;
  try {
    const info = await handle.stat();
    const type = info.isFile() && info.size <= mostBytes ? await readType(handle) : undefined;
    if (type === undefined) return none();
    const range = toRange(c.req.header('range'), info.size);
    const headers = {
      'Content-Type': type,
      'Accept-Ranges': 'bytes',
      'Cache-Control': 'private, max-age=60',
      'Content-Security-Policy': "default-src 'none'; sandbox",
    };
    if (range === 'beyond')
      return c.body(null, 416, { ...headers, 'Content-Range': `bytes */${info.size}` });
    const { from, to } = range ?? { from: 0, to: info.size - 1 };
    const about = {
      ...headers,
      'Content-Length': `${to - from + 1}`,
      ...(range ? { 'Content-Range': `bytes ${from}-${to}/${info.size}` } : {}),
    };
    const status = range ? 206 : 200;
    if (c.req.method === 'HEAD') return c.body(null, status, about);
    isHandedOn = true;
    return c.body(streamOf(handle, { from, to }), status, about);
  } finally {
    if (!isHandedOn) await handle.close();
  }
}

function toNothing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code === undefined) throw error;
}

async function readType(handle: FileHandle): Promise<string | undefined> {
  const head = Buffer.alloc(16);
  const { bytesRead } = await handle.read(head, 0, head.length, 0);
  const text = head.toString('latin1', 0, bytesRead);
  return kinds.find(([, at, bytes]) => text.startsWith(bytes, at))?.[0];
}

interface Range {
  from: number;
  /** Included. */
  to: number;
}

/** One range; several at once, and what is none, get the whole file. */
function toRange(header: string | undefined, size: number): Range | 'beyond' | undefined {
  const [, first = '', last = ''] =
    /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '')
    return Number(last) === 0 ? 'beyond' : { from: Math.max(0, size - Number(last)), to: size - 1 };
  const from = Number(first);
  if (last !== '' && Number(last) < from) return undefined;
  if (from >= size) return 'beyond';
  return { from, to: last === '' ? size - 1 : Math.min(Number(last), size - 1) };
}

/** Closes the file at its end, or when the browser has seen enough. */
function streamOf(handle: FileHandle, { from, to }: Range): ReadableStream<Uint8Array> {
  let at = from;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const piece = new Uint8Array(Math.min(atOnce, to + 1 - at));
          const { bytesRead } = await handle.read(piece, 0, piece.length, at);
          if (bytesRead === 0) throw new Error('the file became shorter while it was read');
          at += bytesRead;
          controller.enqueue(piece.subarray(0, bytesRead));
          if (at <= to) return;
          await handle.close();
          controller.close();
        } catch (error) {
          await handle.close();
          controller.error(error);
        }
      },
      cancel: () => handle.close(),
    },
    { highWaterMark: 0 },
  );
}
