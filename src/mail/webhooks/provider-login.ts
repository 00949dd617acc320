import { createHash, timingSafeEqual } from 'node:crypto';

export type Credentials = { user: string; password: string } | { token: string };

const digest = (text: string) => createHash('sha256').update(text).digest();

/** In the same time whatever is sent. */
export const isSame = (given: string, right: string): boolean =>
  timingSafeEqual(digest(given), digest(right));

/** `Authorization: Basic …` or `Bearer …`. */
export function hasCredentials(authorization = '', right: Credentials): boolean {
  const [, way = '', given = ''] =
    /^(basic|bearer) +(\S+) *$/i.exec(authorization.slice(0, 2000)) ?? [];
  const isBearer = way.toLowerCase() === 'bearer';
  if ('token' in right) return isSame(isBearer ? given : '', right.token);
  const said = isBearer ? '' : Buffer.from(given, 'base64').toString('utf8');
  return isSame(said, `${right.user}:${right.password}`);
}

export const wrongCredentials = 'its credentials are missing or wrong';
