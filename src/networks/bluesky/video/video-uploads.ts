import { readFile } from 'node:fs/promises';
import type { BlueskyAccount } from '../../../core/network/account.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import type { Part } from '../../../core/post/message.ts';
import { hour, minute, type Instant } from '../../../core/time.ts';
import type { Clock } from '../../../ports/clock.ts';
import {
  type PartRequest,
  PublishError,
  type Upload,
  type UploadRequest,
  type Uploads,
} from '../../../ports/publisher.ts';
import {
  processingFailed,
  requireMoving,
  requireUploaded,
  sendFile,
  uploadLost,
} from '../../moving-media.ts';
import { harmless } from '../../publish-error.ts';
import type { Deps } from '../../publisher-deps.ts';
import { fieldsOf, retriedUpload } from '../../stored-payload.ts';
import { type Blob, parseBlob, uploadBlob } from '../blobs.ts';
import type { Calling } from '../reads.ts';
import type { BlueskyCall } from '../session.ts';
import { askService, nextLookIn, requireRoom, toDid, type VideoService } from './video-service.ts';

/** A job of the video service, or what came of it. */
interface Token {
  job?: string;
  blob?: Blob;
  captions?: Caption[];
  /** When it was begun, or when it was done. */
  at: Instant;
}

interface Caption {
  lang: string;
  file: Blob;
}

type Medium = Part['media'][number];

interface Context {
  account: BlueskyAccount;
  clock: Clock;
  deps: Pick<Deps, 'timeoutFor'>;
  ask<T>(call: BlueskyCall, work: (calling: Calling) => Promise<T>): Promise<T>;
}

/** What no record uses is cleared away, sooner or later: an hour is what it surely has. */
const livesFor = hour;

export const openBlueskyUploads = (context: Context): Uploads => ({
  send: (request, signal) => send(context, request, signal),
  look: (token, signal) => look(context, parseToken(token), signal),
});

async function send(
  context: Context,
  { medium, lang = 'en' }: UploadRequest,
  signal: AbortSignal,
): Promise<Upload> {
  requireMoving(medium, 'bluesky');
  const who = await findOut(context, signal);
  const url = serviceFor(context.account, who.server);
  if (url !== undefined && !who.isConfirmed) throw unconfirmed();
  const captions = medium.captions && [{ lang, file: await sendCaptions(context, medium, signal) }];
  const token: Token = {
    at: context.clock.now(),
    ...pickDefined({ captions: captions || undefined }),
  };
  if (url === undefined)
    return toReady(token, await sendDirect(context, medium, signal), context.clock.now());
  return convert(openService(context, url, signal), { medium, who, token }, signal);
}

interface Who {
  did: string;
  /** The account's own server. */
  server: string;
  isConfirmed: boolean;
}

async function findOut({ account, ask }: Context, signal: AbortSignal): Promise<Who> {
  return harmless(() =>
    ask({ signal }, async ({ agent, signal: inner }) => {
      const options = { signal: inner };
      const { data } = await agent.com.atproto.server.getSession(undefined, options);
      const { did, emailConfirmed } = data;
      const doc =
        data.didDoc ??
        (await agent.com.atproto.repo.describeRepo({ repo: did }, options)).data.didDoc;
      const server = serverIn(doc) ?? account.baseUrl;
      return { did, server, isConfirmed: emailConfirmed !== false };
    }),
  );
}

function serverIn(doc: unknown): string | undefined {
  const { service } = fieldsOf(doc);
  const own = (Array.isArray(service) ? service : [])
    .map(fieldsOf)
    .find(({ id }) => typeof id === 'string' && id.endsWith('#atproto_pds'));
  const address = own?.['serviceEndpoint'];
  return typeof address === 'string' && URL.canParse(address) ? address : undefined;
}

/** Bluesky's own servers leave videos to a service; any other takes them as they are. */
function serviceFor({ videoUrl }: BlueskyAccount, server: string): string | undefined {
  const { hostname } = new URL(server);
  const isBluesky = hostname === 'bsky.social' || hostname.endsWith('.host.bsky.network');
  return videoUrl ?? (isBluesky ? 'https://video.bsky.app' : undefined);
}

const unconfirmed = () =>
  new PublishError(
    'refused',
    'Bluesky takes no video from an account whose e-mail address is not confirmed',
    { advice: 'Confirm the address in the settings of Bluesky, then retry the post' },
  );

async function sendCaptions(
  { ask }: Context,
  { captions = '', src }: Medium,
  signal: AbortSignal,
): Promise<Blob> {
  const data = await readFile(captions).catch((error: unknown) => {
    throw retriedUpload(`the captions of ${src}`, error);
  });
  return harmless(() => ask({ signal }, (calling) => uploadBlob(calling, data, 'text/vtt')));
}

function sendDirect({ ask, deps }: Context, medium: Medium, signal: AbortSignal): Promise<Blob> {
  const { path, mime } = requireMoving(medium, 'bluesky');
  const { src } = medium;
  return sendFile(
    { path, mime, src, network: 'bluesky' },
    { signal, timeoutFor: deps.timeoutFor },
    (file, inner) =>
      harmless(() =>
        ask({ signal: inner, isFile: true }, (calling) => uploadBlob(calling, file, mime)),
      ),
  ).catch((error: unknown) => {
    if (!(error instanceof PublishError) || error.status !== 413) throw error;
    throw new PublishError('refused', error.said, {
      status: 413,
      advice: "The file is larger than the account's server takes. Make it smaller, then retry",
      cause: error,
    });
  });
}

const openService = (
  { clock, deps, ask }: Context,
  url: string,
  signal: AbortSignal,
): VideoService => ({
  url,
  clock,
  timeoutFor: deps.timeoutFor,
  grant: (lxm, aud) =>
    harmless(() =>
      ask({ signal }, async ({ agent, signal: inner }) => {
        const exp = Math.floor((clock.now() + 30 * minute) / 1000);
        const params = { aud, lxm, exp };
        return (await agent.com.atproto.server.getServiceAuth(params, { signal: inner })).data
          .token;
      }),
    ),
});

interface Converting {
  medium: Medium;
  who: Who;
  token: Token;
}

async function convert(
  service: VideoService,
  { medium, who, token }: Converting,
  signal: AbortSignal,
): Promise<Upload> {
  const { path, mime, sha256, bytes } = requireMoving(medium, 'bluesky');
  await requireRoom(service, bytes, signal);
  // The service puts it onto the account's own server in our name.
  const grant = await service.grant('com.atproto.repo.uploadBlob', toDid(who.server));
  const query = { did: who.did, name: `${sha256.slice(0, 24)}.mp4` };
  const method = 'app.bsky.video.uploadVideo';
  const answer = await sendFile(
    { path, mime, src: medium.src, network: 'bluesky' },
    { signal, timeoutFor: service.timeoutFor },
    (body, inner) => askService(service, { method, query, token: grant, body }, inner),
  );
  return toUpload(answer, token, service.clock.now());
}

async function look(context: Context, token: Token, signal: AbortSignal): Promise<Upload> {
  if (token.blob || token.job === undefined) return toReady(token, token.blob, token.at);
  const { server } = await findOut(context, signal);
  const url = serviceFor(context.account, server);
  if (url === undefined) throw uploadLost('the account has moved to another server');
  const service = openService(context, url, signal);
  const asked = { method: 'app.bsky.video.getJobStatus', query: { jobId: token.job } };
  const answer = await askService(service, asked, signal).catch((error: unknown) => {
    const isGone = error instanceof PublishError && error.kind === 'refused';
    throw isGone ? uploadLost('Bluesky no longer knows the upload', error) : error;
  });
  return toUpload(answer, token, service.clock.now());
}

/** Failures that are none of the file's. */
const passing = ['pds_upload_failure', 'generic_failure'];

/** Some answers are the status of the job, and some have it inside. Throws PublishError. */
function toUpload(answer: Record<string, unknown>, token: Token, now: Instant): Upload {
  const status = answer['jobStatus'] === undefined ? answer : fieldsOf(answer['jobStatus']);
  const { state, jobId, failureCode, message, error } = status;
  const blob = parseBlob(status['blob']);
  if (blob) return toReady(token, blob, now);
  if (state === 'JOB_STATE_FAILED') {
    const words = [message, error, failureCode].find((one) => typeof one === 'string' && one);
    const why = String(words ?? 'Bluesky does not say why').slice(0, 300);
    if (passing.includes(String(failureCode)))
      throw uploadLost(`Bluesky could not keep the video: ${why}`);
    throw processingFailed('bluesky', why);
  }
  const job = typeof jobId === 'string' ? jobId : token.job;
  if (state === 'JOB_STATE_COMPLETED' && job === token.job)
    throw uploadLost('Bluesky is done with the video and does not show it');
  if (job === undefined) throw uploadLost('Bluesky answered without a job for the video');
  return { token: { ...token, job }, isReady: false, lookAt: now + nextLookIn(now - token.at) };
}

function toReady(token: Token, blob: Blob | undefined, at: Instant): Upload {
  if (!blob) throw uploadLost('what was noted of the upload to Bluesky cannot be read');
  return { token: { ...token, blob, at }, isReady: true, expiresAt: at + livesFor };
}

function parseToken(token: unknown): Token {
  const { job, at, blob, captions } = fieldsOf(token);
  const isOne = typeof job === 'string' || parseBlob(blob) !== undefined;
  if (!isOne || typeof at !== 'number')
    throw uploadLost('what was noted of the upload to Bluesky cannot be read');
  return {
    at,
    ...pickDefined({
      job: typeof job === 'string' ? job : undefined,
      blob: parseBlob(blob),
      captions: Array.isArray(captions) ? (captions as Caption[]) : undefined,
    }),
  };
}

/** A post has one video and nothing beside it. Throws PublishError. */
export function makeVideo(request: PartRequest): Record<string, unknown> {
  const { media } = request.part;
  if (media.length > 1)
    throw new PublishError('refused', 'Bluesky takes a video alone, without other media', {
      advice: 'Split the post into a thread, or remove the other media',
    });
  const { token, medium } = requireUploaded(request, 0);
  const { width, height, moves } = requireMoving(medium, 'bluesky');
  const { blob: video, captions } = parseToken(token);
  if (!video) throw uploadLost(`Bluesky is not done with ${medium.src}`);
  return {
    $type: 'app.bsky.embed.video',
    video,
    aspectRatio: { width, height },
    ...pickDefined({
      alt: medium.alt || undefined,
      captions,
      presentation: moves === 'gif' ? 'gif' : undefined,
    }),
  };
}
