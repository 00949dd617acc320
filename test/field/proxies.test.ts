import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type ChatSettings, openChats } from '../../src/chat/open-chats.ts';
import { openEnvironment } from '../../src/config/environment.ts';
import { readConfig } from '../../src/config/load.ts';
import type { XAccount } from '../../src/core/network/account.ts';
import { guardedGet } from '../../src/io/guarded-get.ts';
import { callAgentFor, proxyAgentFor, useProxies } from '../../src/io/outgoing-proxy.ts';
import { openScrubber } from '../../src/io/scrub.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import { until } from '../flow/world.ts';
import { withX } from '../../src/networks/x/client.ts';

const closing: (() => unknown)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

/** What each API may say at first; a socket is then opened at the address in it. */
const anyAnswer = {
  data: { id: '1' },
  ok: true,
  result: { id: 1, username: 'drip_bot' },
  url: 'ws://socket.invalid/x',
  shards: 1,
  session_start_limit: { total: 9, remaining: 9, reset_after: 0, max_concurrency: 1 },
};

/** Knows every host: a tunnel ends at this server itself. */
async function openProxy(): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    asked.push(`${request.method} ${request.headers.host}`);
    response.setHeader('content-type', 'application/json').end(JSON.stringify(anyAnswer));
  });
  server.on('upgrade', ({ headers }: IncomingMessage, socket: Socket) => {
    asked.push(`upgrade ${headers.host}`);
    socket.destroy();
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

const ids = { token: 'MTIzNDU2Nzg5MDEyMzQ1Njc4.GxxxxX.abc', application: '1', allow: ['1'] };
const chats: [string, (apiUrl: string) => ChatSettings][] = [
  ['telegram', (apiRoot) => ({ telegram: { token: '1:a', allow: [1], channel: 1, apiRoot } })],
  ['slack', (apiUrl) => ({ slack: { ...slackTokens, allow: ['U1'], channel: 'C1', apiUrl } })],
  ['discord', (apiUrl) => ({ discord: { ...ids, channel: '1', apiUrl } })],
  ['webhook', (url) => ({ webhook: { url, format: 'json' } })],
];
const slackTokens = { appToken: 'xapp-1', botToken: 'xoxb-1' };
const notice = { title: 'A notice', text: 'It says so.', entries: [], isUrgent: false };

async function openChat(settings: ChatSettings) {
  const store = openMemoryStore();
  const context = { store, clock, settings: { zone: 'UTC', accounts: [] }, version: 'test' };
  const log = { info: () => undefined, warn: () => undefined };
  const parts = {
    agentFor: callAgentFor,
    store,
    clock,
    log,
    worker: 'me',
    isAlone: true,
    context,
    images: {},
  };
  const surface = await openChats(parts as never, settings);
  return { surface, close: async () => (await surface[Symbol.asyncDispose](), store) };
}

test.each(chats.flatMap(([name, of]) => ['http', 'https'].map((how) => ({ name, of, how }))))(
  '$name listens and sends notices by $how through the proxy, its socket too',
  async ({ name, of, how }) => {
    const { asked } = await openProxy();
    const chat = await openChat(of(`${how}://${name}.invalid`));
    const saw = (text: string) =>
      until(`the proxy is asked for ${text}`, () => asked.some((line) => line.includes(text)));
    if (name !== 'webhook') await saw(`${name}.invalid`);
    const hasSocket = name === 'slack' && how === 'http';
    const socket = hasSocket ? saw('upgrade socket.invalid') : undefined;
    await socket;
    asked.splice(0);
    const sending = new AbortController();
    const sent = chat.surface.channels.map((one) => one.send(notice, sending.signal));
    for (const one of sent) one.catch(() => undefined);
    await saw(`${name}.invalid`);
    sending.abort();
    await chat.close();
  },
);

test('the password of a proxy is a secret, in each way of writing it', () => {
  for (const url of ['http://me:pa55w0rd@p.invalid:3128', 'http://me:pa55%40word@p.invalid']) {
    const environment = openEnvironment('/nowhere', { HTTPS_PROXY: url, http_proxy: url });
    const config = readConfig('{}', 'the file', { folder: '/nowhere', environment });
    const scrub = openScrubber(config.secrets);
    const told = scrub(`Failed to establish a tunnel via ${url}`);
    expect(told).not.toMatch(/pa55/);
  }
});
