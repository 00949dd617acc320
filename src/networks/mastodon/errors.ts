import { PublishError } from '../../ports/publisher.ts';
import {
  describeAnswer,
  toAnswerError,
  toConnectionError,
  type Telling,
} from '../publish-error.ts';

/** An HTTP answer that is not a success, or not one that this API gives. */
export class HttpFailure extends Error {
  override name = 'HttpFailure';
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  constructor(response: Response, body: string) {
    super(`HTTP ${response.status}`);
    this.status = response.status;
    this.headers = response.headers;
    this.body = body;
  }
}

export function toMastodonError(thrown: unknown, telling: Telling): PublishError {
  if (thrown instanceof PublishError) return thrown;
  // Half an answer, or JSON that is broken: it may follow a success.
  if (!(thrown instanceof HttpFailure)) return toConnectionError(thrown, telling);
  const { status, headers } = thrown;
  const text = readText(thrown);
  if (status === 403 && /scope|disabled|suspend|pending|confirm|login/i.test(text))
    return new PublishError('signed-out', describeAnswer({ status, text }, telling), {
      status,
      advice:
        'Log in at the server, or make a new token with the scopes ' +
        'read, write:statuses and write:media',
    });
  // Servers that speak this API answer with plain text and pages too: the class of the status is
  // what counts.
  const isParsed = status >= 400 && status < 500;
  return toAnswerError(
    { status, header: (name) => headers.get(name) ?? undefined, text, isParsed },
    telling,
    advices[status],
  );
}

export const newToken = 'Make a new token at the server and put it into the configuration';

const advices: Record<number, string> = {
  401: newToken,
  404: 'The post that this one answers is gone, or this one was deleted there',
};

const hasStatus = (error: unknown, statuses: number[]) =>
  error instanceof PublishError && error.status !== undefined && statuses.includes(error.status);

export const isMissing = (error: unknown): boolean => hasStatus(error, [404, 410]);

/** A server that has no such endpoint. */
export const isNotServed = (error: unknown): boolean => hasStatus(error, [404, 405, 410, 501]);

function readText({ headers, body }: HttpFailure): string {
  if (!(headers.get('content-type') ?? '').includes('json')) return body;
  try {
    const { error, error_description: description } = JSON.parse(body) as {
      error?: unknown;
      error_description?: unknown;
    };
    return [error, description].filter((text) => typeof text === 'string').join(': ');
  } catch {
    return body;
  }
}
