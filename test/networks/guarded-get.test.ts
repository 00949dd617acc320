import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { guardedGet } from '../../src/io/guarded-get.ts';

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

async function serve(
  listener: RequestListener,
): Promise<{ port: number; url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.on('error', () => {});
    listener(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}`, asked };
}

const loop = { allowLoopback: true };
const kindOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'answered',
    (error: { kind: string }) => error.kind,
  );

test('refuses this machine and its network in every spelling', async () => {
  const { port, asked } = await serve((_, response) => response.end('secret'));
  const hosts = [
    '127.0.0.1',
    'localhost',
    '0.0.0.0',
    '2130706433',
    '0x7f.1',
    '127.1',
    '0177.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::]',
    '10.0.0.1',
    '192.168.1.1',
    '169.254.169.254',
  ];
  for (const host of hosts)
    expect([
      host,
      await kindOf(guardedGet(`http://${host}:${port}/`, { timeoutFor: 3000 })),
    ]).toEqual([host, 'forbidden']);
  expect(asked).toEqual([]);
});

test('refuses schemes that are not the web, and what is no address', async () => {
  for (const url of ['file:///etc/passwd', 'ftp://example.com/', 'data:text/plain,x', 'nonsense'])
    expect(await kindOf(guardedGet(url))).toBe('forbidden');
});

test('checks where a redirect leads', async () => {
  const hidden = await serve((_, response) => response.end('secret'));
  const open = await serve((request, response) =>
    response
      .writeHead(302, {
        location: request.url === '/file' ? 'file:///etc/passwd' : `http://0.0.0.0:${hidden.port}/`,
      })
      .end(),
  );
  // 0.0.0.0 is not in the list of loopback addresses: even where loopback is allowed the redirect
  // to it is not.
  expect(await kindOf(guardedGet(open.url, loop))).toBe('forbidden');
  expect(await kindOf(guardedGet(`${open.url}/file`, loop))).toBe('forbidden');
  expect(hidden.asked).toEqual([]);
});

test('follows five redirects and not a sixth', async () => {
  const { url } = await serve((request, response) => {
    const left = Number(request.url?.slice(1));
    if (left > 0) response.writeHead(301, { location: `/${left - 1}` }).end();
    else response.end('there');
  });
  expect((await guardedGet(`${url}/5`, loop)).body.toString()).toBe('there');
  expect((await guardedGet(`${url}/5`, loop)).url).toBe(`${url}/0`);
  expect(await kindOf(guardedGet(`${url}/6`, loop))).toBe('redirects');
});

test('stops an endless body', async () => {
  const { url } = await serve((_, response) => {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
    };
    response.on('drain', more);
    more();
  });
  expect(await kindOf(guardedGet(url, loop))).toBe('too-large');
});

test('stops a compressed bomb at its size after decompression', async () => {
  const { url } = await serve((_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000))),
  );
  expect(await kindOf(guardedGet(url, loop))).toBe('too-large');
});

test('stops a body that trickles, and an answer that never comes', async () => {
  const { url } = await serve((request, response) => {
    if (request.url === '/silent') return;
    const timer = setInterval(() => response.write('.'), 20);
    response.on('close', () => clearInterval(timer));
  });
  expect(await kindOf(guardedGet(url, { ...loop, timeoutFor: 200 }))).toBe('timeout');
  expect(await kindOf(guardedGet(`${url}/silent`, { ...loop, timeoutFor: 100 }))).toBe('timeout');
});

test('is stopped by its signal', async () => {
  const stop = new AbortController();
  const { url } = await serve(() => stop.abort());
  expect(await kindOf(guardedGet(url, { ...loop, signal: stop.signal }))).toBe('aborted');
});

test('reads gzip, deflate and br, and says where a stream is broken', async () => {
  const bodies: Record<string, Buffer> = {
    gzip: gzipSync('text'),
    deflate: deflateSync('text'),
    br: brotliCompressSync('text'),
    broken: Buffer.from('no gzip'),
  };
  const { url } = await serve((request, response) => {
    const encoding = request.url?.slice(1) ?? '';
    response
      .writeHead(200, { 'content-encoding': encoding === 'broken' ? 'gzip' : encoding })
      .end(bodies[encoding]);
  });
  for (const encoding of ['gzip', 'deflate', 'br'])
    expect((await guardedGet(`${url}/${encoding}`, loop)).body.toString()).toBe('text');
  expect(await kindOf(guardedGet(`${url}/broken`, loop))).toBe('network');
});

test('tells what was not modified, hands on headers, and refuses another content type', async () => {
  const { url } = await serve((request, response) => {
    if (request.headers['if-none-match'] === '"1"') response.writeHead(304, { etag: '"1"' }).end();
    else response.writeHead(200, { 'content-type': 'application/pdf' }).end('x');
  });
  const answer = await guardedGet(url, { ...loop, headers: { 'if-none-match': '"1"' } });
  expect(answer).toMatchObject({ status: 304, notModified: true, headers: { etag: '"1"' } });
  expect(await kindOf(guardedGet(url, { ...loop, accept: ['text/html'] }))).toBe('type');
});

test('says so when nobody listens', async () => {
  const { url } = await serve(() => {});
  closing.splice(0).forEach((close) => close());
  expect(await kindOf(guardedGet(url, loop))).toBe('network');
});
