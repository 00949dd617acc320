import { basename } from 'node:path';
import type { InputVideoTrack } from 'mediabunny';
import { toPlainFfmpegLine } from '../core/media/ffmpeg.ts';
import type { GifFacts, VideoFacts } from '../core/media/media-facts.ts';
import { pickDefined } from '../core/pick-defined.ts';
import { Refusal } from '../core/problem.ts';
import { assertAllThere, headOf, pictureIn } from './video-bytes.ts';
import { emptyRefusal, toRefusal } from './read-image.ts';

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
    const bytes = await assertAllThere(file, format.mimeType);
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
    throw unreadable(name, await headOf(file));
  } finally {
    input.dispose();
  }
}

function unreadable(name: string, head: Buffer): Refusal {
  if (head.length === 0) return emptyRefusal(name);
  const picture = pictureIn(head);
  return new Refusal(
    picture
      ? `${name} is a picture under the name of a video: let its name end in .${picture}, ` +
          'here and in the post'
      : `${name} is not a video that Dripline can read, or it is damaged: copy it again, ` +
          `or convert it with \`${toPlainFfmpegLine(name)}\``,
  );
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
