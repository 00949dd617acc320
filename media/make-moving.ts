// Draws the clip and the animation of the sample posts, frame by frame, like the pictures. Needs
// ffmpeg. Run after a change here: node media/make-moving.ts
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import sharp from 'sharp';
import {
  amber,
  circle,
  deep,
  drop,
  element,
  frame,
  height,
  mint,
  plant,
  range,
  rect,
  sand,
  shape,
  soil,
  teal,
  width,
} from './drawing.ts';

const home = join(import.meta.dirname, '..');
const rate = 20;

/** From 0 to 1 and no further. */
const within = (value: number) => Math.min(1, Math.max(0, value));

/** At `time` from 0 to 1: each plant gets its drops in turn and grows, while the sun rises. */
function drawWatering(time: number): string {
  const places = range(5).map((i) => 150 + i * 225);
  const fallen = places.flatMap((x, i) => {
    const at = (time * 6 + i * 0.23) % 1;
    const isFalling = at > 0.35;
    const fall = isFalling ? ((at - 0.35) / 0.65) ** 2 : 0;
    const size = isFalling ? 34 : (34 * at) / 0.35;
    return fall < 0.98 && size > 4 ? [drop(x, 246 + fall * 270, size)] : [];
  });
  const tallAt = (i: number) => 60 + (150 - i * 14) * within(time * 1.15 - i * 0.03);
  return frame(mint, [
    circle({ cx: 1010, cy: 190 - 90 * time, r: 62, fill: amber, opacity: 0.85 }),
    rect({ y: 520, width, height: height - 520, fill: soil }),
    shape(`M-10 210H${width + 10}`, { stroke: deep, 'stroke-width': 22 }),
    ...fallen,
    ...places.flatMap((x, i) => [
      rect({ x: x - 13, y: 206, width: 26, height: 34, rx: 8, fill: deep }),
      element('ellipse', { cx: x, cy: 556, rx: 70, ry: 14, fill: deep, opacity: 0.18 }),
      plant(x, 540, tallAt(i)),
    ]),
  ]);
}

/** At `time` from 0 to 1: a bar for each weekday, one after the other, all of the same height. */
function drawSteady(time: number): string {
  const bars = range(20).map((day) => {
    const x = 130 + day * 44 + Math.floor(day / 5) * 40;
    const tall = Math.max(10, 300 * within(time * 24 - day));
    return rect({ x, y: 500 - tall, width: 32, height: tall, rx: 8, fill: teal });
  });
  const line = { stroke: deep, 'stroke-width': 4, opacity: 0.35 };
  return frame(sand, [...bars, shape('M100 518H1140', line)]);
}

const toPixels = (svg: string, wide: number, tall: number) =>
  sharp(Buffer.from(svg)).resize(wide, tall).removeAlpha().raw().toBuffer();

async function makeClip(path: string): Promise<void> {
  const [wide, tall] = [960, 540];
  const frames = await Promise.all(
    range(6 * rate).map((i) => toPixels(drawWatering(i / (6 * rate)), wide, tall)),
  );
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${wide}x${tall}`, '-r', `${rate}`];
  const coded = ['-c:v', 'libx264', '-preset', 'veryslow', '-crf', '30', '-pix_fmt', 'yuv420p'];
  // One thread and no word about the program: the same bytes each time.
  const same = ['-threads', '1', '-fflags', '+bitexact', '-flags:v', '+bitexact'];
  const args = ['-v', 'error', '-y', ...raw, '-i', '-', ...coded, ...same];
  const input = Buffer.concat(frames);
  const done = spawnSync('ffmpeg', [...args, '-movflags', '+faststart', join(home, path)], {
    input,
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  if (done.status !== 0) throw new Error('ffmpeg has failed, or is not installed');
}

async function makeGif(path: string): Promise<void> {
  const [wide, tall, count] = [480, 270, 26];
  const frames = await Promise.all(
    range(count).map((i) => toPixels(drawSteady(i / (count - 1)), wide, tall)),
  );
  const raw = { width: wide, height: tall * count, channels: 3 as const, pageHeight: tall };
  const delay = range(count).map((i) => (i === count - 1 ? 1600 : 100));
  await sharp(Buffer.concat(frames), { raw, limitInputPixels: false })
    .gif({ colours: 16, dither: 0, loop: 0, delay })
    .toFile(join(home, path));
}

await makeClip('media/watering.mp4');
await makeGif('media/steady.gif');
