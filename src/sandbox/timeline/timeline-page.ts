import type { Audience } from '../world/sandbox-audience.ts';
import {
  isObject,
  parseJson,
  toHtml,
  toJson,
  type Answer,
  type Api,
  type Incoming,
} from '../http/routing.ts';
import { renderPost, renderTimeline } from './timeline-html.ts';
import { avatar, style } from './timeline-style.ts';
import type { RequestCount } from '../http/api-server.ts';
import type { World } from '../world/world.ts';
import type { XBill } from '../x/bill.ts';

export interface PageContext {
  world: World;
  audience: Audience;
  requests: () => RequestCount[];
  /** What X would have billed each account. */
  bills: () => ({ account: string } & XBill)[];
  /** Throws a Refusal when the rule is none. */
  misbehave: (rule: unknown) => void;
  behave: () => void;
}

const guards = {
  'content-security-policy':
    "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/**
 * What the three networks accepted, to look at, and the switch for their bad days. No header here
 * lets other pages' scripts read it.
 */
export function createPageApi(context: PageContext): Api {
  const { world } = context;
  const page = (status: number, html: string) => toHtml(status, html, guards);
  const plain = (status: number, what: string): Answer => ({
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...guards },
    body: Buffer.from(`${what}\n`),
  });
  const none = () => plain(404, 'There is nothing here.');
  return {
    name: 'page',
    maxBody: 64 * 1024,
    problems: {
      notFound: none,
      tooLarge: () => plain(413, 'That is too much.'),
      broken: (error) =>
        plain(500, error instanceof Error ? error.message : 'Something went wrong.'),
      tooMany: () => plain(429, 'Later, please.'),
      unavailable: () => plain(503, 'Later, please.'),
    },
    routes: [
      {
        method: 'GET',
        path: '/',
        handle: ({ query }) => page(200, renderTimeline(context, query)),
      },
      { method: 'GET', path: '/posts.json', handle: () => toJson(200, world.accepted(), guards) },
      {
        method: 'GET',
        path: '/style.css',
        handle: () => ({
          status: 200,
          headers: { 'content-type': 'text/css; charset=utf-8', ...guards },
          body: Buffer.from(style),
        }),
      },
      {
        method: 'GET',
        path: '/avatar.svg',
        handle: () => ({
          status: 200,
          headers: { 'content-type': 'image/svg+xml', ...guards },
          body: Buffer.from(avatar),
        }),
      },
      {
        method: 'GET',
        path: '/media/:file',
        handle: ({ params }) => showPicture(world, params.file ?? '') ?? none(),
      },
      { method: 'GET', path: '/bill.json', handle: () => toJson(200, context.bills(), guards) },
      { method: 'GET', path: '/requests', handle: () => toJson(200, context.requests(), guards) },
      {
        method: 'POST',
        path: '/misbehave',
        handle: (request) =>
          misbehave(context, request) ?? plain(415, 'Send the rule as application/json.'),
      },
      {
        method: 'DELETE',
        path: '/misbehave',
        handle: () => {
          context.behave();
          return toJson(200, {}, guards);
        },
      },
      {
        method: 'GET',
        path: '/:user/:id',
        handle: ({ params }) => {
          const html = params.user?.startsWith('@')
            ? renderPost(context, params.user.slice(1), params.id ?? '')
            : undefined;
          return html ? page(200, html) : none();
        },
      },
    ],
  };
}

/** A form of another site can't send this type without asking first, and it is never allowed. */
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

function showPicture(world: World, file: string): Answer | undefined {
  const mime = world.mimeOf(file) ?? '';
  const bytes = /^image\/(png|jpeg|gif|webp)$/.test(mime) ? world.readBytes(file) : undefined;
  return (
    bytes && {
      status: 200,
      headers: { ...guards, 'content-type': mime, 'cache-control': 'max-age=86400' },
      body: bytes,
    }
  );
}
