import { createHmac } from 'node:crypto';
import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { isSame, isVisitor, makeVisitor } from './csrf.ts';
import type { Door } from './password.ts';
import type { Env } from './visit.ts';

/**
 * A browser that has logged in keeps a sign of it, which opens nothing. Wrong passwords of others
 * do not keep it waiting, whatever address they share with it.
 */
const deviceCookie = ({ tag }: Door) => `dripline-device-${tag}`;
const keptFor = 365 * 24 * 3600;

const signOf = (door: Door, name: string) =>
  createHmac('sha256', door.secret).update(`device ${name}`).digest('base64url');

/** The name of the browser, if it has logged in with this password before. */
export function deviceOf(c: Context<Env>, door: Door): string | undefined {
  const [name, sign] = getCookie(c, deviceCookie(door))?.split('.') ?? [];
  return isVisitor(name) && isSame(sign, signOf(door, name)) ? name : undefined;
}

export function keepDevice(c: Context<Env>, door: Door) {
  const name = deviceOf(c, door) ?? makeVisitor();
  setCookie(c, deviceCookie(door), `${name}.${signOf(door, name)}`, {
    httpOnly: true,
    sameSite: 'Lax',
    path: '/login',
    secure: c.get('visit').caller.isSecure,
    maxAge: keptFor,
  });
}
