import { open, readFile, type FileHandle } from 'node:fs/promises';
import { traitsOf } from '../../core/network/traits-of.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Part } from '../../core/post/message.ts';
import { day, second, type Instant } from '../../core/time.ts';
import {
  type PartRequest,
  PublishError,
  type Upload,
  type UploadRequest,
  type Uploads,
} from '../../ports/publisher.ts';
import { processingFailed, requireMoving, requireUploaded, uploadLost } from '../moving-media.ts';
import { harmless, retried } from '../publish-error.ts';
import { fieldsOf, retriedUpload } from '../stored-payload.ts';
import type { Deps } from '../publisher-deps.ts';
import { toSubRip } from './captions.ts';
import type { XSession } from './session.ts';

/** What X calls an upload, and when it forgets it. */
interface Token {
  id: string;
  expiresAt: Instant;
  /** X did not take its alt text. */
  isUndescribed?: true;
}

type Medium = Part['media'][number];

interface Sending {
  session: XSession;
  /** For one request, in milliseconds. */
  timeoutFor: number;
  signal: AbortSignal;
}

/** X takes at most 1,000 pieces of a file. */
const pieceBytes = 4 * 1024 * 1024;
const name = 'X';

export const openXUploads = (
  session: XSession,
  { timeoutFor }: Pick<Deps, 'timeoutFor'>,
): Uploads => ({
  send: (request, signal) => send({ session, timeoutFor, signal }, request),
  look: (token, signal) => look(session, parseToken(token), signal),
});

async function send(context: Sending, { medium, lang }: UploadRequest): Promise<Upload> {
  const { session } = context;
  const { path, bytes, mime, moves } = requireMoving(medium, 'x');
  const { src } = medium;
  const file = await open(path).catch((error: unknown) => {
    throw retriedUpload(src, error);
  });
  try {
    // First what is small: where it is refused, the file was not sent for nothing.
    const track = medium.captions && (await sendCaptions(context, medium.captions, src));
    const { id, answer, isDescribed } = await sendDescribed(context, medium, {
      read: (at, length) => readPiece(file, { at, length, src }),
      bytes,
      mime,
      category: moves === 'gif' ? 'tweet_gif' : 'tweet_video',
      src,
    });
    if (track) await caption(context, { id, track, lang });
    const now = session.clock.now();
    const unlike = isDescribed ? {} : { isUndescribed: true as const };
    return toUpload(answer, { id, expiresAt: now + day, ...unlike }, now);
  } finally {
    await file.close();
  }
}

interface Source {
  /** A buffer of its own each time: it may still be on its way when the next is read. */
  read(at: number, length: number): Promise<Buffer>;
  bytes: number;
  mime: string;
  category: string;
  src: string;
}

async function sendWhole(
  context: Sending,
  { read, bytes, mime, category, src }: Source,
): Promise<Sent> {
  const begun = await post(context, 'media/upload/initialize', {
    media_type: mime,
    total_bytes: bytes,
    media_category: category,
  });
  const { id } = fieldsOf(fieldsOf(begun).data);
  if (typeof id !== 'string')
    throw new PublishError('not-sent', `${name} answered without an id for ${src}`, {
      advice: retried,
    });
  for (let at = 0, index = 0; at < bytes; at += pieceBytes, index++)
    await append(context, id, { index, media: await read(at, Math.min(pieceBytes, bytes - at)) });
  return { id, answer: await post(context, `media/upload/${id}/finalize`) };
}

async function readPiece(
  file: FileHandle,
  { at, length, src }: { at: number; length: number; src: string },
): Promise<Buffer> {
  const piece = Buffer.alloc(length);
  for (let have = 0; have < length;) {
    const { bytesRead } = await file
      .read(piece, have, length - have, at + have)
      .catch((error: unknown) => {
        throw retriedUpload(src, error);
      });
    if (bytesRead === 0) throw retriedUpload(src, new Error('it is shorter than it was'));
    have += bytesRead;
  }
  return piece;
}

/** A piece may come twice, so that one lost connection does not cost the whole file. */
async function append(
  context: Sending,
  id: string,
  { index, media }: { index: number; media: Buffer },
): Promise<void> {
  const { signal } = context;
  const body = { segment_index: index, media };
  const once = () => post(context, `media/upload/${id}/append`, body);
  await once().catch((error: unknown) => {
    const isCut = error instanceof PublishError && error.kind === 'not-sent';
    if (!isCut || signal.aborted) throw error;
    return once();
  });
}

/** Has four times as long as other requests: a slow line needs that for one piece. */
function post(
  { session, signal, timeoutFor }: Sending,
  path: string,
  body?: Record<string, unknown>,
): Promise<unknown> {
  const options = body?.['media'] ? ({ forceBodyMode: 'form-data' } as const) : undefined;
  return harmless(() =>
    session.ask({ signal, limitFor: 4 * timeoutFor }, (client) =>
      client.v2.post<unknown>(path, body, options),
    ),
  ).catch((error: unknown) => {
    throw asTooLarge(error);
  });
}

function asTooLarge(error: unknown): unknown {
  if (!(error instanceof PublishError) || error.status !== 413) return error;
  return new PublishError('refused', error.said, {
    status: 413,
    advice: `The file is larger than ${name} takes. Make it smaller, then retry the post`,
    cause: error,
  });
}

interface Sent {
  id: string;
  /** To the last request of the upload. */
  answer: unknown;
}

/**
 * The price of the alt text is reserved before anything is sent. X documents it for pictures and
 * GIFs; what it does not take for a video costs nothing.
 */
async function sendDescribed(
  context: Sending,
  { alt }: Medium,
  source: Source,
): Promise<Sent & { isDescribed: boolean }> {
  const text = alt.slice(0, traitsOf('x').limits.media.maxAlt);
  if (!text) return { ...(await sendWhole(context, source)), isDescribed: true };
  const done: { sent?: Sent } = {};
  const isDescribed = await context.session.billing
    .act('release', 'altText', async () => {
      done.sent = await sendWhole(context, source);
      await post(context, 'media/metadata', { id: done.sent.id, metadata: { alt_text: { text } } });
      return true;
    })
    .catch((error: unknown) => {
      const isRefused = error instanceof PublishError && error.kind === 'refused';
      if (done.sent && isRefused && source.category === 'tweet_video') return false;
      throw error;
    });
  if (!done.sent) throw uploadLost(`${source.src} was not sent`);
  return { ...done.sent, isDescribed };
}

/** The id of the track; undefined where no one says anything. */
async function sendCaptions(
  context: Sending,
  path: string,
  src: string,
): Promise<string | undefined> {
  const what = `the captions of ${src}`;
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw retriedUpload(what, error);
  });
  const data = Buffer.from(toSubRip(text));
  if (data.length === 0) return undefined;
  const { id } = await sendWhole(context, {
    read: async (at, length) => data.subarray(at, at + length),
    bytes: data.length,
    mime: 'text/srt',
    category: 'subtitles',
    src: what,
  });
  return id;
}

async function caption(
  context: Sending,
  { id, track, lang = 'en' }: { id: string; track: string; lang: string | undefined },
): Promise<void> {
  const code = toLanguage(lang);
  await post(context, 'media/subtitles', {
    id,
    media_category: 'TweetVideo',
    subtitles: {
      id: track,
      language_code: code.toUpperCase(),
      display_name: new Intl.DisplayNames(['en'], { type: 'language' }).of(code) ?? code,
    },
  });
}

/** X's code has two letters; a language that has none there counts as English. */
const toLanguage = (lang: string) => /^[a-z]{2}(?![a-z])/i.exec(lang)?.[0].toLowerCase() ?? 'en';

async function look(session: XSession, token: Token, signal: AbortSignal): Promise<Upload> {
  const query = { command: 'STATUS', media_id: token.id };
  const answer = await session
    .read(signal, (client) => client.v2.get<unknown>('media/upload', query))
    .catch((error: unknown) => {
      const isRefused = error instanceof PublishError && error.kind === 'refused';
      throw isRefused ? uploadLost(`${name} no longer knows the upload`, error) : error;
    });
  return toUpload(answer, token, session.clock.now());
}

/** Throws PublishError where the processing has failed. */
function toUpload(answer: unknown, token: Token, now: Instant): Upload {
  const { id, processing_info: info, expires_after_secs: lives } = fieldsOf(fieldsOf(answer).data);
  // A proxy's page, for one: silence about the processing would look like its end.
  if (id !== token.id)
    throw new PublishError('not-sent', `${name} did not say how far the upload is`, {
      advice: retried,
    });
  const { state, check_after_secs: after, error } = fieldsOf(info);
  if (state === 'failed') throw processingFailed('x', wordsOf(error));
  const expiresAt = typeof lives === 'number' ? now + lives * second : token.expiresAt;
  const isReady = info === undefined || info === null || state === 'succeeded';
  const waitFor = typeof after === 'number' && after > 0 ? Math.min(after, 600) : 5;
  return {
    token: { ...token, expiresAt },
    isReady,
    expiresAt,
    ...pickDefined({ lookAt: isReady ? undefined : now + waitFor * second }),
  };
}

/** The specification has no field for it; X sends it. */
function wordsOf(error: unknown): string {
  const { name: title, message, detail } = fieldsOf(error);
  const words = [title, message ?? detail].filter((one) => typeof one === 'string');
  return words.join(': ').slice(0, 300) || 'X does not say why';
}

function parseToken(token: unknown): Token {
  const { id, expiresAt, isUndescribed } = fieldsOf(token);
  if (typeof id !== 'string' || typeof expiresAt !== 'number')
    throw uploadLost('what was noted of the upload to X cannot be read');
  return { id, expiresAt, ...(isUndescribed === true ? { isUndescribed } : {}) };
}

/** The id of a finished upload. Throws PublishError. */
export function uploadedId(request: PartRequest, at: number): string {
  const { token, medium } = requireUploaded(request, at);
  const { id, isUndescribed } = parseToken(token);
  if (isUndescribed)
    request.note?.(`X shows no alt text for a video: ${medium.src} goes out without it`);
  return id;
}
