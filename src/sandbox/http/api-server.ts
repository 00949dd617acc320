import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
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

interface Context {
  clock: Clock;
  rules: Rules;
  /** Told of every request. */
  count: (network: string, route: string) => void;
}

const badGateway =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n';

/** Throws a Refusal that names the port when it can't be had. */
export async function startServer(
  context: Context,
  { api, host, port }: { api: Api; host: string; port: number },
): Promise<RunningServer> {
  const server = createServer((request, response) => {
    void respond(context, api, isLoopback(host), request, response).catch(() => response.destroy());
  });
  await new Promise<void>((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      fail(toRefusal(error, api.name, host, port)),
    );
    server.listen(port, host, done);
  });
  const bound = (server.address() as AddressInfo).port;
  const name =
    host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return {
    origin: `http://${name}:${bound}`,
    port: bound,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function toRefusal(
  error: NodeJS.ErrnoException,
  name: string,
  host: string,
  port: number,
): Refusal {
  const what = `The sandbox's ${name} server can't listen on port ${port} of ${host}`;
  if (error.code === 'EADDRINUSE')
    return new Refusal(
      `${what}: something else does. Stop that (another Dripline?), or choose other ports.`,
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

async function respond(
  context: Context,
  api: Api,
  isGuarded: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://sandbox');
  const method = request.method ?? 'GET';
  const found = findRoute(api.routes, method === 'HEAD' ? 'GET' : method, url.pathname);
  if (isGuarded && !isForUs(request.headers.host)) {
    send(context, response, toHtml(421, 'The sandbox answers on loopback alone.'));
    return;
  }
  const body = await readBody(request, api.maxBody);
  const incoming: Incoming = {
    method,
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: body ?? Buffer.alloc(0),
    origin: `http://${request.headers.host ?? ''}`,
    params: found?.params ?? {},
  };
  context.count(api.name, `${method} ${found?.route.path ?? url.pathname}`);
  const rule = context.rules.take(api.name, `${method} ${url.pathname}`);
  if (rule?.how === 'slow') await pause(rule.ms ?? 1000, request);
  if (rule && misbehaveBefore(context, api, rule, response)) return;
  const answer = body ? answerFor(api, incoming, found?.route.handle) : api.problems.tooLarge();
  if (!rule || !misbehaveAfter(context, api, rule, response, answer))
    send(context, response, answer);
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

/** Ends early when the caller has gone: nobody waits for the answer then. */
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

function send(context: Context, response: ServerResponse, answer: Answer, dateShift = 0): void {
  const date = new Date(context.clock.now() + dateShift).toUTCString();
  response.writeHead(answer.status, {
    date,
    'content-length': String(answer.body.length),
    ...answer.headers,
  });
  response.end(answer.body);
}

/** Whether the request is thereby done with. */
function misbehaveBefore(
  context: Context,
  api: Api,
  rule: Rule,
  response: ServerResponse,
): boolean {
  switch (rule.how) {
    case 'hang':
      return true;
    case 'reset-before':
      response.socket?.resetAndDestroy();
      return true;
    case 'html-502':
      send(context, response, toHtml(502, badGateway));
      return true;
    case '429':
      send(context, response, api.problems.tooMany());
      return true;
    case '503':
      send(context, response, api.problems.unavailable());
      return true;
    default:
      return false;
  }
}

function misbehaveAfter(
  context: Context,
  api: Api,
  rule: Rule,
  response: ServerResponse,
  answer: Answer,
): boolean {
  switch (rule.how) {
    case 'hang-after-commit':
      return true;
    case 'reset-after-commit':
      response.socket?.resetAndDestroy();
      return true;
    case 'html-502-after-commit':
      send(context, response, toHtml(502, badGateway));
      return true;
    case 'html-200-after-commit':
      send(context, response, toHtml(200, '<html><body>Welcome back.</body></html>'));
      return true;
    case '503-after-commit':
      send(context, response, api.problems.unavailable());
      return true;
    case 'wrong-date':
      send(context, response, answer, rule.ms ?? 3_600_000);
      return true;
    case 'truncate':
      response.writeHead(answer.status, {
        ...answer.headers,
        'content-length': String(answer.body.length),
      });
      response.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)), () =>
        response.socket?.destroy(),
      );
      return true;
    default:
      return false;
  }
}
