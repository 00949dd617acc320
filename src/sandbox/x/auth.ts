import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Incoming } from '../http/routing.ts';
import type { SandboxAccount, XPerson } from '../world/network-rows.ts';
import { denyUnauthorized } from './answers.ts';

/**
 * Who signed this request with OAuth 1.0a (RFC 5849, HMAC-SHA1). The timestamp is not looked at:
 * the sandbox may run in virtual time.
 */
export function authenticateX(people: SandboxAccount[], request: Incoming): XPerson {
  const header = readSigned(request);
  const person = people.find(
    (one): one is XPerson =>
      one.network === 'x' &&
      one.appKey === header?.oauth_consumer_key &&
      one.accessToken === header.oauth_token,
  );
  if (!header || !person || !isSignedBy(request, header, person)) denyUnauthorized();
  return person;
}

/** What the header says, where it is one of this method at all. */
export function readSigned(request: Incoming): Record<string, string> | undefined {
  const header = parseHeader(request.headers.authorization);
  const isWhole = header?.oauth_nonce && header.oauth_timestamp;
  return isWhole && header.oauth_signature_method === 'HMAC-SHA1' ? header : undefined;
}

export function isSignedBy(
  request: Incoming,
  header: Record<string, string>,
  { appSecret, accessSecret }: Pick<XPerson, 'appSecret' | 'accessSecret'>,
): boolean {
  const wanted = sign(request, header, `${encode(appSecret)}&${encode(accessSecret)}`);
  const given = Buffer.from(header['oauth_signature'] ?? '', 'base64');
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function parseHeader(text: string | undefined): Record<string, string> | undefined {
  if (!text?.startsWith('OAuth ')) return undefined;
  const values: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(/([a-z_]+)="([^"]*)"/g))
    values[name ?? ''] = decode(value ?? '');
  return values;
}

function sign(request: Incoming, header: Record<string, string>, key: string): Buffer {
  const isForm = /^application\/x-www-form-urlencoded/i.test(request.headers['content-type'] ?? '');
  const pairs: [string, string][] = [
    ...request.query,
    ...(isForm ? new URLSearchParams(request.body.toString('utf8')) : []),
    ...Object.entries(header).filter(([name]) => name !== 'oauth_signature' && name !== 'realm'),
  ];
  // What stands in the header and in the body counts once: clients repeat the token there.
  const named = pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`);
  const isOAuth = (pair: string) => pair.startsWith('oauth_');
  const parameters = [...named.filter((one) => !isOAuth(one)), ...new Set(named.filter(isOAuth))]
    .sort()
    .join('&');
  const base = [request.method, `${request.origin}${request.path}`, parameters]
    .map(encode)
    .join('&');
  return createHmac('sha1', key).update(base).digest();
}

/** RFC 3986: stricter than JavaScript's own. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!*'()]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
