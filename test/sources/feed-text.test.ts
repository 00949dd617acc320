import { expect, test } from 'vitest';
import { compose } from '../../src/core/post/compose.ts';
import { traitsOf } from '../../src/core/network/traits-of.ts';
import { networks } from '../../src/core/network/network.ts';
import type { Post } from '../../src/core/post/post.ts';
import {
  fillTemplate,
  htmlToText,
  shorten,
  titleToText,
} from '../../src/sources/feed/feed-text.ts';
import { postsOf } from './feed-kit.ts';
import { rss } from './web.ts';

const textOn = (
  post: Post,
  network: 'x' | 'bluesky' | 'mastodon' = 'x',
  utm: Record<string, string> = {},
) =>
  compose({
    post,
    account: { name: network, network },
    limits: traitsOf(network).limits,
    run: 1,
    campaigns: { spring: { utm } },
    mentions: {},
  });

test('HTML becomes what a reader sees of it', () => {
  expect(
    htmlToText(
      '<style>p{}</style><p>One&nbsp;&amp; <b>two</b></p><script>alert(1)</script><ul><li>a</li><li>b</li></ul><img src="i.png" alt=" A  cat ">',
    ).text,
  ).toBe('One & two\na\nb');
  expect(
    htmlToText('<p>Hi</p><img src="i.png" alt=" A  cat "><img src="second.png">').image,
  ).toEqual({ src: 'i.png', alt: 'A cat' });
  expect(htmlToText('cut off <b>here <a href="')).toEqual({ text: 'cut off here' });
  expect(titleToText('1 <2, x <y and <i>then</i> &amp; now')).toBe('1 <2, x <y and then & now');
});

test('a text is cut after a sentence if that is most of it, else after a word', () => {
  const within = (max: number) => (text: string) => text.length <= max;
  expect(shorten('Short.', within(10))).toBe('Short.');
  expect(shorten('The first sentence is here. And a second one follows.', within(30))).toBe(
    'The first sentence is here.',
  );
  expect(shorten('No. This sentence is far too long for the room there is.', within(30))).toBe(
    'No. This sentence is far too…',
  );
  expect(shorten('Unbelievablylongwordwithoutanyspace', within(10))).toBe('Unbelieva…');
  expect(shorten('漢'.repeat(50), within(10))).toBe(`${'漢'.repeat(9)}…`);
});

test('the link at the end is left to the composer, one in the middle stays where it is, and both get the tags', async () => {
  const source = rss([{ title: 'Hello', link: 'https://example.com/a?x=1', guid: 'g' }]);
  const end = await postsOf(source, { rules: { campaign: 'spring' } });
  const middle = await postsOf(source, {
    rules: { campaign: 'spring', template: 'New: {{ link }} ({{title}})' },
  });
  expect(
    end.posts[0] && textOn(end.posts[0], 'x', { source: '{{network}}' }).message.parts[0]?.text,
  ).toBe('Hello\n\nhttps://example.com/a?x=1&utm_source=x');
  expect(
    middle.posts[0] &&
      textOn(middle.posts[0], 'x', { source: '{{network}}' }).message.parts[0]?.text,
  ).toBe('New: https://example.com/a?x=1&utm_source=x (Hello)');
  // On Bluesky the card carries it.
  expect(end.posts[0] && textOn(end.posts[0], 'bluesky').message).toMatchObject({
    parts: [{ text: 'Hello' }],
    card: 'https://example.com/a?x=1',
  });
});

test('without {{link}} in the template no link goes out, and without a link nothing stands in its place', async () => {
  const source = rss([{ title: 'Hello', link: 'https://example.com/a', guid: 'g' }]);
  const { posts } = await postsOf(source, { rules: { template: '{{title}}!' } });
  expect(posts[0] && textOn(posts[0])).toMatchObject({
    problems: [],
    message: { parts: [{ text: 'Hello!' }] },
  });
  const bare = await postsOf(rss([{ title: 'Hello', guid: 'g' }]), {
    rules: { template: 'Read {{title}} | {{link}} | now' },
  });
  expect(bare.posts[0] && textOn(bare.posts[0]).problems).toEqual([]);
});

test('what stood around an empty value goes with it', () => {
  const words = { title: 'T', summary: '', author: '' };
  expect(fillTemplate('{{title}}: {{summary}}\n{{author}}\nend', words).text).toBe('T\n\nend');
  expect(fillTemplate('{{author}} – {{title}}', words).text).toBe('T');
  expect(fillTemplate('{{title}} -', { ...words, title: '- a -' }).text).toBe('- a - -');
});

test('whatever a feed writes fits on every network, the summary giving way before the title', async () => {
  const long = 'A long sentence with many words in it, as they are written everywhere. '.repeat(20);
  for (const [title, summary] of [
    ['Short title', long],
    [long, long],
    ['漢字'.repeat(300), '👨‍👩‍👧‍👦'.repeat(200)],
    ['x'.repeat(5000), ''],
    ['example.com '.repeat(60), 'y'],
  ] as const) {
    const link = `https://example.com/${'p'.repeat(120)}`;
    const { posts } = await postsOf(
      rss([{ title, link, guid: 'g', more: `<description>${summary}</description>` }]),
      {
        rules: { template: '{{title}} — {{summary}} {{link}}', campaign: 'spring' },
      },
    );
    for (const network of networks)
      expect([
        network,
        posts[0] &&
          textOn(posts[0], network, { source: '{{network}}', campaign: 'spring' }).problems,
      ]).toEqual([network, []]);
    if (title === 'Short title')
      expect(posts[0]?.parts[0]).toMatch(/^Short title — A long sentence/);
  }
});

test('braces that an item writes itself stay as they are written', async () => {
  const { posts } = await postsOf(
    rss([
      {
        title: 'Use {{ params.key }} and {{account}} in {{{raw}}}',
        link: 'https://example.com',
        guid: 'g',
      },
    ]),
  );
  expect(posts[0] && textOn(posts[0])).toMatchObject({
    problems: [],
    message: {
      parts: [
        { text: 'Use {{ params.key }} and {{account}} in {{{raw}}}\n\nhttps://example.com/' },
      ],
    },
  });
});
