import { PublishError } from '../../ports/publisher.ts';
import {
  describeAnswer,
  reconnect,
  toAnswerError,
  toConnectionError,
  type Telling,
} from '../publish-error.ts';
import { fieldsOf } from '../stored-payload.ts';

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
  const { text, isParsed } = readBody(thrown);
  if (status === 403 && isParsed && /scope|disabled|suspend|pending|confirm|login/i.test(text))
    return new PublishError('signed-out', describeAnswer({ status, text }, telling), {
      status,
      advice:
        'Log in at the server, or reconnect the account with the scopes ' +
        'read, write:statuses and write:media',
    });
  return toAnswerError(
    { status, header: (name) => headers.get(name) ?? undefined, text, isParsed },
    telling,
    status === 401 ? newToken : undefined,
  );
}

export const newToken = `The access token is not valid. ${reconnect}`;

const hasStatus = (error: unknown, statuses: number[]): error is PublishError =>
  error instanceof PublishError && error.status !== undefined && statuses.includes(error.status);

/** In the server's own words: a proxy's page says nothing of the kind. */
export const isMissing = (error: unknown): boolean =>
  hasStatus(error, [404, 410]) && error.kind === 'refused';

/** A server that has no such endpoint; some say so by a page. */
export const isNotServed = (error: unknown): boolean => hasStatus(error, [404, 405, 410, 501]);

/**
 * Every make of server tells its refusals as JSON with an error; snac2 alone puts its name on a
 * page instead.
 */
function readBody({ headers, body }: HttpFailure): { text: string; isParsed: boolean } {
  const isSnac = (headers.get('x-creator') ?? '').startsWith('snac');
  if (!(headers.get('content-type') ?? '').includes('json'))
    return { text: body, isParsed: isSnac };
  try {
    const { error, error_description: description } = fieldsOf(JSON.parse(body));
    const texts = [error, description].filter((text) => typeof text === 'string');
    const isParsed = isSnac || (error !== undefined && error !== null);
    return { text: texts.length > 0 ? texts.join(': ') : body, isParsed };
  } catch {
    return { text: body, isParsed: isSnac };
  }
}
