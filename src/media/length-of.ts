import { stat } from 'node:fs/promises';
import type { MediaRef } from '../core/post/post.ts';
import { Refusal } from '../core/problem.ts';
import { probe } from './render-moving.ts';

/** Read once for each state of a file. */
const lengths = new Map<string, number | undefined>();
const mostKnown = 500;

/** How long it runs, in milliseconds; undefined: it stands still, or cannot be read. */
export async function lengthOf({
  file,
  moves,
}: Pick<MediaRef, 'file' | 'moves'>): Promise<number | undefined> {
  const info = moves && (await stat(file).catch(() => undefined));
  if (!info) return undefined;
  const state = [file, info.size, info.mtimeMs, info.ino].join('\0');
  if (lengths.has(state)) return lengths.get(state);
  const length = await probe({ file, moves }).then(({ runsFor }) => runsFor, toUnknown);
  if (lengths.size >= mostKnown) lengths.clear();
  lengths.set(state, length);
  return length;
}

function toUnknown(error: unknown): undefined {
  if (!(error instanceof Refusal)) throw error;
}
