import { createHash } from 'node:crypto';
import { readdir, readFile, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { makeFeed, noFeed } from './feed-kit.ts';
import { rss } from './web.ts';

const png = await sharp({ create: { width: 30, height: 20, channels: 3, background: 'teal' } })
  .png()
  .toBuffer();
const gif = await sharp({ create: { width: 30, height: 20, channels: 3, background: 'teal' } })
  .gif()
  .toBuffer();

test('pictures of items are kept by content, with the description that the feed has', async () => {
  await using feed = await makeFeed(
    rss([
      {
        title: 'Described',
        guid: '4',
        more: '<media:content url="/a.png" medium="image"><media:description>A teal field</media:description></media:content>',
      },
      {
        title: 'In the text',
        guid: '3',
        more: '<enclosure url="/a.png" type="image/png" length="1"/><content:encoded>&lt;img src="/a.png" alt="Teal, all over"&gt;</content:encoded>',
      },
      {
        title: 'By its title',
        guid: '2',
        more: '<media:group><media:content url="/b.bin" type="image/png"/></media:group>',
      },
      { title: 'A film', guid: '1', more: '<enclosure url="/film.mp4" type="video/mp4"/>' },
    ]),
  );
  feed.files = { '/a.png': { body: png }, '/b.bin': { body: png } };
  feed.state = { ...noFeed, isKnown: true };
  const { posts } = await feed.look();
  expect(posts.map(({ media }) => media.map(({ alt }) => alt))).toEqual([
    [],
    ['By its title'],
    ['Teal, all over'],
    ['A teal field'],
  ]);
  const sha = createHash('sha256').update(png).digest('hex');
  expect(await readdir(join(feed.folder, 'feed-media'))).toEqual([`${sha}.png`]);
  expect(await readFile(posts[1]?.media[0]?.file ?? '')).toEqual(png);
});

test('a picture that is fetched again counts from then on', async () => {
  const item = (guid: string) => ({
    title: guid,
    guid,
    more: '<enclosure url="/a.png" type="image/png" length="1"/>',
  });
  await using feed = await makeFeed(rss([item('1')]));
  feed.files = { '/a.png': { body: png } };
  feed.state = { ...noFeed, isKnown: true };
  const file = (await feed.look()).posts[0]?.media[0]?.file ?? '';
  await utimes(file, 1000, 1000);
  feed.answer = { ...feed.answer, body: rss([item('2'), item('1')]) };
  const since = Date.now() - 60_000;
  expect((await feed.look()).posts.map(({ media }) => media[0]?.file)).toEqual([file]);
  expect((await stat(file)).mtimeMs).toBeGreaterThan(since);
});

test('a picture that is none, too large, moving or gone is left out, and the item goes out', async () => {
  await using feed = await makeFeed(
    rss(
      ['/page', '/large', '/gone', '/moving', 'http://10.0.0.1/x', 'nonsense:'].map((url) => ({
        title: url,
        guid: url,
        more: `<enclosure url="${url}" type="image/png" length="1"/>`,
      })),
    ),
  );
  feed.files = {
    '/page': { body: '<html>' },
    '/large': { body: Buffer.concat([png, Buffer.alloc(11 * 1024 * 1024)]) },
    '/gone': { status: 404, body: png },
    '/moving': { body: gif },
  };
  feed.state = { ...noFeed, isKnown: true };
  const { posts, state } = await feed.look();
  expect(state.error).toBeUndefined();
  expect(posts).toHaveLength(6);
  expect(posts.flatMap(({ media }) => media)).toEqual([]);
});
