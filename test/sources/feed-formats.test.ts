import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { postsOf, start } from './feed-kit.ts';
import { rss } from './web.ts';

const item = {
  title: 'Hello',
  link: 'https://example.com/hello',
  guid: 'g1',
  date: 'Mon, 23 Nov 2026 10:00:00 GMT',
};

test('an RSS item becomes a post with its link, its date and an id of its own', async () => {
  const { posts, url } = await postsOf(rss([item], '<language>en-us</language>'), {
    rules: { queue: 'blog', perDay: 2, networks: ['x'], campaign: 'spring', approval: true },
  });
  const digest = createHash('sha256').update(`${url}/blog/feed.xml`).update('g1').digest('hex');
  const id = `feed-hello-${digest.slice(0, 8)}`;
  expect(posts).toEqual([
    {
      id,
      source: `${url}/blog/feed.xml`,
      file: item.link,
      hash: expect.stringMatching(/^[\da-f]{64}$/),
      order: `feed:2026-11-23T10:00:00Z 00000 ${id}`,
      draft: false,
      weight: 0,
      approval: true,
      hashtags: [],
      card: true,
      media: [],
      thread: 'manual',
      parts: ['Hello'],
      overrides: {},
      followUps: [],
      params: {},
      title: 'Hello',
      link: item.link,
      lang: 'en-us',
      queue: 'blog',
      networks: ['x'],
      campaign: 'spring',
      feedPerDay: 2,
    },
  ]);
});

test('RSS without a version, RSS 0.91 and RDF are read', async () => {
  expect(
    (await postsOf(rss([item]).replace(' version="2.0"', ''))).posts.map(({ parts }) => parts),
  ).toEqual([['Hello']]);
  expect((await postsOf(rss([item]).replace('2.0', '0.91'))).posts).toHaveLength(1);
  expect((await postsOf(rss([item]).replace('2.0', '1.0'))).posts).toHaveLength(1);
  const rdf = `<rdf:RDF
      xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
      xmlns="http://purl.org/rss/1.0/"
      xmlns:dc="http://purl.org/dc/elements/1.1/">
    <channel rdf:about="https://example.com/"><title>Old</title></channel>
    <item rdf:about="https://example.com/a">
      <title>From RDF</title>
      <link>https://example.com/a</link>
      <dc:date>2026-11-20T09:00:00+01:00</dc:date>
      <dc:creator>Ada</dc:creator>
    </item></rdf:RDF>`;
  const { posts } = await postsOf(rdf, { rules: { template: '{{title}} by {{author}} {{link}}' } });
  expect(posts[0]).toMatchObject({
    parts: ['From RDF by Ada'],
    link: 'https://example.com/a',
    order: expect.stringContaining('2026-11-20T08:00:00Z'),
  });
});

test('Atom is read: relations of links, bases of addresses, XHTML in its order, a date that is no date', async () => {
  const xhtml = '<div xmlns="http://www.w3.org/1999/xhtml">One <b>two</b> three</div>';
  const attributes = 'xml:lang="de" xml:base="https://example.com/blog/"';
  const atom = `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" ${attributes}>
    <entry>
      <id>tag:1</id>
      <title type="html">Fish &amp;amp; &lt;b&gt;chips&lt;/b&gt;</title>
      <link rel="self" href="self"/><link href="posts/1"/>
      <updated>2026-11-22T10:00:00Z</updated>
      <author><name>Grace</name></author>
      <content type="xhtml">${xhtml}</content>
    </entry>
    <entry>
      <id>tag:2</id><title>Second</title><link rel="alternate" href="/2"/>
      <published>soon</published><summary>Short</summary>
    </entry></feed>`;
  const { posts } = await postsOf(atom, {
    rules: { template: '{{title}} | {{summary}} | {{author}}\n{{link}}' },
  });
  expect(posts.map(({ parts, link, lang }) => ({ parts, link, lang }))).toEqual([
    { parts: ['Second | Short'], link: 'https://example.com/2', lang: 'de' },
    {
      parts: ['Fish & chips | One two three | Grace'],
      link: 'https://example.com/blog/posts/1',
      lang: 'de',
    },
  ]);
});

test('JSON Feed is read, and other JSON is told apart', async () => {
  const json = JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title: 'J',
    language: 'fr',
    authors: [{ name: 'Marie' }],
    items: [
      {
        id: 2,
        url: '/two',
        title: 'Two',
        content_html: '<p>Hi <i>there</i></p>',
        date_published: '2026-11-02T00:00:00Z',
      },
      {
        id: '1',
        external_url: 'https://example.com/1',
        content_text: 'A note without a title',
        date_published: '2026-11-01T00:00:00Z',
      },
    ],
  });
  const { posts, url } = await postsOf(json, {
    rules: { template: '{{title}} {{summary}} ({{author}}) {{link}}' },
  });
  expect(posts.map(({ parts, link }) => ({ parts, link }))).toEqual([
    { parts: ['A note without a title (Marie)'], link: 'https://example.com/1' },
    { parts: ['Two Hi there (Marie)'], link: `${url}/two` },
  ]);
  expect((await postsOf('{"items":[]}')).state.error).toBe(
    'the answer is JSON, but not a JSON Feed: check the URL',
  );
  expect((await postsOf('{"items":')).state.error).toBe('the answer is not valid JSON');
});

test('the characters are those of the byte order mark, the header, or the XML declaration', async () => {
  const source = rss([{ ...item, title: 'Grüße' }]);
  const latin = Buffer.from(source.replace('UTF-8', 'ISO-8859-1'), 'latin1');
  const titleOf = async (body: Buffer, type = 'application/xml') =>
    (await postsOf(body, { headers: { 'content-type': type } })).posts[0]?.title;
  expect(await titleOf(latin)).toBe('Grüße');
  expect(await titleOf(Buffer.from(source, 'latin1'), 'text/xml; charset=iso-8859-1')).toBe(
    'Grüße',
  );
  // The header is wrong, the bytes are not.
  expect(await titleOf(latin, 'text/xml; charset=utf-8')).toBe('Grüße');
  expect(
    await titleOf(
      Buffer.concat([
        Buffer.from([0xff, 0xfe]),
        Buffer.from(source.replace('UTF-8', 'UTF-16'), 'utf16le'),
      ]),
    ),
  ).toBe('Grüße');
  expect(await titleOf(Buffer.from(`\uFEFF\n${source}`))).toBe('Grüße');
  expect(await titleOf(Buffer.from(source.replace('UTF-8', 'x-nonsense')))).toBe('Grüße');
});

test('a feed that is a little broken is mended', async () => {
  const { posts } = await postsOf(
    rss([
      { title: 'Q&A &nbsp; R&D &eacute;', link: '/a?b=1&c=2', guid: '1' },
      { title: '<![CDATA[A &amp; B <3 <em>C</em>]]>', link: 'b', guid: '2' },
    ]),
  );
  expect(posts.map(({ title }) => title).sort()).toEqual(['A & B <3 C', 'Q&A R&D é']);
  expect(posts.map(({ link }) => link?.replace(/^http:\/\/[^/]+/, '')).sort()).toEqual([
    '/a?b=1&c=2',
    '/blog/b',
  ]);
});

test('a guid that is a permalink is the link where there is none', async () => {
  const { posts } = await postsOf(
    rss([
      { title: 'P', guid: 'https://example.com/p' },
      { title: 'N', more: '<guid isPermaLink="false">https://example.com/n</guid>' },
      { title: 'J', link: 'javascript:alert(1)' },
    ]),
  );
  expect(Object.fromEntries(posts.map(({ title, link }) => [title, link]))).toEqual({
    P: 'https://example.com/p',
    N: undefined,
    J: undefined,
  });
});

test('items without a date go in the order of the feed turned around, dated ones by date, none in the future', async () => {
  const plain = await postsOf(rss([{ title: 'New' }, { title: 'Middle' }, { title: 'Old' }]));
  expect(plain.posts.map(({ title }) => title)).toEqual(['Old', 'Middle', 'New']);
  expect(plain.posts.map(({ order }) => order)).toEqual(
    plain.posts.map(({ order }) => order).toSorted(),
  );
  const dated = await postsOf(
    rss([
      { title: 'First', date: '2026-11-01' },
      { title: 'Third', date: '2999-01-01' },
      { title: 'Second', date: '2026-11-02' },
    ]),
  );
  expect(dated.posts.map(({ title }) => title)).toEqual(['First', 'Second', 'Third']);
  expect(dated.posts[2]?.order).toContain(new Date(start).toISOString().slice(0, 10));
});
