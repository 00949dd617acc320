import type { MediaLimits } from '../network/limits.ts';
import { toFfmpegLine } from './ffmpeg.ts';
import { findMisfits } from './fit.ts';
import type { MovingFacts } from './media-facts.ts';

export interface Judged {
  /** Of the file. */
  name: string;
  facts: MovingFacts;
  limits: MediaLimits;
  /** Its author lets it be coded anew. */
  transcode: boolean;
  /** There is an ffmpeg to do so. */
  hasFfmpeg: boolean;
  /** Bytes of its captions, if it has any. */
  captions?: number;
}

export type Verdict =
  | { is: 'fit' }
  /** It has to be coded anew, and may be: a GIF that a network shows as a video always may. */
  | { is: 'coded' }
  /** A sentence that begins with the name of the file, with what to do. */
  | { is: 'unfit'; why: string };

/** What becomes of a video or an animation on a network with these limits. */
export function judgeMoving(judged: Judged): Verdict {
  const { name, facts, limits, transcode, hasFfmpeg, captions = 0 } = judged;
  const { maxCaptions = Infinity } = limits.video ?? {};
  if (captions > maxCaptions)
    return { is: 'unfit', why: tooManyWords(name, captions, maxCaptions) };
  const misfits = findMisfits(facts, limits);
  if (misfits.length === 0) return { is: 'fit' };
  const why = `${name} ${misfits.map(({ what }) => what).join(', and ')}`;
  if (misfits.some(({ isLasting }) => isLasting))
    return { is: 'unfit', why: `${why}: use another file` };
  const mayCode = transcode || facts.moves === 'gif';
  if (mayCode && hasFfmpeg) return { is: 'coded' };
  const line = `make it fit with \`${toFfmpegLine(name, facts, limits)}\``;
  const todo = mayCode
    ? `install ffmpeg where Dripline runs, or ${line}`
    : `${line}, or write \`transcode: true\` beside it`;
  return { is: 'unfit', why: `${why}: ${todo}` };
}

function tooManyWords(name: string, bytes: number, most: number): string {
  const what = `${name} has captions of ${Math.ceil(bytes / 1000)} kB`;
  return `${what}; the most is ${most / 1000} kB: shorten them`;
}
