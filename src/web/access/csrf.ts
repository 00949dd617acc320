import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * The token for every form. Computing it takes the cookie and, without a login, a secret of this
 * process.
 */
export interface Csrf {
  /** `cookie` is that of the session, or of a visitor who is not logged in. */
  tokenFor(cookie: string, isSession: boolean): string;
}

export function openCsrf(): Csrf {
  const secret = randomBytes(32);
  // The cookie of a session is a secret itself, so its forms stay valid over a restart.
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
 * Whether the browser reports that another site sent the request. Other programs report nothing,
 * and need the token.
 */
export function isFromElsewhere(headers: {
  site?: string | undefined;
  origin?: string | undefined;
  host?: string | undefined;
}): boolean {
  const { site, origin, host } = headers;
  const isForeignOrigin =
    origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host?.toLowerCase());
  // Behind a proxy the Host may differ from the browser's, so Sec-Fetch-Site is better.
  return site === undefined ? isForeignOrigin : site !== 'same-origin' && site !== 'none';
}
