import { PublishError } from '../../ports/publisher.ts';
import {
  describeAnswer,
  toAnswerError,
  toConnectionError,
  type Telling,
} from '../publish-error.ts';

interface Thrown {
  status?: unknown;
  error?: unknown;
  message?: unknown;
  headers?: Record<string, string | undefined>;
}

const expired = ['ExpiredToken', 'InvalidToken', 'AuthMissing'];
const signedOut: Record<string, string> = {
  AuthFactorTokenRequired:
    'This password asks for a code by mail. ' +
    'Make an app password in the settings of Bluesky and use it',
  AccountTakedown: 'Bluesky has taken the account down. Log in there',
  AccountDeactivated: 'The account is deactivated. Log in at Bluesky and activate it',
};

/** The session is no longer valid, and a new login may help. */
export function isExpired(thrown: unknown): boolean {
  const { status, error } = (thrown ?? {}) as Thrown;
  return (
    (status === 401 && !(String(error) in signedOut)) ||
    (typeof status === 'number' && status >= 400 && expired.includes(String(error)))
  );
}

export const isRecordNotFound = (thrown: unknown) =>
  (thrown as Thrown | undefined)?.error === 'RecordNotFound';
/** A server that knows no view of the network: no counts, no notifications. */
export const isNotServed = (thrown: unknown) => {
  const { status, error, message } = (thrown ?? {}) as Thrown;
  return (
    error === 'MethodNotImplemented' ||
    status === 501 ||
    (status === 400 && String(message).startsWith('No service configured'))
  );
};
export const isInvalidSwap = (thrown: unknown) =>
  (thrown as Thrown | undefined)?.error === 'InvalidSwap';

export function toBlueskyError(thrown: unknown, telling: Telling): PublishError {
  if (thrown instanceof PublishError) return thrown;
  const {
    status,
    error,
    message,
    headers = {},
  } = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as Thrown;
  const name = String(error ?? '');
  // The client's own statuses: 1 no answer, 2 an answer that cannot be read, which may follow a
  // success.
  if (typeof status !== 'number' || status < 100) return toConnectionError(thrown, telling);
  const text = [name, String(message ?? '')]
    .filter((one, index, all) => one && all.indexOf(one) === index)
    .join(': ');
  const said = describeAnswer({ status, text }, telling);
  if (name in signedOut)
    return new PublishError('signed-out', said, { status, advice: signedOut[name] });
  if (name === 'BlobNotFound')
    return new PublishError('not-sent', said, {
      status,
      advice: 'Dripline will upload the pictures again',
      isUploadLost: true,
    });
  if (expired.includes(name))
    return new PublishError('signed-out', said, { status, advice: checkLogin });
  return toAnswerError(
    {
      status,
      header: (header) => headers[header],
      text,
      isParsed: (headers['content-type'] ?? '').includes('json'),
    },
    telling,
    status === 401 ? checkLogin : undefined,
  );
}

const checkLogin = 'Check the handle, and reconnect the account with a new app password';
