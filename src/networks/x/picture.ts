import { readFile } from 'node:fs/promises';
import type { Part } from '../../core/post/message.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { PublishError } from '../../ports/publisher.ts';
import { retried } from '../publish-error.ts';
import { notRendered, retriedUpload } from '../stored-payload.ts';
import type { Reading, XSession } from './session.ts';

/** Uploads live for a day at X, so each attempt uploads again. */
export async function upload(
  { read, billing }: XSession,
  { rendition, alt, src }: Part['media'][number],
  { purpose, signal }: Reading,
): Promise<string> {
  if (!rendition) throw notRendered(src, 'x');
  const data = await readFile(rendition.path).catch((error: unknown) => {
    throw retriedUpload(src, error);
  });
  const id = await read(signal, (client) =>
    client.v2.uploadMedia(data, {
      media_type: rendition.mime as 'image/jpeg',
      media_category: 'tweet_image',
    }),
  );
  if (typeof id !== 'string')
    throw new PublishError('not-sent', `X answered without an id for ${src}`, { advice: retried });
  const text = alt.slice(0, traitsOf('x').limits.media.maxAlt);
  if (text)
    await billing.act(purpose, 'altText', () =>
      read(signal, (client) => client.v2.createMediaMetadata(id, { alt_text: { text } })),
    );
  return id;
}
