import { open, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { errorAt, noteAt, type Problem } from '../../../core/problem.ts';
import { type Fact, factOf, FileProblem } from '../file-facts.ts';
import { hashFile } from './hash-file.ts';

interface Captions {
  file?: string;
  facts: Fact[];
  hash: string;
  notes: Problem[];
}

/** `clip.vtt` beside `clip.mp4`; it is part of what the post says. Throws FileProblem. */
export async function findCaptions(video: string, where: string): Promise<Captions> {
  const base = video.slice(0, -extname(video).length);
  const file = `${base}.vtt`;
  const info = await stat(file).catch(() => undefined);
  if (!info?.isFile()) return { facts: [], hash: '', notes: await findOthers(base, where) };
  if (!(await isWebVtt(file))) {
    const what = `${basename(file)} is no WebVTT file, and would be no captions`;
    const hint = 'its first line has to be WEBVTT: correct it, export it again, or take it away';
    throw new FileProblem(errorAt(where, what, hint));
  }
  return { file, facts: [factOf(file, info)], hash: await hashFile(file), notes: [] };
}

async function isWebVtt(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(16), 0, 16, 0);
    const head = buffer.toString('utf8', 0, bytesRead).replace(/^\uFEFF/, '');
    return /^WEBVTT(?:\s|$)/.test(head);
  } finally {
    await handle.close();
  }
}

/** Captions of another kind, which nobody would read. */
async function findOthers(base: string, where: string): Promise<Problem[]> {
  const name = basename(base);
  const hint = `captions are WebVTT: save them as ${name}.vtt`;
  for (const ending of ['srt', 'ass', 'ssa', 'sbv', 'ttml']) {
    const info = await stat(`${base}.${ending}`).catch(() => undefined);
    if (info?.isFile())
      return [noteAt(where, `${name}.${ending} is not published with the video`, hint)];
  }
  return [];
}
