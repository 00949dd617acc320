import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { within } from '../../ports/deadline.ts';
import { agentFor, GetError, isTimeout, toGetError } from '../guarded-get.ts';
import type { Leave } from './private-addresses.ts';

export interface Call extends Leave {
  method: 'GET' | 'POST';
  /** Sent as a form. */
  form?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** For all of it, in milliseconds. Default 15 s. */
  timeoutFor?: number;
}

export interface CallAnswer {
  status: number;
  header(name: string): string | undefined;
  text: string;
}

export type GuardedCall = (url: string, call: Call) => Promise<CallAnswer>;

/** Of an API's answer; whatever is longer is none. */
const maxBytes = 256 * 1024;

/**
 * One request with the guards of `guardedGet`. A redirect is the answer: followed, a POST would
 * hand what is in it to another server. Throws GetError.
 */
export const guardedCall: GuardedCall = async (url, call) => {
  const { signal: outer, timeoutFor = 15_000 } = call;
  try {
    return await within({ signal: outer, limitFor: timeoutFor }, (signal) =>
      callOnce(new URL(url), call, signal),
    );
  } catch (error) {
    if (isTimeout(error))
      throw new GetError('timeout', `no complete answer within ${timeoutFor / 1000} s`, error);
    if (outer?.aborted) throw new GetError('aborted', 'stopped', error);
    throw toGetError(error);
  }
};

async function callOnce(url: URL, call: Call, signal: AbortSignal): Promise<CallAnswer> {
  const { method, form } = call;
  const { promise, resolve, reject } = Promise.withResolvers<CallAnswer>();
  const body = form && new URLSearchParams(form).toString();
  const headers = {
    'user-agent': 'Dripline',
    accept: 'application/json',
    'accept-encoding': 'identity',
    ...(body === undefined
      ? {}
      : {
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': Buffer.byteLength(body),
        }),
  };
  const agent = await agentFor(url, call);
  const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = open(url, { agent, headers, method, signal }, (response) => {
    readText(response)
      .then((text) => resolve(toAnswer(response, text)), reject)
      .finally(() => response.destroy());
  });
  request.on('error', reject);
  request.end(body);
  return promise;
}

const toAnswer = ({ statusCode = 0, headers }: IncomingMessage, text: string): CallAnswer => ({
  status: statusCode,
  header: (name) => [headers[name] ?? []].flat()[0],
  text,
});

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes)
      throw new GetError('too-large', `the answer is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
