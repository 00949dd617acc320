import { Readable } from 'node:stream';
import type { MailCall } from '../ports/people/mail.ts';
import type { Progress } from './judge-failure.ts';

export interface MailBody {
  stream: Readable;
  progress: Progress;
  /** Whether the caller was asked if it may go. */
  isAsked(): boolean;
  /** Why the caller did not let it go. */
  refusal(): { reason: unknown } | undefined;
}

const pieceSize = 16 * 1024;

/** The bytes of a mail as a stream that knows how far they were read. */
export function createBody(bytes: Buffer, mayOpen: MailCall['mayOpen']): MailBody {
  const progress: Progress = { begun: false, ended: false };
  let [at, isAsked] = [0, false];
  let refusal: { reason: unknown } | undefined;
  const feed = () => {
    if (stream.destroyed) return;
    progress.begun = true;
    progress.ended = at >= bytes.length;
    stream.push(progress.ended ? null : bytes.subarray(at, at + pieceSize));
    at += pieceSize;
  };
  const ask = async () => {
    isAsked = true;
    try {
      await mayOpen();
    } catch (reason) {
      refusal = { reason };
      stream.destroy(new Error('stopped'));
    }
    feed();
  };
  // The least that is read ahead: the end is told once all before it was taken.
  const stream = new Readable({
    highWaterMark: 1,
    read: () => (isAsked ? feed() : void ask()),
  });
  return { stream, progress, isAsked: () => isAsked, refusal: () => refusal };
}
