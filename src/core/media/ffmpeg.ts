import type { MediaLimits, VideoLimits } from '../network/limits.ts';
import type { MovingFacts } from './media-facts.ts';

const mostBits = 8_000_000;
const soundBits = 128_000;

/**
 * What ffmpeg is told, between the file that it reads and the one that it writes, so that H.264 in
 * MP4 comes out that fits. It never cuts: a video that is too long stays so.
 */
export function ffmpegOptions(facts: MovingFacts, { video }: MediaLimits): string[] {
  const limits = video ?? { mimeTypes: ['video/mp4'], maxBytes: Infinity };
  const [width, height] = fitInto(facts, limits);
  const isSilent = facts.moves === 'gif' || !facts.audio;
  const rate = limits.maxRate === undefined ? '' : `,fps='min(${limits.maxRate},source_fps)'`;
  const bits = bitsFor(facts, limits);
  const options: string[][] = [
    ['-map', '0:v:0'],
    isSilent ? ['-an'] : ['-map', '0:a:0?'],
    ['-vf', `scale=${width}:${height},setsar=1${rate}`],
    ['-c:v', 'libx264', '-profile:v', 'high', '-pix_fmt', 'yuv420p', '-crf', '20'],
    ['-maxrate', `${bits}`, '-bufsize', `${2 * bits}`, '-g', '120', '-flags', '+cgop'],
    isSilent ? [] : ['-c:a', 'aac', '-b:a', `${soundBits}`, '-ac', '2', '-ar', '48000'],
    ['-map_metadata', '-1', '-movflags', '+faststart'],
  ];
  return options.flat();
}

/** To be typed into a terminal. */
export function toFfmpegLine(src: string, facts: MovingFacts, limits: MediaLimits): string {
  return toLine(src, ffmpegOptions(facts, limits));
}

/** For a video of which nothing is known. */
export const toPlainFfmpegLine = (src: string): string => toLine(src, []);

function toLine(src: string, options: string[]): string {
  const base = src.replace(/^.*[/\\]/, '');
  // A name that begins with a hyphen would be an option.
  const name = base.startsWith('-') ? `./${base}` : base;
  const made = `${name.replace(/\.[^.]*$/, '')}-fit.mp4`;
  return ['ffmpeg', '-i', name, ...options, made].map(quoted).join(' ');
}

const quoted = (word: string) =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** Even, since 4:2:0 halves them. */
function fitInto(
  { width, height }: MovingFacts,
  { maxLongSide = Infinity, maxShortSide = Infinity, maxPixels = Infinity, minSide = 2 }: Sides,
): [number, number] {
  const [long, short] = [Math.max(width, height), Math.min(width, height)];
  const down = Math.min(
    1,
    maxLongSide / long,
    maxShortSide / short,
    Math.sqrt(maxPixels / (width * height)),
  );
  const scale = Math.max(down, minSide / short);
  const toEven = (side: number) => Math.max(2, 2 * Math.floor((side * scale) / 2 + 1e-9));
  return [toEven(width), toEven(height)];
}

type Sides = Pick<VideoLimits, 'maxLongSide' | 'maxShortSide' | 'maxPixels' | 'minSide'>;

/** Nine tenths of what the most bytes allow, sound included. */
function bitsFor({ runsFor }: MovingFacts, { maxBytes }: VideoLimits): number {
  const allowed = (maxBytes * 8 * 0.9) / Math.max(1, runsFor / 1000) - soundBits;
  return Math.max(100_000, Math.min(mostBits, Math.floor(allowed)));
}
