import { copyFile, mkdtemp, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { limitsFor } from '../../src/core/network/traits-of.ts';
import type { Network } from '../../src/core/network/network.ts';
import { openImages } from '../../src/media/images.ts';
import { movesAsGif } from '../../src/sources/folder/media/moving-gif.ts';
import { ffmpegOrSkip } from './make-video.ts';

const { peer: make, test } = ffmpegOrSkip();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dripline-moving-'));
});

const video = (name: string, wanted = {}) => make?.(folder, name, wanted) ?? '';
const open = () => openImages({ dataFolder: join(folder, 'data') });
const limitsOf = (network: Network) => limitsFor({ network }).media;
const whyUnfit = (file: string, network: Network, more = {}) =>
  open().whyUnfit({ file, moves: 'video', ...more }, limitsOf(network));

test('what a video is is read from the file, and one that is there in part is refused', async () => {
  const file = video('ok.mp4', { seconds: 2, sound: 'aac' });
  const free = video('ok.webm', { seconds: 2, codec: 'libvpx' });
  expect(await open().inspect(file)).toMatchObject({
    moves: 'video',
    mime: 'video/mp4',
    width: 320,
    height: 240,
    rate: 25,
    codec: 'avc',
    runsFor: 2000,
    isPlainColour: true,
    hasSquarePixels: true,
    audio: { codec: 'aac', channels: 1 },
  });
  for (const part of [0.9, 0.5, 0.01]) {
    const half = join(folder, 'half.mp4');
    await copyFile(file, half);
    await truncate(half, Math.floor((await readFile(file)).length * part));
    await expect(open().inspect(half)).rejects.toThrow(/half\.mp4 is (damaged|not a video)/);
  }
  expect(await open().inspect(free)).toMatchObject({ mime: 'video/webm', runsFor: 2000 });
  for (const part of [0.99, 0.5, 0.1]) {
    const half = join(folder, 'half.webm');
    await copyFile(free, half);
    await truncate(half, Math.floor((await readFile(free)).length * part));
    await expect(open().inspect(half)).rejects.toThrow(/half\.webm is (damaged|not a video)/);
  }
  const text = join(folder, 'text.mp4');
  await writeFile(text, 'This is no video.');
  await expect(open().inspect(text)).rejects.toThrow(/text\.mp4 is not a video/);
  await expect(open().inspect(join(folder, 'no.mp4'))).rejects.toThrow(/no\.mp4 is missing/);
});

test('what a network does not take is told with a line that makes it fit', async () => {
  const cases: [file: string, network: Network, why: RegExp | undefined][] = [
    [video('plain.mp4', { sound: 'aac' }), 'x', undefined],
    [video('plain.mp4', { sound: 'aac' }), 'bluesky', undefined],
    [video('plain.mov'), 'bluesky', /is MOV, and it has to be MP4: .*`ffmpeg -i plain\.mov/],
    [video('plain.mov'), 'x', undefined],
    [video('new.mp4', { codec: 'libx265' }), 'x', /coded as H\.265/],
    [video('new.mp4', { codec: 'libx265' }), 'mastodon', undefined],
    [video('rich.mp4', { colours: 'yuv444p' }), 'bluesky', /colours/],
    [video('fast.mp4', { rate: 90 }), 'x', /has 90 frames a second; the most is 60/],
    [video('wide.mp4', { size: '1920x1080' }), 'x', /is 1920 × 1080; the most is 1280 × 1024/],
    [video('wide.mp4', { size: '1920x1080' }), 'mastodon', undefined],
    [video('short.mp4', { seconds: 0.2 }), 'x', /lasts 0\.2 s; the least is 0\.5 s: use another/],
    [video('thin.mp4', { size: '400x80' }), 'x', /3 times the shorter/],
    [video('free.webm', { codec: 'libvpx' }), 'x', /is WebM/],
    [video('free.webm', { codec: 'libvpx' }), 'mastodon', undefined],
  ];
  for (const [file, network, why] of cases) {
    const told = await whyUnfit(file, network);
    if (why) expect(told, `${file} on ${network}`).toMatch(why);
    else expect(told, `${file} on ${network}`).toBeUndefined();
  }
}, 120_000);

test('`transcode: true` makes one that fits, once; what would have to be cut is refused', async () => {
  const images = open();
  const rich = { size: '1921x1081', rate: 90, colours: 'yuv444p', sound: 'aac' };
  const medium = { file: video('rich.mov', rich), moves: 'video', transcode: true } as const;
  for (const network of ['x', 'bluesky'] as const) {
    const made = await images.render(medium, limitsOf(network));
    expect(made).toMatchObject({ moves: 'video', mime: 'video/mp4' });
    expect(await whyUnfit(made.path, network)).toBeUndefined();
    expect(await images.render(medium, limitsOf(network))).toEqual(made);
  }
  expect(await images.inspect(medium.file)).toMatchObject({ rate: 90 });
  const short = { ...medium, file: video('short.mp4', { seconds: 0.2 }) };
  await expect(images.render(short, limitsOf('x'))).rejects.toThrow(/lasts 0\.2 s/);
}, 120_000);

test('a video that fits is copied as it is: later changes of the file do not reach it', async () => {
  const file = video('kept.mp4');
  const bytes = await readFile(file);
  const made = await open().render({ file, moves: 'video' }, limitsOf('x'));
  expect(await readFile(made.path)).toEqual(bytes);
  await writeFile(file, 'gone');
  expect(await readFile(made.path)).toEqual(bytes);
});

test('a GIF that moves goes as it is where the network shows it so, else as a silent video', async () => {
  const file = video('moves.gif', { size: '121x91', rate: 10 });
  expect(await movesAsGif(file)).toBe(true);
  expect(await open().inspect(file)).toMatchObject({ moves: 'gif', frames: 10, width: 121 });
  const asIs = await open().render({ file, moves: 'gif' }, limitsOf('mastodon'));
  expect(asIs).toMatchObject({ moves: 'gif', mime: 'image/gif' });
  const coded = await open().render({ file, moves: 'gif' }, limitsOf('bluesky'));
  expect(coded).toMatchObject({ moves: 'gif', mime: 'video/mp4', width: 120, height: 90 });
  expect(await open().inspect(coded.path)).not.toHaveProperty('audio');
  const still = join(folder, 'still.gif');
  const { default: sharp } = await import('sharp');
  await writeFile(still, await sharp(file, { page: 1 }).gif().toBuffer());
  expect(await movesAsGif(still)).toBe(false);
});

test('captions that are longer than the network takes are refused with their length', async () => {
  const captions = join(folder, 'long.vtt');
  await writeFile(captions, `WEBVTT\n\n00:00.000 --> 00:01.000\n${'word '.repeat(6000)}\n`);
  const file = video('long.mp4');
  expect(await whyUnfit(file, 'bluesky', { captions })).toMatch(
    /captions of 31 kB; the most is 20/,
  );
  expect(await whyUnfit(file, 'x', { captions })).toBeUndefined();
});
