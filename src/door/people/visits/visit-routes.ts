import type { Context, Hono } from 'hono';
import { hour } from '../../../core/time.ts';
import type { Clock } from '../../../ports/clock.ts';
import { doorHeaders } from '../../door-pages.ts';
import type { KnownLinks } from '../../known-links.ts';
import { type Env, judge, type LinkParts } from '../../link-routes.ts';
import { readBody } from '../read-body.ts';
import type { StepClicks } from '../step-clicks.ts';
import { visitScript } from './visit-script.ts';
import type { Sites } from './visit-token.ts';

interface VisitParts extends Sites, Pick<LinkParts, 'isTrustworthy' | 'callerOf'> {
  links: KnownLinks;
  steps: Pick<StepClicks, 'visit'>;
  clock: Pick<Clock, 'now'>;
}

const largest = 700;
const longestPath = 300;
/** Of one link in an hour: whoever reads more pages has said enough. */
const mostPages = 20;

/** `/v.js` for pages of the user's own, and `/v` to which it tells which of them somebody reads. */
export function addVisitRoutes(app: Hono<Env>, parts: VisitParts): void {
  const isMore = openLimit(parts.clock);
  app.get('/v.js', (c) =>
    c.body(visitScript, 200, {
      ...doorHeaders,
      'Content-Type': 'text/javascript; charset=utf-8',
      'Cache-Control': 'public, max-age=3600',
      'Cross-Origin-Resource-Policy': 'cross-origin',
    }),
  );
  app.post('/v', async (c) => {
    const origin = c.req.header('origin') ?? '';
    if (!parts.origins.includes(origin)) return c.body(null, 403, doorHeaders);
    await take(c, parts, { origin, isMore });
    // The same for whatever was sent: nobody learns whether a token is right.
    return c.body(null, 204, allowing(origin));
  });
  app.options('/v', (c) => {
    const origin = c.req.header('origin') ?? '';
    if (!parts.origins.includes(origin)) return c.body(null, 403, doorHeaders);
    const methods = { 'Access-Control-Allow-Methods': 'POST', 'Access-Control-Max-Age': '3600' };
    return c.body(null, 204, { ...allowing(origin), ...methods });
  });
  app.all('/v', (c) =>
    c.text('Only POST is answered here.', 405, { ...doorHeaders, Allow: 'POST' }),
  );
}

const allowing = (origin: string) => ({
  ...doorHeaders,
  'Access-Control-Allow-Origin': origin,
  'Cross-Origin-Resource-Policy': 'cross-origin',
  Vary: 'Origin',
});

interface Told {
  origin: string;
  isMore: (code: string) => boolean;
}

/** The token and a path; whatever else is nothing. */
async function take(c: Context<Env>, parts: VisitParts, { origin, isMore }: Told): Promise<void> {
  const text = (await readBody(c, largest).catch(() => undefined)) ?? '';
  const [, token = '', path = ''] = /^([\w-]{30,80}) (\/[!->@-~]*)$/.exec(text) ?? [];
  const code = parts.tokens.read('visit', token);
  if (code === undefined || !URL.canParse(path, origin)) return;
  const { kind, client } = judge(c, parts, true);
  if (kind === 'machine' || isMore(code)) return;
  const link = await parts.links.find(code);
  if (typeof link === 'string' || !link.isOfStep) return;
  const url = `${origin}${new URL(path, origin).pathname.slice(0, longestPath)}`;
  parts.steps.visit({ dispatch: link.delivery, code, url, kind, client });
}

const mostCodes = 20_000;

/** True: so many pages were told by this link in this hour already. */
function openLimit(clock: Pick<Clock, 'now'>): (code: string) => boolean {
  let since = -Infinity;
  const counts = new Map<string, number>();
  return (code) => {
    const now = clock.now();
    if (now - since >= hour || now < since || counts.size >= mostCodes) {
      since = now;
      counts.clear();
    }
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    return count > mostPages;
  };
}
