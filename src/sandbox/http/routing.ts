import type { IncomingHttpHeaders } from 'node:http';

/** A request that has arrived whole. */
export interface Incoming {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** `http://127.0.0.1:4332`, as the caller named us. */
  origin: string;
  /** What stood for `:name` in the route. */
  params: Record<string, string>;
  /** What happens to the processing of the file that it brings. */
  processing?: 'hangs' | 'fails';
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

export interface Route {
  method: string;
  /** `/2/users/:id/tweets` */
  path: string;
  handle: (request: Incoming) => Answer;
  /** Absent: that of the whole server. */
  maxBody?: number;
}

/** What one server is: its routes, and how it says no. */
export interface Api {
  name: string;
  routes: Route[];
  maxBody: number;
  problems: {
    notFound(request: Incoming): Answer;
    tooLarge(): Answer;
    broken(error: unknown): Answer;
    tooMany(): Answer;
    unavailable(): Answer;
  };
}

/** Carries an answer out of the depth of a handler: what may not go on. */
export class Denied extends Error {
  override name = 'Denied';
  readonly answer: Answer;
  constructor(answer: Answer) {
    super(`answered ${answer.status}`);
    this.answer = answer;
  }
}

export function toJson(
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: Buffer.from(JSON.stringify(value)),
  };
}

export function toHtml(status: number, html: string, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', ...headers },
    body: Buffer.from(html),
  };
}

export function withHeaders(answer: Answer, headers: Record<string, string>): Answer {
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

export function findRoute(
  routes: Route[],
  method: string,
  path: string,
): { route: Route; params: Record<string, string> } | undefined {
  for (const route of routes) {
    if (route.method !== method) continue;
    const params = matchPath(route.path, path);
    if (params) return { route, params };
  }
  return undefined;
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, piece] of wanted.entries()) {
    const value = given[i] ?? '';
    if (piece.startsWith(':') && value !== '') params[piece.slice(1)] = value;
    else if (piece !== value) return undefined;
  }
  return params;
}

export type Fields = Record<string, unknown>;

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The body as JSON; undefined where it is none. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** `a=1&b[]=2&b[]=3` as `{ a: '1', b: ['2', '3'] }`. */
export function toFields(pairs: Iterable<[string, string]>): Fields {
  const fields: Fields = {};
  for (const [name, value] of pairs) {
    if (!name.endsWith('[]')) fields[name] = value;
    else
      fields[name.slice(0, -2)] = [
        ...((fields[name.slice(0, -2)] as string[] | undefined) ?? []),
        value,
      ];
  }
  return fields;
}
