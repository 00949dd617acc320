import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Goes into every form: it can be told only by whoever knows the cookie and, without a login, this
 * process.
 */
export interface Csrf {
  /** `cookie` of the session, or of a visitor where nobody is logged in. */
  tokenFor(cookie: string, isSession: boolean): string;
}

export function openCsrf(): Csrf {
  const secret = randomBytes(32);
  // A session's cookie is a secret by itself, so that forms outlive a restart.
  return {
    tokenFor: (cookie, isSession) =>
      createHmac('sha256', isSession ? cookie : secret)
        .update(`csrf ${cookie}`)
        .digest('base64url'),
  };
}

export function isSame(given: unknown, expected: string): boolean {
  const [one, other] = [typeof given === 'string' ? given : '', expected].map((text) =>
    createHmac('sha256', 'compare').update(text).digest(),
  );
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}

export const makeVisitor = (): string => randomBytes(16).toString('base64url');
export const isVisitor = (cookie: string | undefined): cookie is string =>
  cookie !== undefined && /^[\w-]{22}$/.test(cookie);

/**
 * What the browser says of where a request was made. Other programs say nothing of the kind, and
 * have the token to show.
 */
export function isFromElsewhere(headers: {
  site?: string | undefined;
  origin?: string | undefined;
  host?: string | undefined;
}): boolean {
  const { site, origin, host } = headers;
  const isForeignOrigin =
    origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host?.toLowerCase());
  // Behind a proxy the Host may be another than the browser's: then its own word is the better one.
  return site === undefined ? isForeignOrigin : site !== 'same-origin' && site !== 'none';
}
