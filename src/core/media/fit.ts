import type { GifLimits, MediaLimits, VideoLimits } from '../network/limits.ts';
import type { GifFacts, MovingFacts, VideoFacts } from './media-facts.ts';

/** One reason why a file does not fit, as the end of a sentence that begins with its name. */
export interface Misfit {
  what: string;
  /** Making it smaller or coding it anew does not help: it would have to be cut. */
  isLasting?: true;
}

/**
 * Why a network does not take the file as it is. Empty: it does. A GIF where the network shows none
 * that moves is a misfit too, since it goes as a silent video there.
 */
export function findMisfits(facts: MovingFacts, { video, gif }: MediaLimits): Misfit[] {
  if (facts.moves === 'gif')
    return gif ? gifMisfits(facts, gif) : [{ what: 'is an animated GIF, which would stand still' }];
  return video ? videoMisfits(facts, video) : [{ what: 'is a video', isLasting: true }];
}

const isSaid = <T>(one: T | false | undefined): one is T => one !== false && one !== undefined;

function videoMisfits(facts: VideoFacts, limits: VideoLimits): Misfit[] {
  const { mime, bytes, rate } = facts;
  const { maxBytes, maxRate = Infinity, mimeTypes } = limits;
  const kinds = mimeTypes.map(nameOfMime).join(', ');
  return [
    !mimeTypes.includes(mime) && { what: `is ${nameOfMime(mime)}, and it has to be ${kinds}` },
    ...lengthMisfits(facts, limits),
    bytes > maxBytes && { what: `has ${toMegabytes(bytes)}; the most is ${toMegabytes(maxBytes)}` },
    ...sizeMisfits(facts, limits),
    rate > maxRate + 0.5 && {
      what: `has ${Math.round(rate)} frames a second; the most is ${maxRate}`,
    },
    ...(limits.isH264Only ? codecMisfits(facts) : []),
  ].filter(isSaid);
}

function lengthMisfits(
  { runsFor }: VideoFacts,
  { minFor = 0, maxFor = Infinity }: VideoLimits,
): Misfit[] {
  const what = `lasts ${toDuration(runsFor)}`;
  if (runsFor < minFor)
    return [{ what: `${what}; the least is ${toDuration(minFor)}`, isLasting: true }];
  // Containers round up to whole frames.
  if (runsFor > maxFor + 100)
    return [{ what: `${what}; the most is ${toDuration(maxFor)}`, isLasting: true }];
  return [];
}

interface Size {
  width: number;
  height: number;
}

type SizeLimits = Pick<
  VideoLimits,
  'maxPixels' | 'maxLongSide' | 'maxShortSide' | 'minSide' | 'maxRatio'
>;

function sizeMisfits({ width, height }: Size, limits: SizeLimits): Misfit[] {
  const { maxPixels = Infinity, maxLongSide = Infinity, maxShortSide = Infinity } = limits;
  const [long, short] = [Math.max(width, height), Math.min(width, height)];
  const what = `is ${width} × ${height}`;
  const most = Number.isFinite(maxLongSide)
    ? `${maxLongSide} × ${maxShortSide}`
    : `${Math.round(maxPixels / 1000)} thousand pixels`;
  const isLarge = long > maxLongSide || short > maxShortSide || width * height > maxPixels;
  return [
    isLarge && { what: `${what}; the most is ${most}` },
    short < (limits.minSide ?? 0) && { what: `${what}; the least is ${limits.minSide} pixels` },
    long / short > (limits.maxRatio ?? Infinity) && {
      what: `${what}, and its longer side may be ${limits.maxRatio} times the shorter at most`,
      isLasting: true as const,
    },
  ].filter(isSaid);
}

function codecMisfits({ codec, isPlainColour, hasSquarePixels, audio }: VideoFacts): Misfit[] {
  return [
    codec !== 'avc' && { what: `is coded as ${nameOfCodec(codec)}, and it has to be H.264` },
    codec === 'avc' && !isPlainColour && { what: 'has colours that are not 8 bits in 4:2:0' },
    !hasSquarePixels && { what: 'has pixels that are not square' },
    audio !== undefined &&
      audio.codec !== 'aac' && {
        what: `has sound as ${nameOfCodec(audio.codec)}, and it has to be AAC`,
      },
    audio !== undefined &&
      audio.channels > 2 && { what: `has ${audio.channels} channels of sound; the most is 2` },
  ].filter(isSaid);
}

function gifMisfits(facts: GifFacts, limits: GifLimits): Misfit[] {
  const { bytes, frames } = facts;
  const { maxBytes, maxFrames = Infinity } = limits;
  return [
    bytes > maxBytes && { what: `has ${toMegabytes(bytes)}; the most is ${toMegabytes(maxBytes)}` },
    frames > maxFrames && { what: `has ${frames} frames; the most is ${maxFrames}` },
    ...sizeMisfits(facts, limits),
  ].filter(isSaid);
}

const names: Record<string, string> = {
  'video/mp4': 'MP4',
  'video/quicktime': 'MOV',
  'video/webm': 'WebM',
  'video/x-matroska': 'MKV',
  'video/ogg': 'Ogg',
  'video/mp2t': 'MPEG-TS',
  avc: 'H.264',
  hevc: 'H.265',
};

const nameOfMime = (mime: string) => names[mime] ?? mime;
const nameOfCodec = (codec: string) => names[codec] ?? codec.toUpperCase();

const toMegabytes = (bytes: number) => `${Math.ceil(bytes / 100_000) / 10} MB`;

function toDuration(ms: number): string {
  if (ms < 60_000) return `${Math.round(ms / 100) / 10} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} min`;
}
