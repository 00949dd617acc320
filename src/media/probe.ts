import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { InputVideoTrack } from 'mediabunny';
import type { GifFacts, VideoFacts } from '../core/media/media-facts.ts';
import { pickDefined } from '../core/pick-defined.ts';
import { Refusal } from '../core/problem.ts';
import { toRefusal } from './read-image.ts';

/** So many packets tell the frame rate. */
const sampledPackets = 300;

/** Throws Refusal where it is not a video that can be read, or is there only in part. */
export async function probeVideo(file: string): Promise<VideoFacts> {
  const name = basename(file);
  const { ALL_FORMATS, FilePathSource, Input } = await import('mediabunny');
  const input = new Input({ source: new FilePathSource(file), formats: ALL_FORMATS });
  try {
    const [format, video, audio] = await Promise.all([
      input.getFormat(),
      input.getPrimaryVideoTrack(),
      input.getPrimaryAudioTrack(),
    ]);
    const bytes = await assertWhole(file, format.mimeType);
    if (!video) throw new Refusal(`${name} has no picture, only sound: use a video`);
    return {
      moves: 'video',
      mime: format.mimeType,
      bytes,
      runsFor: Math.round((await input.computeDuration()) * 1000),
      ...(await describePicture(video)),
      ...pickDefined({
        audio: audio
          ? { codec: audio.codec ?? 'unknown', channels: audio.numberOfChannels }
          : undefined,
      }),
    };
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if ((error as NodeJS.ErrnoException).code) throw toRefusal(error, name);
    const convert = `convert it with: ffmpeg -i ${name} ${name.replace(/\.[^.]*$/, '')}-fit.mp4`;
    throw new Refusal(
      `${name} is not a video that Dripline can read, or it is damaged: ${convert}`,
    );
  } finally {
    input.dispose();
  }
}

async function describePicture(video: InputVideoTrack) {
  const stats = await video.computePacketStats(sampledPackets);
  const coding = (await video.getCodecParameterString()) ?? '';
  const { num, den } = video.pixelAspectRatio;
  return {
    width: video.displayWidth,
    height: video.displayHeight,
    rate: Math.round(stats.averagePacketRate * 100) / 100,
    codec: video.codec ?? 'unknown',
    isPlainColour: video.codec !== 'avc' || isPlainProfile(coding),
    hasSquarePixels: num === den,
  };
}

/** Baseline, Main and High; those above have ten bits, 4:2:2 or 4:4:4. */
const isPlainProfile = (coding: string) => /^avc[13]\.(42|4d|58|64)/i.test(coding);

/**
 * The size of the file. A player's index may stand before what it lists: of a file that was copied
 * by half the index alone would say nothing.
 */
async function assertWhole(file: string, mime: string): Promise<number> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (mime !== 'video/mp4' && mime !== 'video/quicktime') return size;
    const head = Buffer.alloc(16);
    let at = 0;
    for (let boxes = 0; at + 8 <= size && boxes < 100_000; boxes += 1) {
      await handle.read(head, 0, 16, at);
      const long = head.readUInt32BE(0);
      const length = long === 1 ? Number(head.readBigUInt64BE(8)) : long;
      if (length === 0) return size;
      if (length < 8) break;
      at += length;
    }
    if (at === size) return size;
    throw new Refusal(
      `${basename(file)} is damaged or was copied only in part: copy or export it again`,
    );
  } finally {
    await handle.close();
  }
}

/** A GIF that moves. Undefined: it stands still, or is none. */
export async function probeGif(bytes: Buffer): Promise<GifFacts | undefined> {
  const sharp = (await import('sharp')).default;
  const meta = await sharp(bytes, { pages: 1 })
    .metadata()
    .catch(() => undefined);
  const { pages = 1, delay = [] } = meta ?? {};
  if (!meta || meta.format !== 'gif' || pages < 2) return undefined;
  return {
    moves: 'gif',
    mime: 'image/gif',
    bytes: bytes.length,
    runsFor: delay.reduce((sum, one) => sum + one, 0),
    width: meta.width,
    height: meta.pageHeight ?? meta.height,
    frames: pages,
  };
}
