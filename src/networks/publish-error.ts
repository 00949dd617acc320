import { readInstant } from '../core/network/asked-wait.ts';
import { networkNames, type Network } from '../core/network/network.ts';
import { traitsOf } from '../core/network/traits-of.ts';
import { day, hour, minute, second, type Instant } from '../core/time.ts';
import { PublishError } from '../ports/publisher.ts';

/** An HTTP answer that is not a success, whatever library it came through. */
export interface Answer {
  status: number;
  header(name: string): string | undefined;
  /** What the network said, for people. */
  text: string;
  /** The body was what this API answers with, not a page of some proxy on the way. */
  isParsed: boolean;
}

export interface Telling {
  network: Network;
  now: Instant;
  /** Never to be shown, should an answer repeat them. */
  secrets: string[];
}

/**
 * The rule for every network: a 4xx in the API's own words is a definite no, 408, 425 and 429 mean
 * later, and so does what something in front of the network says; all else may have landed.
 */
export function toAnswerError(answer: Answer, telling: Telling, advice?: string): PublishError {
  const { status } = answer;
  const { network, now } = telling;
  const said = describeAnswer(answer, telling);
  const foreign = toForeignError(answer, telling);
  if (foreign) return foreign;
  if (status === 401)
    return new PublishError('signed-out', said, { status, advice: advice ?? renew });
  if (isLater(status)) {
    const waitFor = status === 429 ? traitsOf(network).backOffFor : minute;
    const until = readUntil(answer, now) ?? now + waitFor;
    return new PublishError('wait', said, { status, until, advice: retriedLater });
  }
  if (status >= 400 && status < 500)
    return new PublishError('refused', said, {
      status,
      advice: advice ?? 'Change the post, then retry',
    });
  return new PublishError('unknown', said, { status, advice: lookedUp });
}

const isLater = (status: number) => status === 429 || status === 408 || status === 425;

/**
 * A redirect, or a refusal that is not the API's own: a proxy's page says nothing about the post,
 * and nothing was posted. Undefined: the network itself has answered, or may have.
 */
export function toForeignError(answer: Answer, telling: Telling): PublishError | undefined {
  const { status, isParsed } = answer;
  const name = networkNames[telling.network];
  const until = readUntil(answer, telling.now);
  if (status >= 300 && status < 400) {
    const move = describeMove(answer.header('location'));
    return new PublishError('wait', `${name} answered with a redirect: ${move}`, {
      status,
      until,
      advice: `Change the address of ${name} in the configuration, if the new one is right`,
    });
  }
  if (status < 400 || status >= 500 || isParsed || isLater(status)) return undefined;
  const page = `Something in front of ${name} answers with a page. Nothing was posted`;
  return new PublishError('wait', describeAnswer(answer, telling), {
    status,
    until,
    advice: `${page}, and Dripline will try again`,
  });
}

/** The new server alone: the rest of an address may hold what is nobody's business. */
function describeMove(location: string | undefined): string {
  const to = (location ?? '').slice(0, 500);
  if (!URL.canParse(to)) return 'the server sends us to another address';
  return `the server moved to ${new URL(to).origin}`;
}

/** Of what has not been sent, or may be sent again. */
export const retried = 'Dripline will try again';
export const retriedLater = 'Dripline will try again later';
/** Of what may have landed. */
export const lookedUp = 'Dripline is looking up whether the post arrived';
/** Of a credential that the network takes no more. */
export const reconnect =
  'Reconnect the account: under Accounts on the dashboard, or with `dripline init`';
const renew = `The credential is no longer valid. ${reconnect}`;

/** `X answered 403: …`, with nothing secret in it. */
export function describeAnswer(
  { status, text }: Pick<Answer, 'status' | 'text'>,
  { network, secrets }: Telling,
): string {
  const words = clean(text, secrets);
  return `${networkNames[network]} answered ${status}${words && `: ${words}`}`;
}

/**
 * Until when a network asks to wait: Retry-After in seconds or as a date, resets as an epoch or ISO
 * 8601. Between now and a day. An instant in whole seconds may have been cut off to them, so that
 * it gets a second of grace.
 */
export function readUntil(answer: Pick<Answer, 'header'>, now: Instant): Instant | undefined {
  for (const name of [
    'retry-after',
    'x-rate-limit-reset',
    'x-ratelimit-reset',
    'ratelimit-reset',
  ]) {
    const at = readInstant(answer.header(name), now);
    if (at !== undefined) return Math.min(Math.max(at, now + second), now + day + hour);
  }
  return undefined;
}

/** Codes of Node, OpenSSL and undici for what fails before a connection stands. */
const beforeSending = new RegExp(
  `^(${[
    'ECONNREFUSED|ENOTFOUND|EAI_\\w+|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN',
    'EADDRNOTAVAIL|EACCES|EPROTO',
    'CERT_\\w+|ERR_TLS_\\w+|ERR_SSL_\\w+|UNABLE_TO_\\w+|DEPTH_ZERO_\\w+|SELF_SIGNED_\\w+',
    'HOSTNAME_MISMATCH|UND_ERR_CONNECT_TIMEOUT',
  ].join('|')})$`,
);

/** The request cannot have left: no name, no connection, no TLS. */
export function isBeforeSending(error: unknown): boolean {
  for (const one of causesOf(error)) {
    const { code, syscall, message } = one as {
      code?: unknown;
      syscall?: unknown;
      message?: unknown;
    };
    if (
      typeof code === 'string' &&
      (beforeSending.test(code) || (syscall === 'connect' && code !== ''))
    )
      return true;
    if (
      typeof message === 'string' &&
      message.includes('before secure TLS connection was established')
    )
      return true;
  }
  return false;
}

function causesOf(error: unknown, depth = 0): unknown[] {
  if (typeof error !== 'object' || error === null || depth > 6) return [];
  const { cause, errors } = error as { cause?: unknown; errors?: unknown };
  return [
    error,
    ...causesOf(cause, depth + 1),
    ...(Array.isArray(errors) ? errors.flatMap((one) => causesOf(one, depth + 1)) : []),
  ];
}

/** The connection failed: before anything was sent, or when the network may have had it all. */
export function toConnectionError(
  error: unknown,
  { network, secrets }: Telling,
  isUnsent = isBeforeSending(error),
): PublishError {
  if (error instanceof PublishError) return error;
  const reason = clean(describe(error), secrets);
  const name = networkNames[network];
  return isUnsent
    ? new PublishError('not-sent', `${name} cannot be reached: ${reason}`, {
        advice: retried,
        cause: error,
      })
    : new PublishError('unknown', `the connection to ${name} broke: ${reason}`, {
        advice: lookedUp,
        cause: error,
      });
}

/** What people see of the codes that are met most. */
const reasons: Record<string, string> = {
  ECONNREFUSED: 'it refused the connection',
  ECONNRESET: 'it closed the connection',
  ENOTFOUND: 'its name is unknown',
  EAI_AGAIN: 'its name could not be looked up',
  EHOSTUNREACH: 'it is unreachable',
  ENETUNREACH: 'the network is down',
  ETIMEDOUT: 'it did not answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'it did not answer in time',
};

function describe(error: unknown): string {
  const innermost = causesOf(error).findLast((one) => one instanceof Error) as
    | (Error & { code?: unknown })
    | undefined;
  if (innermost?.name === 'TimeoutError') return 'no answer in time';
  const { code, message } = innermost ?? {};
  if (typeof code !== 'string') return message ?? String(error);
  return code in reasons ? `${reasons[code]} (${code})` : code;
}

/** Of an answer, in characters: what stands behind is markup. */
const longestRead = 4000;

/** One line, no markup, nothing secret. */
export function clean(text: string, secrets: string[]): string {
  let line = text;
  for (const secret of secrets) if (secret) line = line.replaceAll(secret, '…');
  line = line
    .slice(0, longestRead)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.\s]+$/, '');
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}

/**
 * For calls that post nothing: what may have got through does not matter, so it is simply not done.
 */
export async function harmless<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PublishError) || error.kind !== 'unknown') throw error;
    const { said, status } = error;
    throw new PublishError('not-sent', said, { status, advice: retried, cause: error });
  }
}

/** How far the network's clock is ahead of ours, from its Date header, which has whole seconds. */
export function measureSkew(
  date: string | undefined,
  askedAt: Instant,
  answeredAt: Instant,
): { skew?: number } {
  const theirs = Date.parse(date ?? '');
  return Number.isNaN(theirs)
    ? {}
    : { skew: Math.round(theirs + 500 - (askedAt + answeredAt) / 2) };
}
