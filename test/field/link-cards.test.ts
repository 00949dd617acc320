import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { guardedGet } from '../../src/io/guarded-get.ts';
import { fetchCard } from '../../src/networks/bluesky/card.ts';

const head = '<title>Plain</title><meta property="og:title" content="A title">';

async function cardOf(body: string, type = 'text/html') {
  const server = createServer(({ url }, response) => {
    response.writeHead(url === '/gone' ? 404 : 200, { 'content-type': type });
    response.end(url === '/there' ? `<head>${head}` : body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const get: typeof guardedGet = (url, options) =>
      guardedGet(url, { ...options, allowLoopback: true });
    const signal = AbortSignal.timeout(60_000);
    return await fetchCard(`http://127.0.0.1:${port}/`, { guardedGet: get }, signal);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test.each([
  ['a page of 3 MiB', `<head>${head}</head><body>${'<p>words</p>'.repeat(262_144)}`],
  ['a page whose head is never closed', `<head>${head}${'<p>words</p>'.repeat(1000)}`],
  ['a page with its tags behind the head', `<head></head><body>${head}<p>words`],
])('the card of %s has its title', async (_, page) => {
  expect(await cardOf(page)).toMatchObject({ title: 'A title' });
});

test.each([
  ['&amp;#8220;Hi&amp;#8221; &amp;amp; more', '“Hi” & more'],
  ['&#8220;Hi&#8221;', '“Hi”'],
  ['R&amp;D', 'R&D'],
  ['1 &lt; 2 &amp;lt;b>', '1 < 2 <b>'],
  ['AT&T', 'AT&T'],
])('a title written as %s is shown as %s', async (written, shown) => {
  expect(await cardOf(`<meta property="og:title" content="${written}">`)).toMatchObject({
    title: shown,
  });
  expect(await cardOf(`<title>${written}</title>`)).toMatchObject({ title: shown });
});

test.each([
  ['0; url=/there', 'A title'],
  ["1;URL='/there'", 'A title'],
  ['3 , /there', 'A title'],
  ['300; url=/there', 'Redirecting'],
  ['30', 'Redirecting'],
])('a page that leads on with "%s" has the card of %s', async (content, title) => {
  const page = `<meta http-equiv="refresh" content="${content}"><title>Redirecting</title>`;
  expect(await cardOf(page)).toMatchObject({ title });
});

test('a page that leads to itself or to nothing has a card with its host', async () => {
  const refresh = (to: string) =>
    `<meta http-equiv="Refresh" content="0; url=${to}"><title>x</title>`;
  expect(await cardOf(refresh('/?a'))).toMatchObject({ title: 'x' });
  expect((await cardOf(refresh('/gone'))).title).toMatch(/^127\.0\.0\.1/);
});
