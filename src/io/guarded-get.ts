import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { pickDefined } from '../core/pick-defined.ts';
import { proxyAgentFor } from './outgoing-proxy.ts';
import { allowedAddresses, type Leave } from './guarded/private-addresses.ts';
import { within } from '../ports/deadline.ts';

/**
 * forbidden: an address or a scheme that is not on the public web. too-large, timeout, redirects:
 * our own limits. type: another content type than asked for. network: no connection, or it broke.
 * aborted: the caller's signal.
 */
export type GetErrorKind =
  | 'forbidden'
  | 'too-large'
  | 'timeout'
  | 'redirects'
  | 'type'
  | 'network'
  | 'aborted';

export class GetError extends Error {
  override name = 'GetError';
  readonly kind: GetErrorKind;
  constructor(kind: GetErrorKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

export interface GetOptions extends Leave {
  signal?: AbortSignal;
  /** After decompression. Default 2 MiB. */
  maxBytes?: number;
  /** Of a larger answer its beginning is enough. */
  takesBeginning?: boolean;
  /**
   * Content types that are wanted (`text/html`, `image/`); others are a GetError. Sent as Accept.
   * Absent: any.
   */
  accept?: string[];
  headers?: Record<string, string>;
  /** For all of it, redirects included, in milliseconds. Default 10 s. */
  timeoutFor?: number;
  maxRedirects?: number;
}

export interface GetAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  /** Where the redirects ended. */
  url: string;
  /** Where permanent redirects alone lead. */
  movedTo?: string;
  notModified: boolean;
}

export type GuardedGet = (url: string, options?: GetOptions) => Promise<GetAnswer>;

/**
 * A GET that only reaches the public web, never this machine or its network, with bounded time and
 * size. Throws GetError.
 */
export async function guardedGet(url: string, options: GetOptions = {}): Promise<GetAnswer> {
  const { timeoutFor = 10_000, maxRedirects = 5 } = options;
  try {
    return await within({ signal: options.signal, limitFor: timeoutFor }, async (signal) => {
      let at = parseAddress(url);
      let movedTo: string | undefined;
      let isMoved = true;
      for (let redirects = 0; ; redirects += 1) {
        const answer = await getOnce(at, options, signal);
        if (!('location' in answer)) return pickDefined({ ...answer, movedTo });
        if (redirects >= maxRedirects)
          throw new GetError('redirects', `${at.origin} redirects more than ${maxRedirects} times`);
        at = parseAddress(answer.location, at);
        isMoved &&= answer.isPermanent;
        if (isMoved) movedTo = at.href;
      }
    });
  } catch (error) {
    if (isTimeout(error))
      throw new GetError('timeout', `no complete answer within ${timeoutFor / 1000} s`, error);
    if (options.signal?.aborted) throw new GetError('aborted', 'stopped', error);
    throw toGetError(error);
  }
}

/** node:http wraps the reason. */
export const isTimeout = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'TimeoutError' || isTimeout(error.cause));

function parseAddress(address: string, base?: URL): URL {
  if (!URL.canParse(address, base?.href))
    throw new GetError('forbidden', `"${address}" is not a URL`);
  const url = new URL(address, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new GetError('forbidden', `only http and https are fetched, not ${url.protocol}`);
  return url;
}

export function toGetError(error: unknown): GetError {
  if (error instanceof GetError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (/is not allowed\. Because/.test(message))
    return new GetError('forbidden', 'the address is in a private network', error);
  return new GetError('network', message, error);
}

interface Redirect {
  location: string;
  isPermanent: boolean;
}

export async function agentFor(url: URL, options: Leave) {
  const proxy = proxyAgentFor(url);
  if (proxy) return proxy;
  const direct = url.protocol === 'https:' ? RequestFilteringHttpsAgent : RequestFilteringHttpAgent;
  // Single addresses: of ranges of the other family the agent complains on the console.
  return new direct({
    keepAlive: false,
    allowIPAddressList: await allowedAddresses(url, options),
  });
}

async function getOnce(
  url: URL,
  options: GetOptions,
  signal: AbortSignal,
): Promise<GetAnswer | Redirect> {
  const { promise, resolve, reject } = Promise.withResolvers<GetAnswer | Redirect>();
  const isSecure = url.protocol === 'https:';
  const headers = {
    'user-agent': 'Dripline',
    'accept-encoding': 'gzip, deflate, br',
    accept:
      options.accept?.map((type) => (type.endsWith('/') ? `${type}*` : type)).join(', ') ?? '*/*',
    ...options.headers,
  };
  const agent = await agentFor(url, options);
  const request = (isSecure ? httpsRequest : httpRequest)(
    url,
    { agent, headers, signal },
    (response) => {
      readAnswer(url, response, options)
        .then(resolve, reject)
        .finally(() => response.destroy());
    },
  );
  request.on('error', reject);
  request.end();
  return promise;
}

async function readAnswer(
  url: URL,
  response: IncomingMessage,
  options: GetOptions,
): Promise<GetAnswer | Redirect> {
  const status = response.statusCode ?? 0;
  if ([301, 302, 303, 307, 308].includes(status) && response.headers.location)
    return { location: response.headers.location, isPermanent: [301, 308].includes(status) };
  const answer = {
    status,
    headers: toPlain(response.headers),
    url: url.href,
    notModified: status === 304,
  };
  if (answer.notModified) return { ...answer, body: Buffer.alloc(0) };
  const type = (response.headers['content-type'] ?? '').toLowerCase();
  if (
    status < 400 &&
    options.accept &&
    type !== '' &&
    !options.accept.some((wanted) => type.startsWith(wanted))
  ) {
    throw new GetError(
      'type',
      `${url.host} sent ${type.split(';')[0]}, not ${options.accept.join(' or ')}`,
    );
  }
  return {
    ...answer,
    body: await readBody(decompress(response), options),
  };
}

function toPlain(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

function decompress(response: IncomingMessage): Readable {
  const encoding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') return response;
  const make = {
    gzip: createGunzip,
    'x-gzip': createGunzip,
    deflate: createInflate,
    br: createBrotliDecompress,
  }[encoding];
  if (!make)
    throw new GetError(
      'type',
      `the answer is compressed as ${encoding}, which Dripline does not support`,
    );
  // pipeline hands an error of either to the stream that is read.
  return pipeline(response, make(), () => {});
}

async function readBody(
  stream: Readable,
  { maxBytes = 2 * 1024 * 1024, takesBeginning = false }: GetOptions,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += (chunk as Buffer).length;
    if (size > maxBytes && takesBeginning)
      return Buffer.concat([...chunks, chunk as Buffer]).subarray(0, maxBytes);
    if (size > maxBytes)
      throw new GetError('too-large', `the answer is larger than ${maxBytes} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
