import { once } from 'node:events';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lengthOf } from '../../src/media/length-of.ts';
import { until } from '../flow/world.ts';
import { type Opened, openDoorWorld } from './door-kit.ts';
import { addHello, openPageContext, showPage } from './page-kit.ts';

const fixture = (name: string) => join(import.meta.dirname, '../fixtures', name);
const clip = readFileSync(fixture('clip.mp4'));

let opened: Opened;
beforeAll(async () => {
  opened = await openDoorWorld({
    'posts/film.md': '---\nmedia: [{ src: clip.mp4, alt: A }]\n---\nFilm',
    'posts/clip.mp4': clip,
    'posts/loop.md': '---\nmedia: [{ src: loop.gif, alt: B }]\n---\nLoop',
    'posts/loop.gif': readFileSync(fixture('loop.gif')),
  });
  for (const id of ['film', 'loop'])
    await until(`${id} is stored`, () => opened.context.store.findPost(id));
});
afterAll(() => opened[Symbol.asyncDispose]());

const ask = (url: string, range?: string, method = 'GET') =>
  fetch(url, { method, headers: range === undefined ? {} : { range } });

test('a video is served by its first bytes, whole or in the range that a player asks for', async () => {
  await using web = await opened.open();
  const url = `${web.url}/media/film/0`;
  const whole = await ask(url);
  expect(whole.status).toBe(200);
  expect(Object.fromEntries(whole.headers)).toMatchObject({
    'content-type': 'video/mp4',
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
  });
  expect(Buffer.from(await whole.arrayBuffer()).equals(clip)).toBe(true);
  const last = clip.length - 1;
  for (const [range, from, to] of [
    ['bytes=0-', 0, last],
    ['bytes=100-199', 100, 199],
    [`bytes=${last}-${last + 500}`, last, last],
    ['bytes=-7', clip.length - 7, last],
    ['bytes=-999999', 0, last],
  ] as const) {
    const part = await ask(url, range);
    expect([range, part.status, part.headers.get('content-range')]).toEqual([
      range,
      206,
      `bytes ${from}-${to}/${clip.length}`,
    ]);
    expect(Buffer.from(await part.arrayBuffer()).equals(clip.subarray(from, to + 1))).toBe(true);
  }
  for (const range of ['bytes=5-1', 'bytes=0-1,5-6', 'bytes=-', 'lines=1-2', 'bytes=a-b'])
    expect([range, (await ask(url, range)).status]).toEqual([range, 200]);
  for (const range of [`bytes=${clip.length}-`, 'bytes=-0', 'bytes=999999999999-']) {
    const beyond = await ask(url, range);
    expect([range, beyond.status, beyond.headers.get('content-range')]).toEqual([
      range,
      416,
      `bytes */${clip.length}`,
    ]);
  }
  const head = await ask(url, undefined, 'HEAD');
  expect([head.status, head.headers.get('content-length')]).toEqual([200, `${clip.length}`]);
  expect((await ask(`${web.url}/media/loop/0`)).headers.get('content-type')).toBe('image/gif');
});

test('half a gigabyte is never in memory: who stops looking stops the reading', async () => {
  const { store, ...rest } = opened.context;
  const stored = await store.findPost('film');
  if (!stored) throw new Error('there is no film');
  const file = join(opened.world.folder, 'large.mp4');
  writeFileSync(file, clip);
  truncateSync(file, 512 * 1024 * 1024);
  const media = [{ src: 'large.mp4', file, alt: '' }];
  const context = {
    ...rest,
    store: { ...store, findPost: async () => ({ ...stored, post: { ...stored.post, media } }) },
  };
  Object.assign(opened.context, context);
  await using web = await opened.open();
  try {
    const before = process.memoryUsage().rss;
    const [response] = await once(get(`${web.url}/media/film/0`), 'response');
    await once(response, 'readable');
    const grown = process.memoryUsage().rss - before;
    response.destroy();
    expect(Number(response.headers['content-length'])).toBe(statSync(file).size);
    expect(grown).toBeLessThan(128 * 1024 * 1024);
    const tail = await ask(`${web.url}/media/film/0`, 'bytes=-10');
    expect((await tail.arrayBuffer()).byteLength).toBe(10);
  } finally {
    Object.assign(opened.context, { store });
  }
});

test('a post shows its video in a player that waits, a GIF as a picture, both with their length', async () => {
  await using context = await openPageContext();
  const shown = { ...context, lengthOf };
  const src = 'clip.mp4';
  await addHello(context, {
    media: [{ src, file: fixture(src), alt: 'A drop falls', moves: 'video' }],
  });
  const { body } = await showPage(shown, '/posts/hello');
  expect(body).toMatch(
    /<video\s+src="\/media\/hello\/0"\s+aria-label="A drop falls"\s+controls\s+playsinline\s+preload="metadata"/,
  );
  expect(body).not.toContain('autoplay');
  expect(body).toMatch(/Video, 0:0\d/);
  expect(body).toContain('<b>ALT</b> A drop falls');
  for (const path of ['/', '/queue', '/calendar'])
    expect([path, (await showPage(shown, path)).body]).toEqual([
      path,
      expect.stringContaining('<span class="moving">Video</span>'),
    ]);
});

test('an animated GIF is an image, without a file its length is left out', async () => {
  await using context = await openPageContext();
  await addHello(context, {
    media: [{ src: 'loop.gif', file: fixture('loop.gif'), alt: 'Round', moves: 'gif' }],
  });
  const { body } = await showPage({ ...context, lengthOf }, '/posts/hello');
  expect(body).toMatch(/<img\s+src="\/media\/hello\/0"\s+alt="Round"/);
  expect(body).toMatch(/Animated GIF, 0:0\d/);
  expect(await lengthOf({ file: '/nowhere.mp4', moves: 'video' })).toBeUndefined();
  expect(await lengthOf({ file: import.meta.filename, moves: 'video' })).toBeUndefined();
});
