import { PublishError } from '../../ports/publisher.ts';
import { clean, toAnswerError, toConnectionError, type Telling } from '../publish-error.ts';

/** An HTTP answer that is no success, or none that this API gives. */
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
  const said = `Mastodon answered ${status}: ${clean(text, telling.secrets)}`;
  if (status === 403 && /scope|disabled|suspend|pending|confirm|login/i.test(text)) {
    return new PublishError(
      'signed-out',
      `${said}. Log in at the server, or make a new token with the scopes read, write:statuses and write:media`,
    );
  }
  if (status === 404)
    return new PublishError(
      'refused',
      `${said}. The post that this one answers is gone, or this one was deleted there`,
    );
  // Servers that speak this API answer with plain text and pages too: the class of the status is
  // what counts.
  const isParsed = status >= 400 && status < 500;
  return toAnswerError(
    { status, header: (name) => headers.get(name) ?? undefined, text, isParsed },
    telling,
    status === 401 ? 'Make a new token at the server and put it into the configuration' : undefined,
  );
}

export const isMissing = (error: unknown) =>
  error instanceof PublishError && error.kind === 'refused' && / (404|410)\b/.test(error.message);

/** A server that has no such endpoint. */
export const isNotServed = (error: unknown) =>
  error instanceof PublishError && / (404|405|410|501)\b/.test(error.message);

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
