import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { peerOrSkip } from '../peers/peer-or-skip.ts';

const isHere = spawnSync('ffmpeg', ['-version']).status === 0;

/** Tests with ffmpeg, or a skip that says how to get it. */
export const ffmpegOrSkip = () =>
  peerOrSkip(isHere ? makeVideo : undefined, 'ffmpeg is missing: apt-get install ffmpeg');

interface Wanted {
  size?: string;
  rate?: number;
  seconds?: number;
  /** Of the picture, as ffmpeg names it. */
  codec?: string;
  colours?: string;
  /** As ffmpeg names it; absent: silent. */
  sound?: string;
}

/** A test picture that moves; the name's ending is its container. */
function makeVideo(folder: string, name: string, wanted: Wanted = {}): string {
  const { size = '320x240', rate = 25, seconds = 1, codec = 'libx264', sound } = wanted;
  const file = join(folder, name);
  const picture = ['-f', 'lavfi', '-i', `testsrc=size=${size}:rate=${rate}:duration=${seconds}`];
  const tone = ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`];
  const isGif = name.endsWith('.gif');
  const coding = ['-c:v', codec, '-pix_fmt', wanted.colours ?? 'yuv420p', '-threads', '1'];
  const sounding = sound ? [...tone, '-c:a', sound] : [];
  const options = ['-v', 'error', '-y', ...picture, ...sounding, ...(isGif ? [] : coding), file];
  execFileSync('ffmpeg', options, { stdio: 'ignore' });
  return file;
}
