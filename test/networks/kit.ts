import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Message, Part, Receipt } from '../../src/core/post/message.ts';
import { shrink } from '../../src/media/encode.ts';
import { openImages } from '../../src/media/images.ts';
import { openPublisher } from '../../src/networks/open-publisher.ts';
import type { PublisherOptions } from '../../src/networks/publisher-deps.ts';
import type { Account } from '../../src/core/network/account.ts';
import { PublishError, type PartRequest, type Publisher } from '../../src/ports/publisher.ts';

export const wallClock = { now: Date.now, monotonic: () => performance.now() };
export const signal = AbortSignal.timeout(600_000);
export const newFolder = () => mkdtempSync(join(tmpdir(), 'dripline-networks-'));

export function openTestPublisher(
  account: Account,
  options: Partial<PublisherOptions> = {},
): Promise<Publisher> {
  return openPublisher(account, { clock: wallClock, dataFolder: newFolder(), shrink, ...options });
}

export interface Draft extends Partial<Omit<Message, 'parts'>> {
  index?: number;
  media?: Part['media'];
  seed?: string;
  createdAt?: number;
  before?: Receipt[];
}

let drafts = 0;

export function request(
  publisher: Publisher,
  text: string,
  {
    index = 0,
    media = [],
    seed = `post@a/1/${drafts++}`,
    createdAt = Date.now(),
    before = [],
    ...more
  }: Draft = {},
): PartRequest {
  const part = { text, media };
  return {
    message: { account: publisher.account, network: publisher.network, parts: [part], ...more },
    index,
    part,
    seed,
    createdAt,
    before,
  };
}

export const mayOpen = () => {};

export async function send(
  publisher: Publisher,
  text: string,
  draft: Draft = {},
): Promise<{ payload: unknown; receipt: Receipt }> {
  // Through JSON, as the journal keeps it.
  const payload: unknown = JSON.parse(
    JSON.stringify(await publisher.prepare(request(publisher, text, draft), signal)),
  );
  return { payload, receipt: await publisher.publish(payload, { signal, mayOpen }) };
}

export async function failureOf(promise: Promise<unknown>): Promise<PublishError> {
  const error: unknown = await promise.then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PublishError)) throw error;
  return error;
}

/**
 * A photograph taken with the camera held upright, left half of the sensor red: rendered it is 20
 * wide, 40 high, and red on top.
 */
export async function makePicture(
  publisher: Publisher,
  alt: string,
): Promise<Part['media'][number]> {
  const folder = newFolder();
  const file = join(folder, 'photo.jpg');
  const blue = { create: { width: 20, height: 20, channels: 3 as const, background: 'blue' } };
  await sharp({ create: { width: 40, height: 20, channels: 3, background: 'red' } })
    .composite([{ input: blue, left: 20, top: 0 }])
    .withExif({ IFD0: { Artist: 'me' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toFile(file);
  const { media } = await publisher.limits(signal);
  return {
    src: 'photo.jpg',
    file,
    alt,
    rendition: await openImages({ dataFolder: folder }).render({ file }, media),
  };
}

/**
 * What is wrong with a picture read back from a network; empty: it is upright and tells nothing
 * about where it was taken.
 */
export async function faultsOf(data: Buffer): Promise<string[]> {
  const meta = await sharp(data).metadata();
  const top = await sharp(data).extract({ left: 10, top: 5, width: 1, height: 1 }).raw().toBuffer();
  return [
    meta.width === 20 && meta.height === 40 ? [] : `is ${meta.width} x ${meta.height}`,
    (top[0] ?? 0) > 200 ? [] : 'is not red on top',
    meta.exif || meta.orientation ? 'has EXIF' : [],
  ].flat();
}
