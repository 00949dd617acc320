import { isUtf8 } from 'node:buffer';

/** Where bytes stop being text, counted from 1. */
export interface NotText {
  line: number;
  column: number;
}

/**
 * UTF-8, or UTF-16 with its byte order mark. Anything else says where it stops being text, so that
 * no replacement character of ours is ever published.
 */
export function decodeText(bytes: Buffer): string | NotText {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return decodeUtf16(bytes, 'utf-16le');
  if (first === 0xfe && second === 0xff) return decodeUtf16(bytes, 'utf-16be');
  if (!isUtf8(bytes)) return placeOf(bytes, firstWrongByte(bytes));
  const text = bytes.toString('utf8');
  const zero = text.indexOf('\0');
  return zero < 0 ? text : placeOf(bytes, bytes.indexOf(0));
}

function decodeUtf16(bytes: Buffer, encoding: 'utf-16le' | 'utf-16be'): string | NotText {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return { line: 1, column: 1 };
  }
}

/** What decoding changed comes back as other bytes: the first of them is the wrong one. */
function firstWrongByte(bytes: Buffer): number {
  const again = Buffer.from(bytes.toString('utf8'), 'utf8');
  let at = 0;
  while (at < bytes.length && bytes[at] === again[at]) at++;
  return at;
}

function placeOf(bytes: Buffer, at: number): NotText {
  const lines = bytes.toString('utf8', 0, at).split(/\r\n|\n|\r/);
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
