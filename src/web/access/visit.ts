import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { pickDefined } from '../../core/pick-defined.ts';
import { type Caller, isLoopback, openCallers } from '../../io/incoming/caller.ts';
import { isFromElsewhere, isSame, isVisitor, makeVisitor, openCsrf } from './csrf.ts';
import type { Door } from './password.ts';
import type { Sessions } from './login-session.ts';

/** What is known about a request before a page handles it. */
export interface Visit {
  caller: Caller;
  /** May see the pages: is logged in, or no login is needed. */
  isIn: boolean;
  /** The cookie of the session. */
  session?: string;
  /** For the flash of this visitor. */
  key: string;
  csrf: string;
}

export interface Env {
  Bindings: Partial<HttpBindings>;
  Variables: { visit: Visit };
}

export interface Doors {
  door: Door;
  sessions: Sessions;
  trustedProxies: readonly string[];
  /** A name of this machine, besides those of loopback. */
  host: string;
}

const visitorCookie = 'dripline-visitor';
/** Differs for each password, and so for each service: cookies do not depend on the port. */
const sessionCookie = ({ tag }: Door) => `dripline-${tag}`;

export function openVisits({
  door,
  sessions,
  trustedProxies,
  host,
}: Doors): MiddlewareHandler<Env> {
  const callerOf = openCallers(trustedProxies);
  const csrf = openCsrf();
  return async (c, next) => {
    const caller = callerOf(c.env.incoming);
    const refusal = door.isOpen ? whyNotOpen(c.req.header('host') ?? '', caller, host) : undefined;
    if (refusal !== undefined) return c.text(refusal, 421);
    if (
      !isReading(c) &&
      isFromElsewhere({
        site: c.req.header('sec-fetch-site'),
        origin: c.req.header('origin'),
        host: c.req.header('host'),
      })
    )
      return c.text('Another site sent this form, so nothing was done.', 403);
    if (door.isOpen && isShownElsewhere(c, host))
      return c.text('A proxy passed this request on: set web.password in the configuration.', 421);
    const cookie = getCookie(c, sessionCookie(door));
    const isSession = sessions.isGood(cookie);
    const session = isSession ? cookie : undefined;
    const key = session ?? visitorOf(c, caller);
    const isIn = door.isOpen || isSession;
    c.set(
      'visit',
      pickDefined({ caller, isIn, session, key, csrf: csrf.tokenFor(key, isSession) }),
    );
    return next();
  };
}

/**
 * Another site may point its own name here (DNS rebinding), and a proxy may forward requests from
 * other machines.
 */
function whyNotOpen(host: string, { isForwarded }: Caller, own: string): string | undefined {
  if (isForwarded) return 'A proxy forwarded this request: set web.password in the configuration.';
  return isOwnName(host, own) ? undefined : 'The dashboard answers on this machine only.';
}

const isOwnName = (host: string, own: string) =>
  isLoopback(host) || host.toLowerCase().replace(/:\d+$/, '') === own.toLowerCase();

/**
 * A proxy that adds no header of its own is betrayed by the browser, which says where the page is
 * that it shows.
 */
function isShownElsewhere(c: Context<Env>, own: string): boolean {
  // Whoever follows a link of another site to this machine has that site as the Referer.
  const isLink = ['cross-site', 'same-site'].includes(c.req.header('sec-fetch-site') ?? '');
  const pages = [c.req.header('origin'), isLink ? undefined : c.req.header('referer')];
  return pages.some(
    (one) => one !== undefined && !(URL.canParse(one) && isOwnName(new URL(one).host, own)),
  );
}

const isReading = (c: Context<Env>) => c.req.method === 'GET' || c.req.method === 'HEAD';

function visitorOf(c: Context<Env>, caller: Caller): string {
  const kept = getCookie(c, visitorCookie);
  if (isVisitor(kept)) return kept;
  const made = makeVisitor();
  setCookie(c, visitorCookie, made, {
    httpOnly: true,
    sameSite: 'Lax',
    path: '/',
    secure: caller.isSecure,
  });
  return made;
}

export function keepSession(c: Context<Env>, door: Door, cookie: string) {
  const { isSecure } = c.get('visit').caller;
  setCookie(c, sessionCookie(door), cookie, {
    httpOnly: true,
    sameSite: 'Lax',
    path: '/',
    secure: isSecure,
    maxAge: 30 * 24 * 3600,
  });
}

export function dropSession(c: Context<Env>, door: Door) {
  setCookie(c, sessionCookie(door), '', {
    httpOnly: true,
    sameSite: 'Lax',
    path: '/',
    secure: c.get('visit').caller.isSecure,
    maxAge: 0,
  });
}

export const hasToken = (c: Context<Env>, body: Form): boolean =>
  isSame(body.first('csrf'), c.get('visit').csrf);

/** The fields of a form, without files. */
export interface Form {
  first(name: string): string | undefined;
  all(name: string): string[];
  entries: [string, string][];
}

export async function readForm(c: Context<Env>): Promise<Form> {
  const type = c.req.header('content-type') ?? '';
  return toForm(
    type.startsWith('application/x-www-form-urlencoded')
      ? [...new URLSearchParams(await c.req.text())]
      : [],
  );
}

export function toForm(entries: [string, string][]): Form {
  const byName = Map.groupBy(entries, ([name]) => name);
  const all = (name: string) => (byName.get(name) ?? []).map(([, value]) => value);
  return { first: (name) => byName.get(name)?.[0]?.[1], all, entries };
}

/** A path of the dashboard to go back to, whatever the form contains. */
export function toLocalPath(back: string | undefined): string {
  const base = 'http://here.invalid';
  if (back === undefined || !back.startsWith('/') || !URL.canParse(back, base)) return '/';
  const url = new URL(back, base);
  return url.origin === base && !url.pathname.startsWith('//')
    ? `${url.pathname}${url.search}`
    : '/';
}
