import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { openPostFilesOf } from '../../src/app/open-parts.ts';
import { until } from '../flow/world.ts';
import { openBrowser, openDoorWorld, withoutWaits } from './door-kit.ts';

const password = 'correct horse battery';

/** A connection that says `words`, and keeps what it hears. */
async function say(url: string, words: string) {
  const { port } = new URL(url);
  const socket: Socket = connect(Number(port), '127.0.0.1');
  const one = { socket, heard: '', isOver: false };
  socket
    .setEncoding('utf8')
    .on('data', (text: string) => {
      one.heard += text;
    })
    .on('error', () => undefined)
    .on('close', () => {
      one.isOver = true;
    });
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  if (!socket.destroyed) socket.write(words);
  return one;
}

const head = 'POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\n';
const form = 'Content-Type: application/x-www-form-urlencoded\r\n';

test.each([
  ['a head that does not end', { headersTimeout: 200 }, head],
  ['a line that does not end', { headersTimeout: 200 }, 'GET /login'],
  ['nothing at all', { headersTimeout: 200 }, ''],
  [
    'a body that does not end',
    { headersTimeout: 200, requestTimeout: 400 },
    `${head}${form}Content-Length: 60000\r\n\r\ncsrf=`,
  ],
  [
    'a chunk that does not end',
    { headersTimeout: 200, requestTimeout: 400 },
    `${head}${form}Transfer-Encoding: chunked\r\n\r\nff\r\ncsrf=`,
  ],
])('%s is ended, and is no trouble of the service', async (_, limits, words) => {
  const warnings: string[] = [];
  await using opened = await openDoorWorld();
  await using web = await opened.open({
    password,
    limits: { connectionsCheckingInterval: 50, ...limits },
    warn: (text) => void warnings.push(text),
  });
  const silent = await Promise.all(Array.from({ length: 20 }, () => say(web.url, words)));
  await until('all are ended', () => silent.every(({ isOver }) => isOver));
  for (const { heard } of silent) expect(heard).toMatch(/^(?:HTTP\/1\.1 408 |$)/);
  expect((await web.browser.get('/healthz')).status).toBe(200);
  expect(warnings).toEqual([]);
});

test('more connections than the limit are refused, and their end makes room', async () => {
  await using opened = await openDoorWorld();
  await using web = await opened.open({ password, limits: { maxConnections: 10 } });
  const kept = await Promise.all(Array.from({ length: 10 }, () => say(web.url, 'GET /healthz')));
  const more = await Promise.all(Array.from({ length: 10 }, () => say(web.url, 'GET /healthz')));
  await until('the others are refused', () => more.every(({ isOver }) => isOver));
  expect(kept.filter(({ isOver }) => isOver)).toEqual([]);
  for (const { socket } of kept) socket.destroy();
  await until('there is room', () =>
    web.browser.get('/healthz').then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
});

test.each([
  ['a form of the login', '/login', form, 'csrf='],
  ['a form of a button', '/do/pause', form, 'csrf='],
  ['logging out', '/logout', form, 'csrf='],
  ['no form at all', '/login', 'Content-Type: application/json\r\n', '{'],
  ['a page that takes none', '/queue', form, 'a='],
])('a body that is broken off (%s) writes nothing to the log', async (_, path, type, begun) => {
  const warnings: string[] = [];
  await using opened = await openDoorWorld();
  await using locked = await opened.open({ password, warn: (text) => void warnings.push(text) });
  await using open = await opened.open({ warn: (text) => void warnings.push(text) });
  for (const { url } of [locked, open]) {
    const cut = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${type}`;
    for (const length of [
      'Content-Length: 60000\r\n\r\n',
      'Transfer-Encoding: chunked\r\n\r\n9\r\n',
    ]) {
      const all = await Promise.all(
        Array.from({ length: 30 }, () => say(url, `${cut}${length}${begun}`)),
      );
      // What was written before is there as soon as a later request is answered.
      expect((await openBrowser(url).get('/healthz')).status).toBe(200);
      for (const [i, { socket }] of all.entries())
        if (i % 2) socket.destroy();
        else socket.resetAndDestroy();
      await until('all are over', () => all.every(({ isOver }) => isOver));
    }
    expect((await openBrowser(url).get('/healthz')).status).toBe(200);
  }
  expect(warnings).toEqual([]);
});

test('a login whose sender does not wait for the answer leaves the queue', async () => {
  await using opened = await openDoorWorld();
  const limits = { turnEvery: 1000_000 };
  await using web = await opened.open(
    { password, trustedProxies: ['127.0.0.1'], limits },
    withoutWaits(opened.context.clock),
  );
  const csrf = await web.browser.token('/login');
  const cookie = [...web.browser.cookies].map((pair) => pair.join('=')).join('; ');
  const body = new URLSearchParams({ password: 'wrong', csrf }).toString();
  const logIn = (from: string) =>
    say(
      web.url,
      `${head}X-Forwarded-For: ${from}\r\nCookie: ${cookie}\r\n${form}` +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    );
  const answerOf = async (one: Awaited<ReturnType<typeof logIn>>) =>
    until('an answer', () => /^HTTP\/1\.1 (\d+)/.exec(one.heard)?.[1]);
  // Three tries are free, the fourth has the first turn, and three more wait.
  for (const from of ['10.0.0.1', '10.0.0.2'])
    for (let i = 0; i < 3; i++) expect(await answerOf(await logIn(from))).toBe('401');
  expect(await answerOf(await logIn('10.0.0.1'))).toBe('401');
  const going = await Promise.all([1, 2, 3].map(() => logIn('10.0.0.1')));
  await Promise.all([1, 2, 3].map(() => logIn('10.0.0.2')));
  const places = async () => {
    const one = await logIn('10.0.0.2');
    expect(await answerOf(one)).toBe('429');
    return Number(/retry-after: (\d+)/i.exec(one.heard)?.[1]) / 1000;
  };
  await until('six wait', async () => (await places()) === 6);
  for (const { socket } of going) socket.destroy();
  await until('three wait', async () => (await places()) === 3);
});

test('a large file may take longer than a request, as long as some of it comes', async () => {
  await using opened = await openDoorWorld();
  opened.context.openFiles = () => openPostFilesOf(opened.world.config);
  await using web = await opened.open({ limits: { headersTimeout: 200, requestTimeout: 400 } });
  const csrf = await web.browser.token('/write');
  const cookie = [...web.browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const part = (name: string) => `--b\r\nContent-Disposition: form-data; name="${name}"`;
  const start = `${part('csrf')}\r\n\r\n${csrf}\r\n${part('picture')}; filename="a.png"\r\n\r\n`;
  const pieces = [start, ...Array<string>(15).fill('x'.repeat(1000)), '\r\n--b--\r\n'];
  const length = Buffer.byteLength(pieces.join(''));
  const begin = (path: string) =>
    say(
      web.url,
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: ${cookie}\r\nConnection: close\r\n` +
        `Content-Type: multipart/form-data; boundary=b\r\nContent-Length: ${length}\r\n\r\n`,
    );
  const [slow, stalled, other] = await Promise.all([
    begin('/write/picture'),
    begin('/write/picture'),
    begin('/write'),
  ]);
  stalled.socket.write(start);
  const timer = setInterval(() => {
    const piece = pieces.shift();
    if (piece !== undefined) slow.socket.write(piece);
  }, 60);
  await until('all have ended', () => slow.isOver && stalled.isOver && other.isOver);
  clearInterval(timer);
  expect(slow.heard).toContain('a.png is not a supported image format');
  for (const { heard } of [stalled, other]) expect(heard).not.toContain('supported');
});
