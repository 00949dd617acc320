import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { bodyLimit } from 'hono/body-limit';
import type { CommandContext } from '../commands/command.ts';
import { mostVideoBytes } from '../core/media/video-file.ts';
import { pickDefined } from '../core/pick-defined.ts';
import { StoreError } from '../ports/store.ts';
import { addAgents, type AgentDoor } from './agent-door.ts';
import { addConnecting } from './connecting/add-connecting.ts';
import { addHealth } from './health.ts';
import { act, type Flashes, openFlashes } from './actions.ts';
import type { Attempts } from './access/attempts.ts';
import { isSame } from './access/csrf.ts';
import type { Live } from './live.ts';
import { type LoginParts, logIn, logOut, showLogin } from './access/login.ts';
import { sendCsv } from './engagement-csv.ts';
import { sendReport } from './send-report.ts';
import { sendPicture } from './send-picture.ts';
import { sendLetters } from './people/letters-page.ts';
import { openMetrics } from './metrics.ts';
import { bareLayout, layout } from './parts/layout.ts';
import { liveScript } from './parts/live-script.ts';
import { pages } from './pages/all-pages.ts';
import type { Page, PageRequest } from './parts/page.ts';
import type { Door } from './access/password.ts';
import type { Sessions } from './access/login-session.ts';
import { style } from './styles/stylesheet.ts';
import { autosave, compose, type ComposeParts, previewTyped } from './composer/compose-actions.ts';
import { openTickets } from './composer/tickets.ts';
import { addPicture, addPictures, showPicture } from './composer/compose-pictures.ts';
import { composeScript } from './composer/compose-script.ts';
import { notAForm } from '../io/incoming/form-parts.ts';
import { type Env, openVisits } from './access/visit.ts';

export interface AppParts {
  context: CommandContext;
  door: Door;
  sessions: Sessions;
  attempts: Attempts;
  live: Live;
  /** A name of this machine, besides those of loopback. */
  host: string;
  trustedProxies: readonly string[];
  metricsToken?: string | undefined;
  agents?: AgentDoor | undefined;
  /** Where people find the page, if that is elsewhere. */
  shownUrl?: string | undefined;
  /** The page of the local networks, in the sandbox. */
  sandboxPage?: string | undefined;
  warn?: ((text: string) => void) | undefined;
}

export interface App extends AsyncDisposable {
  fetch: Hono<Env>['fetch'];
}

export function buildApp(parts: AppParts): App {
  const { context, door, sessions, attempts } = parts;
  const app = new Hono<Env>();
  app.use((c, next) => next().then(() => addHeaders(c)));
  addAssets(app);
  addHealth(app, context, parts.warn);
  addLimits(app);
  app.use(openVisits(parts));
  addLogin(app, { door, sessions, attempts, frame: bareLayout });
  addMetrics(app, parts);
  const closeAgents = addAgents(app, { door: parts.agents, names: namesOf(parts) });
  app.use(async (c, next) => (c.get('visit').isIn ? next() : keepOut(c)));
  addPages(app, parts);
  app.onError((error, c) => {
    // The sender has gone before the end, or the Host is no address.
    const isAddress = URL.canParse(`http://${c.req.header('host') ?? ''}`);
    if (!isAddress || isSendersFault(error)) return c.body(null, 400);
    const isStore = error instanceof StoreError;
    if (!isStore) parts.warn?.(`${c.req.method} ${c.req.path}: ${error.stack ?? error.message}`);
    return c.text(`Cannot show this page: ${isStore ? error.message : 'see the log'}`, 503);
  });
  return { fetch: app.fetch, [Symbol.asyncDispose]: closeAgents };
}

const namesOf = ({ host, shownUrl = '' }: AppParts): string[] =>
  URL.canParse(shownUrl) ? [host, new URL(shownUrl).hostname] : [host];

/** What is written, and above all its pictures and videos, is larger than a button. */
function addLimits(app: Hono<Env>) {
  const limits = [64 * 1024, 512 * 1024, mostVideoBytes + 2 ** 20].map((maxSize) =>
    bodyLimit({
      maxSize,
      onError: (c) => {
        const size = maxSize < 2 ** 20 ? `${maxSize / 1024} KiB` : `${mostVideoBytes / 2 ** 20} MB`;
        return c.text(`What was sent is larger than ${size}, the most that is taken here.`, 413);
      },
    }),
  );
  app.use((c, next) => {
    const size = { '/write/picture': 2, '/write/pictures': 2 }[c.req.path];
    const kind = size ?? (/^\/(?:write|mcp)/.test(c.req.path) ? 1 : 0);
    return limits[kind]?.(c, next) ?? next();
  });
}

const isSendersFault = (error: Error) =>
  ['AbortError', 'RequestError', notAForm].includes(error.name) ||
  ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'].includes(
    (error as NodeJS.ErrnoException).code ?? '',
  );

function addAssets(app: Hono<Env>) {
  const types = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8' };
  app.get('/style.css', (c) => c.body(style, 200, { 'Content-Type': types.css }));
  app.get('/live.js', (c) => c.body(liveScript, 200, { 'Content-Type': types.js }));
  app.get('/write.js', (c) => c.body(composeScript, 200, { 'Content-Type': types.js }));
}

function addPages(app: Hono<Env>, parts: AppParts) {
  const { context, door, sessions, live } = parts;
  const flashes = openFlashes();
  app.post('/do/:verb', (c) => act(c, { context, flashes, frame: bareLayout }));
  app.get('/live', (c) =>
    live.listen(c, () => door.isOpen || sessions.isGood(c.get('visit').session)),
  );
  app.get('/media/:post/:index', (c) => sendPicture(c, context.store));
  app.get('/engagement.csv', (c) => sendCsv(c, context));
  app.get('/letters/:file', (c) => sendLetters(c, context));
  app.get('/report', (c) => sendReport(c, context));
  addComposer(app, parts, flashes);
  addConnecting(app, {
    context,
    show: (c, make) => show(c, parts, { flashes, make }),
    tell: (c, text) => flashes.put(c.get('visit').key, { text }),
  });
  for (const { path, make } of pages) app.get(path, (c) => show(c, parts, { flashes, make }));
  app.all('*', (c) => show(c, parts, { flashes, make: noPage }));
}

function addComposer(app: Hono<Env>, parts: AppParts, flashes: Flashes) {
  const writing: ComposeParts = {
    context: parts.context,
    flashes,
    tickets: openTickets(),
    page: (c, result) => show(c, parts, { flashes, make: async () => result }),
  };
  app.post('/write', (c) => compose(c, writing));
  app.post('/write/preview', (c) => previewTyped(c, writing));
  app.post('/write/autosave', (c) => autosave(c, writing));
  app.post('/write/picture', (c) => addPicture(c, writing));
  app.post('/write/pictures', (c) => addPictures(c, writing));
  app.get('/write/picture', (c) => showPicture(c, writing));
}

const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "media-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

function addHeaders(c: Context<Env>) {
  const defaults = {
    'Content-Security-Policy': contentPolicy,
    'X-Content-Type-Options': 'nosniff',
    // With no-referrer, browsers would not send the Origin of our own forms.
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  };
  for (const [name, value] of Object.entries(defaults))
    if (!c.res.headers.has(name)) c.header(name, value);
}

function addLogin(app: Hono<Env>, parts: LoginParts) {
  app.get('/login', (c) => showLogin(c, parts));
  app.post('/login', (c) => logIn(c, parts));
  app.post('/logout', (c) => logOut(c, parts));
}

function addMetrics(app: Hono<Env>, { context, metricsToken }: AppParts) {
  const metrics = openMetrics(context);
  app.get('/metrics', async (c) => {
    const bearer = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    const isKnown =
      c.get('visit').isIn ||
      (metricsToken !== undefined && bearer !== undefined && isSame(bearer, metricsToken));
    if (!isKnown)
      return c.text('Log in, or send the bearer token of web.metricsToken.', 401, {
        'WWW-Authenticate': 'Bearer',
      });
    return c.body(await metrics.read(), 200, { 'Content-Type': metrics.type });
  });
}

function keepOut(c: Context<Env>): Response {
  if (c.req.method !== 'GET' || c.req.path === '/live' || c.req.path.startsWith('/media/'))
    return c.text('Log in first: /login', 401);
  const { pathname, search } = new URL(c.req.url);
  return c.redirect(
    pathname === '/' ? '/login' : `/login?back=${encodeURIComponent(`${pathname}${search}`)}`,
    303,
  );
}

/** A page in its frame, with the result of the last action. */
async function show(
  c: Context<Env>,
  { context, sandboxPage }: AppParts,
  { flashes, make }: { flashes: Flashes; make: Page['make'] },
): Promise<Response> {
  const { key, csrf, session } = c.get('visit');
  // A background fetch by the script must not consume the message.
  const isLookedAt = ['document', undefined].includes(c.req.header('sec-fetch-dest'));
  const flash = isLookedAt ? flashes.take(key) : undefined;
  const { pathname, searchParams } = new URL(c.req.url);
  const request: PageRequest = pickDefined({
    path: pathname,
    query: searchParams,
    params: c.req.param(),
    csrf,
    flash,
  });
  const result = await make(context, request);
  const canSignOut = session !== undefined;
  const page = await layout(context, request, { ...result, sandboxPage, canSignOut });
  return c.html(page, (result.status ?? 200) as ContentfulStatusCode);
}

const noPage: Page['make'] = async () => ({
  title: 'Not found',
  body: html`<h1>This page does not exist</h1>`,
  status: 404,
});
