import { open } from 'node:fs/promises';

/** A GIF is walked through by its blocks; one with more is no picture for people. */
const mostBlocks = 1_000_000;

/** Whether a GIF has a second picture. What is not readable as one stands still. */
export async function movesAsGif(file: string): Promise<boolean> {
  await using handle = await open(file);
  const bytes = await handle.readFile();
  if (!/^GIF8[79]a/.test(bytes.toString('latin1', 0, 6)) || bytes.length < 13) return false;
  const flags = bytes[10] ?? 0;
  let at = 13 + tableOf(flags);
  let pictures = 0;
  for (let blocks = 0; at < bytes.length && blocks < mostBlocks; blocks += 1) {
    const kind = bytes[at];
    if (kind === 0x21) at = behindBlocks(bytes, at + 2);
    else if (kind === 0x2c) {
      pictures += 1;
      if (pictures === 2) return true;
      at = behindBlocks(bytes, at + 11 + tableOf(bytes[at + 9] ?? 0));
    } else return false;
  }
  return false;
}

/** The bytes of the colours that the flags announce. */
const tableOf = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);

/** Each begins with its length; the last one has none. */
function behindBlocks(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== 0) at += 1 + (bytes[at] ?? 0);
  return at + 1;
}
