import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { networkNames, type Network } from '../core/network/network.ts';
import type { Part, Rendition } from '../core/post/message.ts';
import { day } from '../core/time.ts';
import { within } from '../ports/deadline.ts';
import { PublishError, type PartRequest } from '../ports/publisher.ts';
import { retried } from './publish-error.ts';
import { notRendered, retriedUpload } from './stored-payload.ts';

type Medium = Part['media'][number];

/** A video or an animation: it is sent ahead of its post. */
export const isMoving = ({ rendition }: Medium): boolean => rendition?.moves !== undefined;

/** Throws PublishError. */
export function requireMoving(
  { rendition, src }: Medium,
  network: Network,
): Rendition & Required<Pick<Rendition, 'moves'>> {
  if (rendition?.moves === undefined) throw notRendered(src, network);
  return { ...rendition, moves: rendition.moves };
}

/** The token of the part's medium at this place. Throws PublishError. */
export function requireUploaded(
  { part, message, uploads }: PartRequest,
  at: number,
): { token: unknown; medium: Medium } {
  const medium = part.media[at];
  const token = uploads?.get(at);
  if (medium && token !== undefined) return { token, medium };
  const name = networkNames[message.network];
  throw uploadLost(`${medium?.src ?? 'the video'} is not uploaded to ${name} yet`);
}

/** What was uploaded cannot be used, or is not there: only sending it again helps. */
export const uploadLost = (said: string, cause?: unknown): PublishError =>
  new PublishError('not-sent', said, {
    advice: 'Dripline will upload it again',
    isUploadLost: true,
    ...(cause instanceof PublishError ? { status: cause.status, cause } : {}),
  });

/** The network's own word that it cannot use the file. */
export const processingFailed = (network: Network, why: string): PublishError =>
  new PublishError('refused', `${networkNames[network]} could not process the file: ${why}`, {
    advice: 'Play the file to see whether it is whole, replace it, then retry the post',
  });

/** No limit that matters: for what ends by its own progress. */
export const unlimited = day;

/** What has to move between two looks at the clock. */
const leastMoved = 256 * 1024;

interface Sent {
  path: string;
  mime: string;
  src: string;
  network: Network;
}

interface Sending {
  signal: AbortSignal;
  /** For one request, in milliseconds. */
  timeoutFor: number;
}

/**
 * A file as the body of one request, read as the line takes it. It may take as long as it moves:
 * each quarter of a MiB has twice the time of a request, and the answer to all of it ten times that
 * of a request, since some servers convert the file meanwhile. `work` throws what aborts it.
 */
export async function sendFile<T>(
  { path, mime, src, network }: Sent,
  { signal, timeoutFor }: Sending,
  work: (file: File, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const blob = await openAsBlob(path, { type: mime }).catch((error: unknown) => {
    throw retriedUpload(src, error);
  });
  const watch = watchProgress(timeoutFor);
  const stop = () => watch.stop(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) stop();
    return await within({ signal: watch.signal, limitFor: unlimited }, (inner) =>
      work(countedFile(blob, basename(path), watch.moved), inner),
    );
  } catch (error) {
    if (error instanceof PublishError || !watch.signal.aborted) throw error;
    const said = `the upload of ${src} to ${networkNames[network]} came to a standstill`;
    throw new PublishError('not-sent', said, { advice: retried, cause: error });
  } finally {
    signal.removeEventListener('abort', stop);
    watch.end();
  }
}

function watchProgress(timeoutFor: number) {
  const controller = new AbortController();
  const stall = () =>
    controller.abort(new DOMException('the upload does not move', 'TimeoutError'));
  let timer = setTimeout(stall, 2 * timeoutFor);
  let moved = 0;
  return {
    signal: controller.signal,
    stop: (reason: unknown) => controller.abort(reason),
    moved(bytes: number, isLast: boolean) {
      moved += bytes;
      if (moved < leastMoved && !isLast) return;
      moved = 0;
      clearTimeout(timer);
      timer = setTimeout(stall, (isLast ? 10 : 2) * timeoutFor);
    },
    end: () => clearTimeout(timer),
  };
}

/**
 * `fetch` takes the length of a file and streams it, and tells no one how far it is: so the stream
 * counts.
 */
function countedFile(
  blob: Blob,
  name: string,
  moved: (bytes: number, isLast: boolean) => void,
): File {
  // Some servers go by the ending of the name.
  const file = new File([blob], name, { type: blob.type });
  const stream = () => {
    let left = file.size;
    return File.prototype.stream.call(file).pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(piece, controller) {
          left -= piece.length;
          moved(piece.length, left <= 0);
          controller.enqueue(piece);
        },
      }),
    );
  };
  return Object.defineProperty(file, 'stream', { value: stream });
}
