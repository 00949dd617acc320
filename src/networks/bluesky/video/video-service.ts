import { pickDefined } from '../../../core/pick-defined.ts';
import { hour, minute, second } from '../../../core/time.ts';
import type { Clock } from '../../../ports/clock.ts';
import { within } from '../../../ports/deadline.ts';
import { PublishError } from '../../../ports/publisher.ts';
import {
  harmless,
  retriedLater,
  type Telling,
  toAnswerError,
  toConnectionError,
} from '../../publish-error.ts';
import { unlimited } from '../../moving-media.ts';
import { fieldsOf } from '../../stored-payload.ts';

/** Converts videos, and puts them onto the account's own server. */
export interface VideoService {
  url: string;
  clock: Clock;
  /** For one request, in milliseconds. */
  timeoutFor: number;
  /** A token of the account's own server, for one method and one server. */
  grant(lxm: string, aud: string): Promise<string>;
}

export const toDid = (url: string): string => `did:web:${new URL(url).hostname}`;

interface Asked {
  method: string;
  query?: Record<string, string>;
  token?: string;
  body?: File;
}

/** Throws PublishError, except for an answer that says that the file is there already. */
export function askService(
  { url, clock, timeoutFor }: VideoService,
  { method, query = {}, token, body }: Asked,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const address = `${url}/xrpc/${method}?${new URLSearchParams(query).toString()}`;
  const telling: Telling = { network: 'bluesky', now: clock.now(), secrets: token ? [token] : [] };
  // A file ends by its own progress, and where it may be redirected fetch keeps a copy of it all.
  const limitFor = body ? unlimited : timeoutFor;
  return harmless(async () => {
    const { response, text } = await within({ signal, limitFor }, async (inner) => {
      const answer = await fetch(address, {
        method: body ? 'POST' : 'GET',
        headers: pickDefined({
          authorization: token && `Bearer ${token}`,
          'content-type': body?.type,
        }),
        ...pickDefined({ body }),
        signal: inner,
        redirect: body ? 'error' : 'manual',
      });
      return { response: answer, text: (await answer.text()).slice(0, 100_000) };
    }).catch((error: unknown) => {
      throw toConnectionError(error, telling);
    });
    const answer = parse(text);
    if (answer && (response.ok || isThere(answer))) return answer;
    throw toServiceError({ response, text, answer }, telling);
  });
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? fieldsOf(value) : undefined;
  } catch {
    return undefined;
  }
}

/** Bluesky has this very file of this account: a success in the dress of an error. */
export const isThere = (answer: Record<string, unknown>): boolean =>
  answer['error'] === 'already_exists';

interface Refused {
  response: Response;
  text: string;
  answer: Record<string, unknown> | undefined;
}

function toServiceError({ response, text, answer }: Refused, telling: Telling): PublishError {
  const { error, message } = answer ?? {};
  const words = [error, message].filter((one) => typeof one === 'string').join(': ');
  const failure = toAnswerError(
    {
      status: response.status,
      header: (name) => response.headers.get(name) ?? undefined,
      text: words || text,
      isParsed: answer !== undefined,
    },
    telling,
    'Replace the file with one that Bluesky takes, then retry the post',
  );
  // The token is of the service alone: the account's own login is none the worse.
  if (failure.kind !== 'signed-out') return failure;
  return new PublishError('wait', failure.said, {
    status: response.status,
    advice: retriedLater,
    until: telling.now + 10 * minute,
  });
}

/** Throws PublishError where the account's share of the day is used up, or it may send none. */
export async function requireRoom(
  service: VideoService,
  bytes: number,
  signal: AbortSignal,
): Promise<void> {
  const method = 'app.bsky.video.getUploadLimits';
  const ask = async () => {
    const token = await service.grant(method, toDid(service.url));
    return askService(service, { method, token }, signal);
  };
  const limits = await ask().catch((error: unknown) => {
    // That it does not tell is no reason against the file.
    if (error instanceof PublishError && error.kind !== 'not-sent') return {};
    throw error;
  });
  const { canUpload, remainingDailyVideos: videos, remainingDailyBytes: left } = fieldsOf(limits);
  const isUsedUp = videos === 0 || (typeof left === 'number' && left < bytes);
  if (canUpload !== false && !isUsedUp) return;
  const { message, error } = fieldsOf(limits);
  const why = [message, error].find((one) => typeof one === 'string' && one !== '');
  const said = `Bluesky takes no video from the account now: ${String(
    why ?? 'the limit of the day is used up',
  ).slice(0, 300)}`;
  if (!isUsedUp)
    throw new PublishError('refused', said, { advice: 'Look at the account, then retry the post' });
  const until = service.clock.now() + hour;
  throw new PublishError('wait', said, { advice: retriedLater, until });
}

/** How long to leave a job alone that has run so long: the longer, the longer it may still take. */
export const nextLookIn = (ranFor: number): number =>
  Math.min(minute, Math.max(2 * second, ranFor / 4));
