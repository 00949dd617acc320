import type { Audience } from '../world/sandbox-audience.ts';
import {
  isObject,
  parseJson,
  toHtml,
  toJson,
  type Answer,
  type Api,
  type Incoming,
  type Route,
} from '../http/routing.ts';
import { blogRoutes } from '../blog/blog.ts';
import { mailRoutes } from '../mail/mail-pages.ts';
import { decodePath } from '../../core/network/post-address.ts';
import { renderTimeline } from './timeline-html.ts';
import { renderPerson, renderPost } from './people-html.ts';
import { avatar, style } from './timeline-style.ts';
import type { RequestCount } from '../http/api-server.ts';
import type { World } from '../world/world.ts';
import type { XBill } from '../x/bill.ts';

export interface PageContext {
  world: World;
  audience: Audience;
  pageOrigin: () => string;
  requests: () => RequestCount[];
  /** What X would have billed each account. */
  bills: () => ({ account: string } & XBill)[];
  /** Throws a Refusal when it is not a rule. */
  misbehave: (rule: unknown) => void;
  behave: () => void;
}

const policy = [
  "default-src 'none'",
  "img-src 'self'",
  "media-src 'self'",
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
];
const guards = {
  'content-security-policy': policy.join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

const toText = (status: number, what: string): Answer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', ...guards },
  body: Buffer.from(`${what}\n`),
});
const toAsset = (type: string, text: string): Answer => ({
  status: 200,
  headers: { 'content-type': `${type}; charset=utf-8`, ...guards },
  body: Buffer.from(text),
});
const toPage = (html: string): Answer => toHtml(200, html, guards);
const none = (): Answer => toText(404, 'There is nothing here.');

const answers = { toPage, toFeed: (xml: string) => toAsset('application/rss+xml', xml), none };

const get = (path: string, handle: Route['handle']): Route => ({ method: 'GET', path, handle });

/**
 * What the local networks accepted, for people, and the switch for their bad days. No header here
 * lets other pages' scripts read it.
 */
export function createPageApi(context: PageContext): Api {
  return {
    name: 'page',
    maxBody: 64 * 1024,
    problems: {
      notFound: none,
      tooLarge: () => toText(413, 'That is too much.'),
      broken: (error) =>
        toText(500, error instanceof Error ? error.message : 'Something went wrong.'),
      tooMany: () => toText(429, 'Later, please.'),
      unavailable: () => toText(503, 'Later, please.'),
    },
    routes: [
      ...pageRoutes(context),
      ...dataRoutes(context),
      ...misbehaviourRoutes(context),
      ...mailRoutes({ world: context.world, guards, ...answers }),
      ...blogRoutes({ clock: context.world.clock, pageOrigin: context.pageOrigin, ...answers }),
      ...peopleRoutes(context),
    ],
  };
}

const pageRoutes = (context: PageContext): Route[] => [
  get('/', ({ query }) => toPage(renderTimeline(context, query))),
  get('/style.css', () => toAsset('text/css', style)),
  get('/avatar.svg', () => toAsset('image/svg+xml', avatar)),
  get(
    '/media/:file',
    ({ params, headers }) => showMedium(context.world, params.file ?? '', headers.range) ?? none(),
  ),
];

/** Behind all other routes: a person's name may be anything. */
const peopleRoutes = (context: PageContext): Route[] =>
  ['/:a', '/:a/:b', '/:a/:b/:c', '/:a/:b/:c/:d'].map((route) =>
    get(route, ({ path }) => {
      const asked = decodePath(path);
      const html = renderPost(context, asked) ?? renderPerson(context, asked);
      return html ? toPage(html) : none();
    }),
  );

const dataRoutes = ({ world, bills, requests }: PageContext): Route[] => [
  get('/posts.json', () => toJson(200, world.accepted(), guards)),
  get('/bill.json', () => toJson(200, bills(), guards)),
  get('/requests', () => toJson(200, requests(), guards)),
];

const misbehaviourRoutes = (context: PageContext): Route[] => [
  {
    method: 'POST',
    path: '/misbehave',
    handle: (request) =>
      misbehave(context, request) ?? toText(415, 'Send the rule as application/json.'),
  },
  {
    method: 'DELETE',
    path: '/misbehave',
    handle: () => {
      context.behave();
      return toJson(200, {}, guards);
    },
  },
];

/** A form of another site cannot send this type without asking first, and it is never allowed. */
function misbehave(context: PageContext, { headers, body }: Incoming): Answer | undefined {
  if (!/^application\/json/i.test(headers['content-type'] ?? '')) return undefined;
  const rule = parseJson(body);
  try {
    context.misbehave(rule);
  } catch (error) {
    return toJson(400, { error: error instanceof Error ? error.message : String(error) }, guards);
  }
  return toJson(201, isObject(rule) ? rule : {}, guards);
}

const shown = /^(image\/(png|jpeg|gif|webp)|video\/(mp4|webm|quicktime))$/;

/** In pieces where they are asked for: no browser winds through a video otherwise. */
function showMedium(world: World, file: string, range: string | undefined): Answer | undefined {
  const mime = world.mimeOf(file) ?? '';
  const bytes = shown.test(mime) ? world.readBytes(file) : undefined;
  if (!bytes) return undefined;
  const headers = {
    ...guards,
    'content-type': mime,
    'cache-control': 'max-age=86400',
    'accept-ranges': 'bytes',
  };
  const piece = readRange(range, bytes.length);
  if (!piece) return { status: 200, headers, body: bytes };
  const { from, to } = piece;
  const isInside = from <= to && from < bytes.length;
  const place = isInside ? `${from}-${to}` : '*';
  return {
    status: isInside ? 206 : 416,
    headers: { ...headers, 'content-range': `bytes ${place}/${bytes.length}` },
    body: isInside ? bytes.subarray(from, to + 1) : Buffer.alloc(0),
  };
}

/** `bytes=0-99`, `bytes=100-` or `bytes=-100`; undefined for anything else. */
function readRange(
  range: string | undefined,
  length: number,
): { from: number; to: number } | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  if (from === '') return { from: Math.max(0, length - Number(to)), to: length - 1 };
  return { from: Number(from), to: to === '' ? length - 1 : Math.min(Number(to), length - 1) };
}
