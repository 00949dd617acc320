import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * drop: after the peer has done the work. reset: before it hears of it. truncate: half of the
 * peer's answer. An object: answered in the peer's place.
 */
export type Fault =
  | 'drop'
  | 'reset'
  | 'hang'
  | 'hang-after'
  | 'truncate'
  | { status: number; headers?: Record<string, string>; body: string };

export interface FaultProxy extends AsyncDisposable {
  url: string;
  /** The n-th request (from 1, counted from now) whose `METHOD /path` matches meets this fault. */
  fail(pattern: RegExp, fault: Fault, nth?: number): void;
  /** `METHOD /path` of all requests so far. */
  asked: string[];
  /** What was said in JSON, in both directions. */
  exchanges: Exchange[];
}

export interface Exchange {
  line: string;
  request: unknown;
  answer: unknown;
}

/** Stands in front of a peer and breaks chosen requests. */
export async function openFaultProxy(peerUrl: string): Promise<FaultProxy> {
  const rules: { pattern: RegExp; fault: Fault; left: number }[] = [];
  const asked: string[] = [];
  const exchanges: Exchange[] = [];
  const server = createServer((incoming, outgoing) => {
    const line = `${incoming.method} ${incoming.url}`;
    asked.push(line);
    const fault = rules.find(
      (rule) => rule.left > 0 && rule.pattern.test(line) && --rule.left === 0,
    )?.fault;
    const note = (request: Buffer, answer: Buffer) =>
      void exchanges.push({ line, request: parse(request), answer: parse(answer) });
    void forward({ peer: new URL(peerUrl), fault, note }, incoming, outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    asked,
    exchanges,
    fail: (pattern, fault, nth = 1) => void rules.push({ pattern, fault, left: nth }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

interface Forwarding {
  peer: URL;
  fault: Fault | undefined;
  note: (request: Buffer, answer: Buffer) => void;
}

async function forward(
  { peer, fault, note }: Forwarding,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  if (fault === 'reset') return void incoming.socket.resetAndDestroy();
  if (fault === 'hang') return;
  if (typeof fault === 'object')
    return void outgoing.writeHead(fault.status, fault.headers ?? {}).end(fault.body);
  const body = Buffer.concat(chunks);
  const onward = request({
    host: peer.hostname,
    port: peer.port,
    method: incoming.method,
    path: incoming.url,
    headers: incoming.headers,
    agent: false,
  });
  onward.on('error', () => outgoing.destroy());
  onward.end(body);
  const [response] = (await once(onward, 'response')) as [IncomingMessage];
  const answer: Buffer[] = [];
  for await (const chunk of response) answer.push(chunk as Buffer);
  const whole = Buffer.concat(answer);
  note(body, whole);
  if (fault === 'drop') return void incoming.socket.destroy();
  if (fault === 'hang-after') return;
  const { 'transfer-encoding': _, ...headers } = response.headers;
  outgoing.writeHead(response.statusCode ?? 500, { ...headers, 'content-length': whole.length });
  if (fault !== 'truncate') return void outgoing.end(whole);
  outgoing.write(whole.subarray(0, whole.length / 2), () => incoming.socket.destroy());
}
