import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pickDefined } from '../../core/pick-defined.ts';
import { Refusal } from '../../core/problem.ts';
import type { Clock } from '../../ports/clock.ts';
import { Denied, findRoute, toHtml, type Answer, type Api, type Incoming } from './routing.ts';
import type { Rule, Rules } from './misbehaviour.ts';

export interface RequestCount {
  network: string;
  /** `POST /2/tweets`, with `:id` for what varies. */
  route: string;
  count: number;
}

export interface RunningServer {
  origin: string;
  port: number;
  close(): Promise<void>;
}

export interface ServerContext {
  clock: Clock;
  rules: Rules;
  /** Hears of every request. */
  count: (network: string, route: string) => void;
}

const badGateway = [
  '<html>',
  '<head><title>502 Bad Gateway</title></head>',
  '<body>',
  '<center><h1>502 Bad Gateway</h1></center>',
  '</body>',
  '</html>',
  '',
].join('\r\n');

interface Place {
  api: Api;
  host: string;
  port: number;
}

/** Throws a Refusal that names the port when it cannot be had. */
export async function startServer(context: ServerContext, place: Place): Promise<RunningServer> {
  const { api, host, port } = place;
  const server = createServer((request, response) => {
    const exchange = { ...context, api, isGuarded: isLoopback(host), response };
    void respond(exchange, request).catch(() => response.destroy());
  });
  await new Promise<void>((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => fail(toRefusal(error, place)));
    server.listen(port, host, done);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    origin: `http://${nameOf(host)}:${bound}`,
    port: bound,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** As it stands in an address. */
function nameOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function toRefusal(error: NodeJS.ErrnoException, { api, host, port }: Place): Refusal {
  const what = `The sandbox's ${api.name} server can't listen on port ${port} of ${host}`;
  if (error.code === 'EADDRINUSE')
    return new Refusal(
      `${what}: something else does. Stop that (another Dripline?). Only \`dripline sandbox\` ` +
        'can take other ports, with --port.',
    );
  if (error.code === 'EACCES')
    return new Refusal(`${what}: this user may not. Choose a port from 1024 up.`);
  return new Refusal(`${what}: ${error.message}. Choose another host or port.`);
}

const isLoopback = (host: string) => /^(127\.\d+\.\d+\.\d+|localhost|::1)$/.test(host);

/**
 * A page elsewhere could reach us under a name of its own (DNS rebinding): only loopback's names
 * are answered.
 */
function isForUs(header: string | undefined): boolean {
  return /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?$/i.test(header ?? '');
}

/** A request that is being answered. */
interface Exchange extends ServerContext {
  api: Api;
  isGuarded: boolean;
  response: ServerResponse;
}

async function respond(exchange: Exchange, request: IncomingMessage): Promise<void> {
  const { api, rules, count, isGuarded } = exchange;
  const url = new URL(request.url ?? '/', 'http://sandbox');
  const method = request.method ?? 'GET';
  const found = findRoute(api.routes, method === 'HEAD' ? 'GET' : method, url.pathname);
  if (isGuarded && !isForUs(request.headers.host))
    return send(exchange, toHtml(421, 'The sandbox answers on loopback alone.'));
  count(api.name, `${method} ${found?.route.path ?? url.pathname}`);
  const rule = rules.take(api.name, `${method} ${url.pathname}`);
  if (rule?.how === 'reset-midway') return cutMidway(request);
  const body = await readBody(request, found?.route.maxBody ?? api.maxBody);
  const incoming: Incoming = {
    method,
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: body ?? Buffer.alloc(0),
    origin: `http://${request.headers.host ?? ''}`,
    params: found?.params ?? {},
    ...pickDefined({ processing: processingOf(rule) }),
  };
  if (rule?.how === 'slow') await pause(rule.ms ?? 1000, request);
  if (rule && misbehaveBefore(exchange, rule)) return;
  const answer = body ? answerFor(api, incoming, found?.route.handle) : api.problems.tooLarge();
  if (!rule || !misbehaveAfter(exchange, rule, answer)) send(exchange, answer);
}

function processingOf(rule: Rule | undefined): Incoming['processing'] {
  if (rule?.how === 'processing-hangs') return 'hangs';
  return rule?.how === 'processing-fails' ? 'fails' : undefined;
}

/** After half of it has come; at its very end where no one knows how much there is. */
async function cutMidway(request: IncomingMessage): Promise<void> {
  const enough = Number(request.headers['content-length'] ?? Infinity) / 2;
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size >= enough) break;
  }
  request.socket.resetAndDestroy();
}

function answerFor(
  api: Api,
  incoming: Incoming,
  handle: ((request: Incoming) => Answer) | undefined,
): Answer {
  if (!handle) return api.problems.notFound(incoming);
  try {
    return handle(incoming);
  } catch (error) {
    return error instanceof Denied ? error.answer : api.problems.broken(error);
  }
}

/**
 * Undefined when there was more than the limit; the rest is read and thrown away, so that the
 * answer arrives.
 */
async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  }
  return size <= limit ? Buffer.concat(chunks) : undefined;
}

/** Ends early when the caller has gone: nothing waits for the answer then. */
function pause(ms: number, request: IncomingMessage): Promise<void> {
  return new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      request.socket.off('close', end);
      done();
    };
    const timer = setTimeout(end, ms);
    request.socket.once('close', end);
  });
}

function send({ clock, response }: Exchange, answer: Answer, dateShift = 0): void {
  const date = new Date(clock.now() + dateShift).toUTCString();
  response.writeHead(answer.status, {
    date,
    'content-length': String(answer.body.length),
    ...answer.headers,
  });
  response.end(answer.body);
}

/** True: the request is thereby done with. */
function misbehaveBefore(exchange: Exchange, { how }: Rule): boolean {
  const { api, response } = exchange;
  switch (how) {
    case 'hang':
      return true;
    case 'reset-before':
      response.socket?.resetAndDestroy();
      return true;
    case 'html-502':
      send(exchange, toHtml(502, badGateway));
      return true;
    case '429':
      send(exchange, api.problems.tooMany());
      return true;
    case '503':
      send(exchange, api.problems.unavailable());
      return true;
    case '413':
      send(exchange, api.problems.tooLarge());
      return true;
    default:
      return false;
  }
}

function misbehaveAfter(exchange: Exchange, { how, ms }: Rule, answer: Answer): boolean {
  const { api, response } = exchange;
  switch (how) {
    case 'hang-after-commit':
      return true;
    case 'reset-after-commit':
      response.socket?.resetAndDestroy();
      return true;
    case 'html-502-after-commit':
      send(exchange, toHtml(502, badGateway));
      return true;
    case 'html-200-after-commit':
      send(exchange, toHtml(200, '<html><body>Welcome back.</body></html>'));
      return true;
    case '503-after-commit':
      send(exchange, api.problems.unavailable());
      return true;
    case 'wrong-date':
      send(exchange, answer, ms ?? 3_600_000);
      return true;
    case 'truncate':
      sendHalf(response, answer);
      return true;
    default:
      return false;
  }
}

function sendHalf(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': String(body.length) });
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
}
