import { mkdtemp, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MediaLimits } from '../../src/core/network/limits.ts';
import { shrink } from '../../src/media/encode.ts';
import { openImages } from '../../src/media/images.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dripline-images-'));
});
afterEach(() => rm(folder, { recursive: true }));

const limits: MediaLimits = {
  maxCount: 4,
  mimeTypes: ['image/jpeg', 'image/png'],
  maxBytes: 1_000_000,
  maxSide: 2000,
};
const noise = (width: number, height: number) =>
  sharp({
    create: {
      width,
      height,
      channels: 3,
      background: 'red',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  });

async function put(name: string, data: Buffer): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, data);
  return file;
}

/** Left half red, right half blue; with an orientation the camera was held upright. */
function halves(width: number, height: number): ReturnType<typeof sharp> {
  const half = { create: { width: width / 2, height, channels: 3 as const, background: 'blue' } };
  return sharp({ create: { width, height, channels: 3, background: 'red' } }).composite([
    { input: half, left: width / 2, top: 0 },
  ]);
}

test('turns a picture upright and leaves out where it was taken', async () => {
  const data = await halves(40, 20)
    .withExif({ IFD0: { Artist: 'me' }, IFD3: { GPSLatitude: '51/1 30/1 0/1' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  const file = await put('a.jpg', data);
  const images = openImages({ dataFolder: folder });
  expect(await images.inspect(file)).toEqual({
    mime: 'image/jpeg',
    width: 20,
    height: 40,
    bytes: data.length,
  });
  const made = await images.render({ file }, limits);
  const meta = await sharp(made.path).metadata();
  expect([made.width, made.height, meta.width, meta.height]).toEqual([20, 40, 20, 40]);
  expect([meta.exif, meta.orientation, meta.xmp, meta.icc]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  const top = await sharp(made.path)
    .extract({ left: 10, top: 5, width: 1, height: 1 })
    .raw()
    .toBuffer();
  expect(top[0]).toBeGreaterThan(200);
});

test('keeps a small PNG without loss', async () => {
  const data = await halves(40, 20).png().toBuffer();
  const made = await openImages({ dataFolder: folder }).render(
    { file: await put('a.png', data) },
    limits,
  );
  expect(made.mime).toBe('image/png');
  expect(await sharp(made.path).raw().toBuffer()).toEqual(await sharp(data).raw().toBuffer());
});

test('makes a large picture fit bytes, side and pixels, in its own proportions', async () => {
  const file = await put('a.png', await noise(3000, 1500).png().toBuffer());
  const images = openImages({ dataFolder: folder });
  const made = await images.render({ file }, { ...limits, maxBytes: 200_000 });
  expect(made.mime).toBe('image/jpeg');
  expect(made.bytes).toBeLessThanOrEqual(200_000);
  expect(made.width).toBeLessThanOrEqual(2000);
  expect(made.width / made.height).toBeCloseTo(2, 1);
  expect((await stat(made.path)).size).toBe(made.bytes);
  const { maxSide: _, ...noSide } = limits;
  const flat = await images.render(
    { file },
    { ...noSide, maxPixels: 100_000, maxBytes: 5_000_000 },
  );
  expect(flat.width * flat.height).toBeLessThanOrEqual(100_000);
});

test('makes the same rendition once, and again when it was damaged', async () => {
  const file = await put('a.jpg', await noise(100, 100).jpeg().toBuffer());
  const first = await openImages({ dataFolder: folder }).render({ file }, limits);
  const before = Math.floor(Date.now() / 1000) - 60;
  await utimes(first.path, before, before);
  const copy = await put('b.jpg', await noise(10, 10).jpeg().toBuffer());
  await writeFile(copy, await (await import('node:fs/promises')).readFile(file));
  expect(await openImages({ dataFolder: folder }).render({ file: copy }, limits)).toEqual(first);
  expect((await stat(first.path)).mtimeMs).toBe(before * 1000);
  await truncate(first.path, 10);
  expect(await openImages({ dataFolder: folder }).render({ file }, limits)).toEqual(first);
  expect((await stat(first.path)).size).toBe(first.bytes);
  expect((await readdir(join(folder, 'renditions'))).length).toBe(2);
  expect(
    (await openImages({ dataFolder: folder }).render({ file }, { ...limits, maxSide: 50 })).width,
  ).toBe(50);
});

test('says in words what cannot be posted', async () => {
  const frames = Buffer.concat([Buffer.alloc(40 * 20 * 3), Buffer.alloc(40 * 20 * 3, 255)]);
  const animated = await sharp(frames, {
    raw: { width: 40, height: 40, channels: 3, pageHeight: 20 },
  })
    .gif({ delay: [100, 100] })
    .toBuffer();
  const images = openImages({ dataFolder: folder });
  const huge = '<svg xmlns="http://www.w3.org/2000/svg" width="20000" height="6000"/>';
  const cases: [string, Buffer, RegExp][] = [
    ['a.gif', animated, /a\.gif is animated/],
    ['a.mp4', Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1'), /is a video/],
    ['a.webm', Buffer.from('1a45dfa3000000', 'hex'), /is a video/],
    ['a.jpg', Buffer.from('no picture at all'), /is not a supported image format/],
    ['a.svg', Buffer.from(huge), /is an SVG drawing/],
    ['empty.png', Buffer.alloc(0), /empty\.png is empty: copy/],
    ['empty.gif', Buffer.alloc(0), /empty\.gif is empty: copy/],
    ['cut.jpg', (await noise(200, 200).jpeg().toBuffer()).subarray(0, 2000), /cannot be decoded/],
  ];
  for (const [name, data, text] of cases)
    await expect(images.render({ file: await put(name, data) }, limits), name).rejects.toThrow(
      text,
    );
  for (const name of ['none.gif', 'none.png', 'none.jpg', 'none.mp4', 'none.webm', 'none.mov'])
    await expect(images.inspect(await put(name, Buffer.alloc(0))), name).rejects.toThrow(
      `${name} is empty: copy or export it again`,
    );
  const still = await noise(20, 20).png().toBuffer();
  await expect(images.inspect(await put('png.mp4', still))).rejects.toThrow(/end in \.png/);
  await expect(images.inspect(await put('gif.mov', animated))).rejects.toThrow(/end in \.gif/);
  const film = Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1');
  for (const name of ['film.gif', 'film.png'])
    await expect(images.inspect(await put(name, film)), name).rejects.toThrow(/end in \.mp4/);
  await expect(images.inspect(await put("it's no film.mp4", Buffer.from('no')))).rejects.toThrow(
    String.raw`ffmpeg -i 'it'\''s no film.mp4' 'it'\''s no film-fit.mp4'`,
  );
  await expect(images.inspect(join(folder, 'gone.jpg'))).rejects.toThrow(/gone\.jpg is missing/);
  const big = await put('big.jpg', Buffer.alloc(0));
  await truncate(big, 31 * 1024 * 1024);
  await expect(images.inspect(big)).rejects.toThrow(/31 MB/);
});

test('a look at a picture decodes it: one that was copied by half is refused', async () => {
  const images = openImages({ dataFolder: folder });
  const whole = {
    jpg: noise(200, 200).jpeg(),
    png: noise(200, 200).png(),
    webp: noise(200, 200).webp(),
  };
  for (const [ending, image] of Object.entries(whole)) {
    const data = await image.toBuffer();
    expect(await images.inspect(await put(`whole.${ending}`, data))).toMatchObject({ width: 200 });
    for (const share of [0.3, 0.5, 0.9]) {
      const half = await put(`half.${ending}`, data.subarray(0, data.length * share));
      await expect(images.inspect(half), `${ending} ${share}`).rejects.toThrow(/half\.\w+ is/);
    }
  }
});

test('shrinks the picture of a link card, and passes over what is none', async () => {
  const made = await shrink(await noise(3000, 1500).jpeg({ quality: 100 }).toBuffer(), 300_000);
  expect(made?.width).toBeLessThanOrEqual(1200);
  expect(made?.data.length).toBeLessThanOrEqual(300_000);
  expect(await shrink(Buffer.from('<html>'), 300_000)).toBeUndefined();
});
