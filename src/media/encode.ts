import type { Metadata, Sharp } from 'sharp';
import type { MediaLimits } from '../core/network/limits.ts';
import { Refusal } from '../core/problem.ts';
import type { ImageFacts } from '../ports/images.ts';

const maxPixels = 100_000_000;
const mimes: Record<string, string> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
  tiff: 'image/tiff',
  heif: 'image/heif',
  svg: 'image/svg+xml',
};

const loadSharp = async () => (await import('sharp')).default;

export interface Encoded {
  data: Buffer;
  mime: string;
  width: number;
  height: number;
}

/** Width and height as people will see it, turned upright. */
export async function inspectBytes(bytes: Buffer, name: string): Promise<ImageFacts> {
  if (looksLikeVideo(bytes))
    throw new Refusal(
      `${name} is a video under the name of a picture: let its name end in .mp4, .mov or .webm, ` +
        'as what it is, here and in the post',
    );
  const sharp = await loadSharp();
  const meta = await readMetadata(() => sharp(bytes, { limitInputPixels: false }), name).catch(
    (error: unknown) => {
      throw looksLikeHeic(bytes) ? heicRefusal(name) : error;
    },
  );
  const { width, height, format, pages = 1 } = meta;
  assertStill(bytes, meta, name);
  if (pages > 1 && format !== 'tiff' && format !== 'heif')
    throw new Refusal(
      `${name} is animated, which cannot be posted: use an animated GIF, a video or a still one`,
    );
  if (width * height > maxPixels) {
    const megapixels = Math.round((width * height) / 1_000_000);
    throw new Refusal(`${name} has ${megapixels} megapixels. The most is 100: make it smaller`);
  }
  const isTurned = (meta.orientation ?? 1) >= 5;
  return {
    mime: mimes[format] ?? `image/${format}`,
    width: isTurned ? height : width,
    height: isTurned ? width : height,
    bytes: bytes.length,
  };
}

const heicRefusal = (name: string) =>
  new Refusal(`${name} is a HEIC picture, which cannot be read: export it as JPEG`);

const looksLikeHeic = (bytes: Buffer) =>
  /^ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)/.test(bytes.toString('latin1', 4, 12));

/** What the library names as a picture and cannot show as one. */
function assertStill(bytes: Buffer, { format, compression }: Metadata, name: string) {
  if (format === 'heif' && compression !== 'av1') throw heicRefusal(name);
  if (format === 'svg')
    throw new Refusal(`${name} is an SVG drawing, whatever its name is: export it as PNG`);
  const start = format === 'png' ? bytes.indexOf('IDAT') : -1;
  if (start > 0 && bytes.subarray(0, start).includes('acTL'))
    throw new Refusal(
      `${name} is an animated PNG, which cannot be posted: use an animated GIF, a video or a ` +
        'still picture',
    );
}

/** Decodes all of it once: a picture that was copied by half fails here. */
export async function assertWhole(bytes: Buffer, name: string): Promise<void> {
  const sharp = await loadSharp();
  try {
    await sharp(bytes, { limitInputPixels: maxPixels }).stats();
  } catch {
    throw new Refusal(`${name} is damaged or was copied only in part: save it again`);
  }
}

async function readMetadata(openPicture: () => Sharp, name: string): Promise<Metadata> {
  try {
    return await openPicture().metadata();
  } catch {
    throw new Refusal(
      `${name} is not a supported image format, or it is damaged: use JPEG, PNG or WebP`,
    );
  }
}

function looksLikeVideo(bytes: Buffer): boolean {
  const brand = bytes.toString('latin1', 4, 12);
  if (brand.startsWith('ftyp')) return !/^ftyp(avif|avis|heic|heix|hevc|mif1|msf1)/.test(brand);
  return bytes.subarray(0, 4).equals(Buffer.from([0x1a, 0x45, 0xdf, 0xa3]));
}

/**
 * Upright, without metadata, within the limits: as it is without loss where that fits, else JPEG,
 * ever smaller.
 */
export async function encode(bytes: Buffer, limits: MediaLimits, name: string): Promise<Encoded> {
  const facts = await inspectBytes(bytes, name);
  const sharp = await loadSharp();
  const [width, height] = fitInto(facts, limits);
  // autoOrient bakes the camera's rotation in; sharp leaves metadata out unless told otherwise.
  const upright = () =>
    sharp(bytes, { limitInputPixels: maxPixels })
      .autoOrient()
      .toColourspace('srgb')
      .resize(width, height, { fit: 'fill' });
  try {
    // A photograph saved as PNG is left out: packing it without loss takes seconds and comes
    // out as large.
    if (
      facts.mime === 'image/png' &&
      limits.mimeTypes.includes('image/png') &&
      bytes.length <= 4 * limits.maxBytes
    ) {
      const made = await make(upright().png(), 'image/png');
      if (made.data.length <= limits.maxBytes) return made;
    }
    const { data, info } = await upright()
      .flatten({ background: '#ffffff' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    return await encodeLossy(() => sharp(data, { raw: info }), { width, height, limits, name });
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(
      `${name} cannot be decoded: save it again as JPEG or PNG (${(error as Error).message})`,
    );
  }
}

async function encodeLossy(
  source: () => Sharp,
  { limits, name, ...size }: { width: number; height: number; limits: MediaLimits; name: string },
): Promise<Encoded> {
  const mime = ['image/jpeg', 'image/webp'].find((type) => limits.mimeTypes.includes(type));
  if (!mime)
    throw new Refusal(
      `the network takes no picture format that Dripline writes (${limits.mimeTypes.join(', ')})`,
    );
  for (let scale = 1; size.width * scale >= 8 || scale === 1; scale *= 0.8) {
    const [width, height] = [
      Math.max(1, Math.round(size.width * scale)),
      Math.max(1, Math.round(size.height * scale)),
    ];
    for (const quality of [90, 80, 70, 60]) {
      const sized = scale === 1 ? source() : source().resize(width, height, { fit: 'fill' });
      const made = await make(
        mime === 'image/jpeg' ? sized.jpeg({ quality, mozjpeg: true }) : sized.webp({ quality }),
        mime,
      );
      if (made.data.length <= limits.maxBytes) return made;
      // Far too large: lower quality will not do, so go on to a smaller size.
      if (made.data.length > 4 * limits.maxBytes) break;
    }
  }
  throw new Refusal(`${name} does not fit into ${limits.maxBytes} bytes: use a simpler picture`);
}

function fitInto({ width, height }: ImageFacts, limits: MediaLimits): [number, number] {
  const side = Math.min(1, (limits.maxSide ?? Infinity) / Math.max(width, height));
  const area = Math.min(1, Math.sqrt((limits.maxPixels ?? Infinity) / (width * height)));
  const scale = Math.min(side, area);
  return scale === 1
    ? [width, height]
    : [Math.max(1, Math.floor(width * scale)), Math.max(1, Math.floor(height * scale))];
}

async function make(image: Sharp, mime: string): Promise<Encoded> {
  const { data, info } = await image.toBuffer({ resolveWithObject: true });
  return { data, mime, width: info.width, height: info.height };
}

/**
 * A link card's picture: at most so many bytes and 1200 pixels wide, or undefined when it is no
 * still picture.
 */
export async function shrink(bytes: Buffer, maxBytes: number): Promise<Encoded | undefined> {
  try {
    return await encode(
      bytes,
      { maxCount: 1, mimeTypes: ['image/jpeg', 'image/png'], maxBytes, maxSide: 1200 },
      'the picture',
    );
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
