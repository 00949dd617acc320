import type { Moves } from '../../core/post/post.ts';

const headOf = (bytes: Buffer, from: number, to: number) =>
  bytes.subarray(from, to).toString('latin1');

/** What clients say about a file's type is often wrong: the first bytes decide. */
export function sniff(bytes: Buffer): string | undefined {
  const head = headOf(bytes, 0, 12);
  if (head.startsWith('\x89PNG')) return 'image/png';
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (head.startsWith('GIF8')) return 'image/gif';
  if (head.startsWith('RIFF') && head.endsWith('WEBP')) return 'image/webp';
  if (head.slice(4, 8) === 'ftyp') return head.endsWith('qt  ') ? 'video/quicktime' : 'video/mp4';
  return head.startsWith('\x1a\x45\xdf\xa3') ? 'video/webm' : undefined;
}

export const isVideo = (mime: string): boolean => mime.startsWith('video/');

/** What moves in the file; undefined: it is a still picture. */
export function movesIn(bytes: Buffer, mime: string): Moves | undefined {
  if (isVideo(mime)) return 'video';
  return mime === 'image/gif' && readGif(bytes).frames > 1 ? 'gif' : undefined;
}

/** Why a network cannot process the file; undefined: seen from outside, it is whole. */
export function faultIn(bytes: Buffer, { isH264Only = false } = {}): string | undefined {
  const mime = sniff(bytes) ?? '';
  if (mime === 'image/gif') return readGif(bytes).isWhole ? undefined : 'the file is incomplete';
  if (mime === 'video/webm') return isH264Only ? 'unsupported video format' : undefined;
  if (!isVideo(mime)) return 'unsupported video format';
  const boxes = readBoxes(bytes);
  if (!boxes || !boxes.has('mdat')) return 'the file is incomplete';
  const movie = boxes.get('moov');
  if (!movie) return 'the file has no header';
  return isH264Only && !movie.includes('avc1') ? 'unsupported video codec' : undefined;
}

/** The outermost boxes of an MP4; undefined where they do not fill the file. */
function readBoxes(bytes: Buffer): Map<string, Buffer> | undefined {
  const boxes = new Map<string, Buffer>();
  let at = 0;
  while (at + 8 <= bytes.length) {
    let size = bytes.readUInt32BE(at);
    if (size === 1 && at + 16 <= bytes.length) size = Number(bytes.readBigUInt64BE(at + 8));
    if (size === 0) size = bytes.length - at;
    if (size < 8 || at + size > bytes.length) return undefined;
    boxes.set(headOf(bytes, at + 4, at + 8), bytes.subarray(at, at + size));
    at += size;
  }
  return at === bytes.length ? boxes : undefined;
}

const tableSize = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);

function readGif(bytes: Buffer): { frames: number; isWhole: boolean } {
  let frames = 0;
  let at = 13 + tableSize(bytes[10] ?? 0);
  while (at < bytes.length) {
    const block = bytes[at];
    if (block === 0x3b) return { frames, isWhole: frames > 0 };
    if (block === 0x2c) {
      frames++;
      at += 11 + tableSize(bytes[at + 9] ?? 0);
    } else if (block === 0x21) at += 2;
    else break;
    for (let length = bytes[at]; length; length = bytes[at]) at += 1 + length;
    at += 1;
  }
  return { frames, isWhole: false };
}
