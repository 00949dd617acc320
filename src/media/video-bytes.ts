import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { Refusal } from '../core/problem.ts';

/**
 * The size of the file. A player's index may stand before what it lists: of a file that was copied
 * by half the index alone would say nothing.
 */
export async function assertAllThere(file: string, mime: string): Promise<number> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const isWhole = wholeness[mime];
    if (!isWhole || (await isWhole(handle, size))) return size;
    throw new Refusal(
      `${basename(file)} is damaged or was copied only in part: copy or export it again`,
    );
  } finally {
    await handle.close();
  }
}

type IsWhole = (handle: FileHandle, size: number) => Promise<boolean>;
const wholeness: Record<string, IsWhole | undefined> = {
  'video/mp4': endsWithBox,
  'video/quicktime': endsWithBox,
  'video/webm': holdsSegment,
  'video/x-matroska': holdsSegment,
};

async function endsWithBox(handle: FileHandle, size: number): Promise<boolean> {
  const head = Buffer.alloc(16);
  let at = 0;
  for (let boxes = 0; at + 8 <= size && boxes < 100_000; boxes += 1) {
    await handle.read(head, 0, 16, at);
    const long = head.readUInt32BE(0);
    const length = long === 1 ? Number(head.readBigUInt64BE(8)) : long;
    if (length === 0) return true;
    if (length < 8) break;
    at += length;
  }
  return at === size;
}

const segment = 0x18538067;

/** What is behind the header says how long it is, except in a recording of something live. */
async function holdsSegment(handle: FileHandle, size: number): Promise<boolean> {
  const head = Buffer.alloc(12);
  await handle.read(head, 0, 12, 0);
  const header = sizeAt(head, 4);
  const at = 4 + header.digits + header.value;
  if (at + 12 > size) return false;
  await handle.read(head, 0, 12, at);
  if (head.readUInt32BE(0) !== segment) return true;
  const { digits, value, isUnknown } = sizeAt(head, 4);
  return isUnknown || at + 4 + digits + value <= size;
}

/** The zeros before the first one of its bits say how many bytes a number has. */
function sizeAt(bytes: Buffer, at: number) {
  const first = bytes[at] ?? 0;
  const digits = Math.clz32(first) - 23;
  let value = first & (0xff >> digits);
  let isUnknown = value === 0xff >> digits;
  for (const byte of bytes.subarray(at + 1, at + digits)) {
    value = value * 256 + byte;
    isUnknown &&= byte === 0xff;
  }
  return { digits, value, isUnknown };
}

export async function headOf(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const head = Buffer.alloc(16);
    const { bytesRead } = await handle.read(head, 0, 16, 0);
    return head.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** The ending that a picture ought to have. */
export function pictureIn(head: Buffer): string | undefined {
  const text = head.toString('latin1');
  if (text.startsWith('GIF8')) return 'gif';
  if (text.startsWith('\x89PNG')) return 'png';
  if (text.startsWith('\xff\xd8\xff')) return 'jpg';
  return /^RIFF.{4}WEBP/s.test(text) ? 'webp' : undefined;
}
