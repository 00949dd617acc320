import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { XAccount } from '../../src/core/network/account.ts';
import { guardedGet } from '../../src/io/guarded-get.ts';
import { proxyAgentFor, useProxies } from '../../src/io/outgoing-proxy.ts';
import { withX } from '../../src/networks/x/client.ts';

const closing: (() => unknown)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

/** Knows every host: a tunnel ends at this server itself. */
async function openProxy(): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    asked.push(`${request.method} ${request.headers.host}`);
    response.setHeader('content-type', 'application/json').end('{"data":{"id":"1"}}');
  });
  server.on('connect', ({ url = '' }: IncomingMessage, socket: Socket) => {
    asked.push(`CONNECT ${url}`);
    const far = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => far.destroy());
    far.on('error', () => socket.destroy());
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    socket.pipe(far).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  closing.push(() => (server.closeAllConnections(), server.close()));
  closing.push(
    useProxies({ HTTPS_PROXY: url, HTTP_PROXY: url, NO_PROXY: 'own.invalid,.in.invalid:80' }),
  );
  return { url, asked };
}

const account = {
  name: 'x',
  network: 'x',
  appKey: 'a',
  appSecret: 'b',
  accessToken: 'c',
  accessSecret: 'd',
} as XAccount;
const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const askX = (baseUrl: string) =>
  withX(
    { account: { ...account, baseUrl }, clock, timeoutFor: 5000 },
    { signal: AbortSignal.timeout(5000) },
    (client) => client.v2.me(),
  );

test.each(['https', 'http'])(
  'a host that the proxy alone knows is reached by %s through it',
  async (scheme) => {
    const { asked } = await openProxy();
    const asking: [string, (url: string) => Promise<unknown>][] = [
      ['fetch', (url) => fetch(url)],
      ['guarded', (url) => guardedGet(url)],
      ['x', askX],
    ];
    for (const [name, ask] of asking) {
      // By https the tunnel ends at a server that speaks no TLS: that it was asked for is enough.
      await ask(`${scheme}://${name}.invalid`).catch(() => undefined);
      expect([name, asked.some((line) => line.includes(`${name}.invalid`))]).toEqual([name, true]);
    }
  },
);

test('NO_PROXY, addresses and this machine are reached directly', async () => {
  await openProxy();
  for (const [url, isProxied] of [
    ['https://own.invalid/', false],
    ['https://sub.own.invalid/', false],
    ['https://notown.invalid/', true],
    ['http://a.in.invalid/', false],
    ['https://a.in.invalid/', true],
    ['https://10.0.0.1/', false],
    ['https://[::1]/', false],
    ['https://localhost/', false],
    ['https://example.invalid/', true],
  ] as const)
    expect([url, proxyAgentFor(new URL(url)) !== undefined]).toEqual([url, isProxied]);
  await expect(guardedGet('http://127.0.0.1:9/')).rejects.toMatchObject({ kind: 'forbidden' });
});
