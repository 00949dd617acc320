import { readInstant } from '../../core/network/asked-wait.ts';
import { hour } from '../../core/time.ts';
import { PublishError, type PublishErrorKind } from '../../ports/publisher.ts';
import {
  type Answer,
  describeAnswer,
  retriedLater,
  type Telling,
  toAnswerError,
} from '../publish-error.ts';

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
  if (type === 'partial-response') return toBroken(error, telling);
  if (type !== 'response' || typeof code !== 'number') return undefined;
  const answer = toAnswer(code, headers, data);
  if (!answer.isParsed) return toAnswerError(answer, telling);
  const wholeText = `${answer.text} ${JSON.stringify(data ?? '')}`.slice(0, 10_000);
  if (code === 402 || /usage-capped|usage cap|spend cap|credits/i.test(wholeText))
    return new PublishError('wait', describeAnswer(answer, telling), {
      status: code,
      advice:
        "The app's credits or its spending limit are used up: raise them in X's developer console",
      until: telling.now + hour,
    });
  if (code === 429) return toWait(answer, telling);
  if (code === 403) return toForbidden(answer, wholeText, telling);
  return toAnswerError(answer, telling, code === 401 ? newKeys : undefined);
}

/** JSON that is none. Behind a success it says nothing; a refusal stays one, whoever made it. */
function toBroken(error: unknown, telling: Telling): PublishError | undefined {
  const { response, rawContent } = ((error as { _options?: unknown })._options ?? {}) as {
    response?: { statusCode?: number; headers?: Thrown['headers'] };
    rawContent?: unknown;
  };
  const { statusCode: status = 0, headers = {} } = response ?? {};
  if (status < 400 || status >= 500) return undefined;
  return toAnswerError(toAnswer(status, headers, rawContent), telling);
}

const newKeys = "Make new keys and tokens in X's developer console, and reconnect the account";

interface Forbidden {
  is: RegExp;
  kind: PublishErrorKind;
  advice: string;
  isRelationRefused?: true;
  isDuplicate?: true;
}

/** X says 403 to much, and only its words say to what. */
const forbidden: Forbidden[] = [
  {
    is: /duplicate content/i,
    kind: 'unknown',
    advice:
      'The account has the same text already. Dripline is looking up whether it is this very post',
    isDuplicate: true,
  },
  {
    is: /oauth1-permissions|not configured with the appropriate oauth1|read.only application/i,
    kind: 'signed-out',
    advice:
      'The app has no permission to write: give it "Read and write" in ' +
      "X's developer console, then make a new access token",
  },
  {
    is: /account is (temporarily )?(locked|suspended)|"code":(64|326)\b/i,
    kind: 'signed-out',
    advice: 'Log in at x.com and unlock the account',
  },
  {
    is: /reply to this conversation/i,
    kind: 'refused',
    advice: 'X lets apps reply only to posts that mention or quote the account',
    isRelationRefused: true,
  },
];

function toForbidden(answer: Answer, wholeText: string, telling: Telling): PublishError {
  const { status } = answer;
  const found = forbidden.find(({ is }) => is.test(wholeText));
  if (!found) return toAnswerError(answer, telling);
  const { kind, is: _is, ...options } = found;
  return new PublishError(kind, describeAnswer(answer, telling), { status, ...options });
}

/**
 * A limit for the day counts where it is the one that is used up; else the window of fifteen
 * minutes.
 */
function toWait(answer: Answer, telling: Telling): PublishError {
  const { status } = answer;
  const ends = ['x-user-limit-24hour', 'x-app-limit-24hour']
    .filter((name) => answer.header(`${name}-remaining`) === '0')
    .map((name) => readInstant(answer.header(`${name}-reset`), telling.now) ?? 0)
    .filter((at) => at > telling.now);
  if (ends.length === 0) return toAnswerError(answer, telling);
  const text = 'the limit for 24 hours is used up';
  return new PublishError('wait', describeAnswer({ status, text }, telling), {
    status,
    advice: retriedLater,
    until: Math.max(...ends),
  });
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
    isParsed: [body?.detail, body?.title, body?.errors].some((one) => one !== undefined),
  };
}
