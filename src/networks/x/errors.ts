import { hour, second } from '../../core/time.ts';
import { PublishError } from '../../ports/publisher.ts';
import { clean, toAnswerError, type Answer, type Telling } from '../publish-error.ts';

interface Thrown {
  type?: unknown;
  code?: unknown;
  headers?: Record<string, string | string[] | undefined>;
  data?: unknown;
}

/**
 * What the client threw for an HTTP answer; undefined for everything else (no connection, half an
 * answer).
 */
export function toXError(error: unknown, telling: Telling): PublishError | undefined {
  const {
    type,
    code,
    headers = {},
    data,
  } = (typeof error === 'object' && error !== null ? error : {}) as Thrown;
  if (type !== 'response' || typeof code !== 'number') return undefined;
  const answer = toAnswer(code, headers, data);
  const said = `X answered ${code}: ${clean(answer.text, telling.secrets)}`;
  const wholeText = `${answer.text} ${JSON.stringify(data ?? '')}`;
  if (code === 403 && /duplicate content/i.test(wholeText)) {
    return new PublishError(
      'unknown',
      `${said}. The same text stands there already: whether it is this very post is being looked up`,
    );
  }
  if (code === 402 || /usage-capped|usage cap|spend cap|credits/i.test(wholeText)) {
    return new PublishError(
      'wait',
      `${said}. The app's credits or its spending limit are used up: raise them in X's developer console`,
      {
        until: telling.now + hour,
      },
    );
  }
  if (code === 429) return toWait(answer, telling);
  if (
    code === 403 &&
    /oauth1-permissions|not configured with the appropriate oauth1|read.only application/i.test(
      wholeText,
    )
  ) {
    return new PublishError(
      'signed-out',
      `${said}. The app may only read: give it "Read and write" in X's developer console, then make a new access token`,
    );
  }
  if (
    code === 403 &&
    /account is (temporarily )?(locked|suspended)|"code":(64|326)\b/i.test(wholeText)
  ) {
    return new PublishError('signed-out', `${said}. Log in at x.com and unlock the account`);
  }
  if (code === 403 && /reply to this conversation/i.test(wholeText)) {
    return new PublishError(
      'refused',
      `${said}. X lets apps reply only to posts that mention or quote the account`,
      { isRelationRefused: true },
    );
  }
  return toAnswerError(
    answer,
    telling,
    code === 401
      ? "Make new keys and tokens in X's developer console and put them into the configuration"
      : undefined,
  );
}

/**
 * A limit for the day counts where it is the one that is used up; else the window of fifteen
 * minutes.
 */
function toWait(answer: Answer, telling: Telling): PublishError {
  const ends = ['x-user-limit-24hour', 'x-app-limit-24hour']
    .filter((name) => answer.header(`${name}-remaining`) === '0')
    .map((name) => Number(answer.header(`${name}-reset`)) * second)
    .filter((at) => at > telling.now);
  if (ends.length === 0) return toAnswerError(answer, telling);
  return new PublishError(
    'wait',
    `X answered 429: the limit for 24 hours is used up. It goes on by itself later`,
    { until: Math.max(...ends) },
  );
}

function toAnswer(status: number, headers: NonNullable<Thrown['headers']>, data: unknown): Answer {
  const body =
    typeof data === 'object' && data !== null
      ? (data as { detail?: unknown; title?: unknown; errors?: unknown })
      : undefined;
  const errors = Array.isArray(body?.errors)
    ? (body.errors as { message?: unknown; detail?: unknown }[])
    : [];
  const texts = [
    body?.detail ?? body?.title,
    ...errors.map(({ message, detail }) => message ?? detail),
  ].filter((text) => typeof text === 'string');
  return {
    status,
    header: (name) => [headers[name]].flat()[0],
    text: [...new Set(texts)].join('; ') || (typeof data === 'string' ? data : ''),
    isParsed: body !== undefined,
  };
}
