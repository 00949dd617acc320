import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { traitsOf } from '../../src/core/network/traits-of.ts';
import { networks } from '../../src/core/network/network.ts';
import { openImages } from '../../src/media/images.ts';

const plain = () => sharp({ create: { width: 40, height: 30, channels: 3, background: 'teal' } });

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** As browsers play it: the first picture, and one more. */
async function animatedPng(): Promise<Buffer> {
  const png = await plain().png().toBuffer();
  const at = png.indexOf('IDAT') - 4;
  const frames = Buffer.alloc(8);
  frames.writeUInt32BE(2);
  return Buffer.concat([png.subarray(0, at), chunk('acTL', frames), png.subarray(at)]);
}

/** A container of a phone's picture around data that is none. */
async function heic(): Promise<Buffer> {
  const avif = await plain().avif().toBuffer();
  const text = avif.toString('latin1').replaceAll('avif', 'heic').replaceAll('av01', 'hvc1');
  return Buffer.from(text, 'latin1');
}

const svg = async () =>
  Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0"/></svg>',
  );
const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
const half = async () => {
  const photo = sharp({
    create: { width: 400, height: 300, channels: 3, background: 'red', noise },
  });
  const whole = await photo.jpeg().toBuffer();
  return whole.subarray(0, whole.length / 2);
};

test.each([
  ['an animated PNG', 'a.png', animatedPng, /^a\.png is an animated PNG, which cannot be posted/],
  ['a HEIC picture', 'a.heic', heic, /^a\.heic is a HEIC picture.*export it as JPEG/],
  ['a HEIC picture named JPEG', 'a.jpg', heic, /^a\.jpg is a HEIC picture.*export it as JPEG/],
  ['an SVG named PNG', 'a.png', svg, /^a\.png is an SVG drawing.*export it as PNG/],
  ['half a JPEG', 'a.jpg', half, /^a\.jpg .*(save it again|damaged)/],
])('%s is refused in words by check and at the release', async (_, name, make, wanted) => {
  const folder = await mkdtemp(join(tmpdir(), 'dripline-refused-'));
  try {
    const file = join(folder, name);
    await writeFile(file, await make());
    const images = openImages({ dataFolder: folder });
    await expect(images.inspect(file)).rejects.toThrow(wanted);
    for (const network of networks)
      await expect(images.render({ file }, traitsOf(network).limits.media)).rejects.toThrow(/^a\./);
  } finally {
    await rm(folder, { recursive: true });
  }
});
