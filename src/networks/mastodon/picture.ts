import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Part } from '../../core/post/message.ts';
import { second } from '../../core/time.ts';
import { PublishError } from '../../ports/publisher.ts';
import { retried } from '../publish-error.ts';
import { fieldsOf, notRendered, retriedUpload } from '../stored-payload.ts';
import type { Ask } from './reads.ts';

interface UploadOptions {
  maxAlt: number;
  signal: AbortSignal;
}

/**
 * One picture; answers its id when the server is done with it. An upload that no status uses is
 * removed after a day, so a new attempt uploads again.
 */
export async function upload(
  ask: Ask,
  { rendition, alt, src, focus }: Part['media'][number],
  { maxAlt, signal }: UploadOptions,
): Promise<string> {
  if (!rendition) throw notRendered(src, 'mastodon');
  const data = await readFile(rendition.path).catch((error: unknown) => {
    throw retriedUpload(src, error);
  });
  const params = {
    // Some servers go by the ending of the name.
    file: new File([data], basename(rendition.path), { type: rendition.mime }),
    skipPolling: true,
    ...pickDefined({
      description: alt ? alt.slice(0, maxAlt) : undefined,
      focus: focus?.map((value) => value.toFixed(2)).join(','),
    }),
  };
  return ask(async (client) => {
    let media = parseMedia(await client.v2.media.create(params));
    for (let polls = 0; !media.isReady; polls += 1) {
      if (polls >= 60)
        throw new PublishError('not-sent', `Mastodon is still working on ${src} after a minute`, {
          advice: retried,
        });
      // A small picture is ready in no time, and nothing is published meanwhile.
      await wait(Math.min(second, 50 * 2 ** polls), undefined, { signal });
      media = parseMedia(await client.v1.media.$select(media.id).fetch());
    }
    return media.id;
  });
}

function parseMedia(answer: unknown): { id: string; isReady: boolean } {
  const { id, url } = fieldsOf(answer);
  if (typeof id !== 'string')
    throw new PublishError('not-sent', 'Mastodon answered without an id for the picture', {
      advice: retried,
    });
  return { id, isReady: typeof url === 'string' && url !== '' };
}
