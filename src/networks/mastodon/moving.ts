import type { mastodon } from 'masto';
import { pickDefined } from '../../core/pick-defined.ts';
import { day, minute, second, type Instant } from '../../core/time.ts';
import {
  type PartRequest,
  PublishError,
  type Upload,
  type UploadRequest,
  type Uploads,
} from '../../ports/publisher.ts';
import {
  processingFailed,
  requireMoving,
  requireUploaded,
  sendFile,
  uploadLost,
} from '../moving-media.ts';
import { harmless, retried, retriedLater } from '../publish-error.ts';
import type { Deps } from '../publisher-deps.ts';
import { fieldsOf } from '../stored-payload.ts';
import { isNotServed } from './errors.ts';
import type { MastodonSession } from './session.ts';

interface Token {
  id: string;
  /** Since when the server has it. */
  at: Instant;
}

/** An upload that no status uses is removed after a day. */
export const openMastodonUploads = (
  session: MastodonSession,
  deps: Pick<Deps, 'timeoutFor'>,
): Uploads => ({
  send: (request, signal) => send(session, request, { ...deps, signal }),
  look: (token, signal) => look(session, parseToken(token), signal),
});

async function send(
  session: MastodonSession,
  { medium }: UploadRequest,
  { timeoutFor, signal }: { timeoutFor: number; signal: AbortSignal },
): Promise<Upload> {
  const { path, mime } = requireMoving(medium, 'mastodon');
  const { alt, src, focus } = medium;
  const { limits } = await session.learn(signal);
  const params = {
    skipPolling: true,
    ...pickDefined({
      description: alt ? alt.slice(0, limits.media.maxAlt ?? 1500) : undefined,
      focus: focus?.map((value) => value.toFixed(2)).join(','),
    }),
  };
  const answer: unknown = await sendFile(
    { path, mime, src, network: 'mastodon' },
    { signal, timeoutFor },
    (file, inner) =>
      harmless(() =>
        session.ask({ signal: inner, isFile: true }, (client) =>
          client.v2.media.create({ ...params, file }),
        ),
      ),
  ).catch((error: unknown) => {
    throw judgeUpload(error);
  });
  const { id } = fieldsOf(answer);
  if (typeof id !== 'string')
    throw new PublishError('not-sent', `Mastodon answered without an id for ${src}`, {
      advice: retried,
    });
  return toUpload(answer, { id, at: session.clock.now() }, session.clock.now());
}

/** Whatever the server says of it here, it says of the file. */
function judgeUpload(error: unknown): unknown {
  if (!(error instanceof PublishError)) return error;
  const { status, said, kind } = error;
  if (status === 413)
    return new PublishError('refused', said, {
      status,
      advice: 'The file is larger than the server takes. Make it smaller, then retry the post',
      cause: error,
    });
  if (kind !== 'refused' || status !== 422) return error;
  const advice = 'Replace the file with one that the server takes, then retry the post';
  return new PublishError('refused', said, { status, advice, cause: error });
}

async function look(session: MastodonSession, token: Token, signal: AbortSignal): Promise<Upload> {
  const ask = session.reading(signal);
  const answer: unknown = await ask<unknown>((client) =>
    client.v1.media.$select(token.id).fetch(),
  ).catch((error: unknown) => {
    if (isNotServed(error)) throw uploadLost('Mastodon no longer knows the upload', error);
    if (error instanceof PublishError && error.kind === 'refused')
      throw processingFailed('mastodon', error.said);
    throw error;
  });
  return toUpload(answer, token, session.clock.now());
}

/** While it has no address it is processed; a server that does not do that gives it at once. */
function toUpload(answer: unknown, token: Token, now: Instant): Upload {
  const { url } = fieldsOf(answer);
  const isReady = typeof url === 'string' && url !== '';
  // The longer it takes, the longer it may still take.
  const waitFor = Math.min(minute, Math.max(2 * second, (now - token.at) / 4));
  return {
    token,
    isReady,
    expiresAt: token.at + day,
    ...pickDefined({ lookAt: isReady ? undefined : now + waitFor }),
  };
}

function parseToken(token: unknown): Token {
  const { id, at } = fieldsOf(token);
  if (typeof id !== 'string' || typeof at !== 'number')
    throw uploadLost('what was noted of the upload to Mastodon cannot be read');
  return { id, at };
}

/** The id of a finished upload. Throws PublishError. */
export const uploadedId = (request: PartRequest, at: number): string =>
  parseToken(requireUploaded(request, at).token).id;

const says = (error: unknown, words: RegExp): error is PublishError =>
  error instanceof PublishError && error.kind === 'refused' && words.test(error.said);

/** A server that is not done with an upload refuses the post no more than one that lost it. */
export function judgeMedia(error: unknown, now: Instant): unknown {
  if (isUploadGone(error)) return uploadLost(error.said, error);
  if (!says(error, /not finished processing/i)) return error;
  const { said, status } = error;
  const until = now + 15 * second;
  return new PublishError('wait', said, { status, advice: retriedLater, until, cause: error });
}

/** It is gone, or some post has it. */
export const isUploadGone = (error: unknown): error is PublishError =>
  says(error, /\bmedia\b.{0,300}\b(not found|already attached)/is);

/** The status that has one of these uploads. */
export const findByUpload = (
  statuses: mastodon.v1.Status[],
  ids: string[],
): mastodon.v1.Status | undefined =>
  (Array.isArray(statuses) ? statuses : []).find(
    ({ mediaAttachments }) =>
      Array.isArray(mediaAttachments) && mediaAttachments.some(({ id }) => ids.includes(id)),
  );
