import fc from 'fast-check';
import { expect, test } from 'vitest';
import { networks } from '../../src/core/network/network.ts';
import { traitsOf } from '../../src/core/network/traits-of.ts';
import { compose } from '../../src/core/post/compose.ts';
import type { Post } from '../../src/core/post/post.ts';
import { readFeed } from '../../src/sources/feed/read-feed.ts';
import { toFeedPost } from '../../src/sources/feed/feed-post.ts';
import { rss } from '../sources/web.ts';
import { inputs } from './kit.ts';

const runs = inputs(60, 2000);
const now = Date.parse('2026-11-24T08:00:00Z');
const rules = {
  url: 'https://example.com/feed.xml',
  template: '{{title}}: {{summary}} ({{author}}) {{link}}',
  approval: false,
};
const readAll = async (body: string | Buffer, type = 'application/xml') => {
  const { items } = await readFeed({
    body: Buffer.from(body),
    headers: { 'content-type': type },
    url: rules.url,
  });
  return items;
};
const postsOf = async (body: string | Buffer, type?: string) =>
  (await readAll(body, type)).map((item) => toFeedPost(rules, { item, now, index: 0 }));
const composed = (post: Post) =>
  networks.map((network) =>
    compose({
      post,
      account: { name: network, network },
      limits: traitsOf(network).limits,
      run: 1,
      campaigns: {},
      mentions: {},
    }),
  );
const asJson = (item: object) =>
  JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    items: [{ id: '1', url: 'https://example.com/1', ...item }],
  });

const signs = [
  '@',
  '＠',
  '@css',
  '$',
  '$A',
  '$TSLA',
  '{',
  '{{',
  '}}',
  '\\',
  'params.x',
  'title',
  ' ',
];
const words = ['RT', '(', 'é', 'me@example.com', 'https://example.com/@me?a=$B', 'Largely', '.'];
const others = [
  '\u001B[2J',
  '👨‍👩‍👧‍👦',
  '<b>',
  '&amp;',
  '\n',
  '#',
  'https://a.invalid/@me',
  '/',
  ':',
  '-',
];
const odd = fc.constantFrom(...signs, ...words, ...others);
const text = fc.array(odd, { maxLength: 60 }).map((pieces) => pieces.join(''));

// As broad as the broadest network reads a mention.
const mention = /(?:^|[^a-z0-9_/=]|(?:^|[^a-z0-9_])rt)[@＠][\p{L}\p{N}_.-]/iu;

test(`whatever an item says fits on every network, pings no one and fills nothing in (${runs} items)`, async () => {
  await fc.assert(
    fc.asyncProperty(text, text, text, async (title, summary, name) => {
      const item = { title, content_text: summary, authors: [{ name }] };
      for (const post of await postsOf(asJson(item)))
        for (const { message, problems } of composed(post)) {
          expect(problems).toEqual([]);
          const all = message.parts.map((part) => part.text).join('\n');
          expect(all).not.toMatch(mention);
          // oxlint-disable-next-line no-control-regex
          expect(all).not.toMatch(/[\u0000-\u0009\u000B-\u001F\uE000]/);
          expect(all.isWellFormed()).toBe(true);
        }
    }),
    { numRuns: runs },
  );
});

test(`braces of an item stay as they are written (${runs} items)`, async () => {
  const piece = fc.constantFrom('{', '{{', '}', '}}', '\\', 'title', 'params.braces', 'x', ' y ');
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 20 }), async (pieces) => {
      const title = `a${pieces.join('').replaceAll(/\s+/g, ' ').trim()}z`;
      for (const post of await postsOf(asJson({ title })))
        for (const { message } of composed(post)) expect(message.parts[0]?.text).toContain(title);
    }),
    { numRuns: runs },
  );
});

test.for([
  ['UTF-8 under a Latin-1 label', 'utf8', 'iso-8859-1', 'text/xml; charset=ISO-8859-1'],
  ['UTF-8 under a Latin-1 declaration', 'utf8', 'ISO-8859-1', 'text/xml'],
  ['UTF-8 under a Cyrillic label', 'utf8', 'utf-8', 'text/xml; charset=windows-1251'],
  ['Latin-1 under its label', 'latin1', 'utf-8', 'text/xml; charset=latin1'],
  ['Latin-1 with its declaration', 'latin1', 'ISO-8859-1', 'text/xml; charset=utf-8'],
  ['UTF-16 without a mark', 'utf16le', 'UTF-16', 'text/xml'],
] as const)('%s is read as what it is', async ([, bytes, declared, type]) => {
  const source = rss([{ title: 'Café crème – ja', guid: '1' }]).replace('UTF-8', declared);
  const own = bytes === 'latin1' ? source.replace('–', '-') : source;
  const [post] = await postsOf(Buffer.from(own, bytes), type);
  expect(post?.title).toBe(bytes === 'latin1' ? 'Café crème - ja' : 'Café crème – ja');
});

test('UTF-16 with its high bytes first and without a mark is read', async () => {
  const body = Buffer.from(rss([{ title: 'Grüße', guid: '1' }]), 'utf16le').swap16();
  expect((await postsOf(body))[0]?.title).toBe('Grüße');
});

const atom = 'http://www.w3.org/2005/Atom';
const entry = (prefix: string) =>
  `<${prefix}entry><${prefix}id>1</${prefix}id><${prefix}title>One</${prefix}title><${prefix}link href="https://example.com/1"/><${prefix}updated>2026-11-20T00:00:00Z</${prefix}updated></${prefix}entry>`;
const rdf = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';

test.for([
  ['a prefix for Atom', `<a:feed xmlns:a="${atom}">${entry('a:')}</a:feed>`],
  ['Atom that is cut off', `<feed xmlns="${atom}">${entry('')}<entry><id>2</id><title>Tw`],
  ['prefixed Atom that is cut off', `<a:feed xmlns:a="${atom}">${entry('a:')}<a:entry><a:i`],
  [
    'RSS 1 with prefixes of its own',
    `<r:RDF xmlns:r="${rdf}" xmlns:rss="http://purl.org/rss/1.0/" xmlns:d="http://purl.org/dc/elements/1.1/"><rss:channel/><rss:item><rss:title>One</rss:title><rss:link>https://example.com/1</rss:link><d:date>2026-11-20T00:00:00Z</d:date></rss:item></r:RDF>`,
  ],
  [
    'RSS that is cut off',
    '<rss version="2.0"><channel><item><title>One</title><link>https://example.com/1</link><pubDate>Fri, 20 Nov 2026 00:00:00 GMT</pubDate></item><item><title>Tw',
  ],
])('%s is read', async ([, source]) => {
  expect(await readAll(source ?? '')).toMatchObject([
    { title: 'One', link: 'https://example.com/1', date: Date.parse('2026-11-20') },
  ]);
});

test.for([
  ['an enclosure alone', '<enclosure url="/ep.mp3" type="audio/mpeg"/>', '/ep.mp3'],
  [
    'a guid that is no permalink',
    '<guid isPermaLink="false">https://example.com/n</guid><enclosure url="ep.mp3"/>',
    '/ep.mp3',
  ],
  ['a guid that is one', '<guid>https://example.com/n</guid><enclosure url="ep.mp3"/>', '/n'],
  ['a login in it', '<link>https://me:secret@example.com/a</link>', '/a'],
])('an item with %s has an address', async ([, markup, path]) => {
  const [item] = await readAll(rss([{ title: 'Ep', more: markup ?? '' }]));
  expect(item?.link).toBe(`https://example.com${path}`);
});

test('a description of a picture is never cut inside a character', async () => {
  for (let before = 990; before < 1001; before++) {
    const alt = `${'a'.repeat(before)}${'😀'.repeat(20)}`;
    const item = {
      title: 'T',
      image: '/a.png',
      attachments: [{ url: '/a.png', mime_type: 'image/png', title: alt }],
    };
    const [read] = await readAll(asJson(item), 'application/json');
    if (!read) throw new Error('no item');
    const post = toFeedPost(rules, {
      item: read,
      image: { file: 'f', sha256: '0' },
      now,
      index: 0,
    });
    expect(post.media[0]?.alt.isWellFormed()).toBe(true);
    expect(post.media[0]?.alt.length).toBeLessThanOrEqual(1000);
  }
});
