import { expect, test } from 'vitest';
import { literalBraces } from '../../src/core/post/fill-in.ts';
import { splitParts, toPlainText } from '../../src/io/markdown/markdown.ts';

const plain = (markdown: string) => toPlainText(markdown).text.replaceAll(literalBraces, '{{');

test('emphasis goes, links become text and address, lists keep their bullets', () => {
  expect(plain('# Title\n\nSome **bold**, *slanted* and `code`.')).toBe(
    'Title\n\nSome bold, slanted and code.',
  );
  expect(
    plain(
      'See [the site](https://example.com) or <https://example.org>, https://example.net/a_b_c.',
    ),
  ).toBe('See the site https://example.com or https://example.org, https://example.net/a_b_c.');
  expect(plain('[https://example.com](https://example.com)')).toBe('https://example.com');
  expect(plain('- one\n- two\n  - deeper\n\n1. first\n2. second')).toBe(
    '• one\n• two\n  • deeper\n\n1. first\n2. second',
  );
  expect(plain('> quoted\n\n<b>no</b> HTML<br>at all <!-- hidden -->')).toBe(
    'quoted\n\nno HTML\nat all',
  );
  expect(plain('one\ntwo  \nthree\\\nfour')).toBe('one\ntwo\nthree\nfour');
});

test('what Markdown would take for its own stays as it is written', () => {
  expect(plain('#launch day\n\n#second')).toBe('#launch day\n\n#second');
  expect(plain('{{params.my_long_name}} and {{ campaign.link }}')).toBe(
    '{{params.my_long_name}} and {{ campaign.link }}',
  );
  expect(
    plain('Ask @some_name_here, @me@mastodon.social or @a_b.bsky.social about snake_case_words'),
  ).toBe('Ask @some_name_here, @me@mastodon.social or @a_b.bsky.social about snake_case_words');
  expect(plain('https://example.com/?code={{params.code}}&a_b_c and #tag{{network}}')).toBe(
    'https://example.com/?code={{params.code}}&a_b_c and #tag{{network}}',
  );
  expect(plain('5 * 3 * 2 and 2*3')).toBe('5 * 3 * 2 and 2*3');
  expect(plain('Fish & chips &amp; more <3')).toBe('Fish & chips & more <3');
});

test('a line of --- begins the next part, but not in code, at the end or under a heading', () => {
  expect(splitParts('one\n\n---\n\ntwo\n---\nthree\n')).toEqual(['one', 'two', 'three']);
  expect(splitParts('```yaml\n---\na: 1\n---\n```\n---\ntwo')).toEqual([
    '```yaml\n---\na: 1\n---\n```',
    'two',
  ]);
  expect(splitParts('~~~~\n---\n~~~\n---\n~~~~\nend')).toEqual(['~~~~\n---\n~~~\n---\n~~~~\nend']);
  expect(splitParts('---\none\n---\n')).toEqual(['one']);
  expect(splitParts('one\n---\n\n---\ntwo')).toEqual(['one', '', 'two']);
  expect(splitParts('one\n ---\n----\ntwo')).toEqual(['one\n ---\n----\ntwo']);
});

test('pictures in the text become media, those of Obsidian too', () => {
  expect(
    toPlainText(
      'Look:\n\n![A queue](queue.png)\n\nNice ![[shots/board.png|The board]] and ![[bare.jpg]] there.',
    ),
  ).toEqual({
    text: 'Look:\n\nNice and there.',
    images: [
      { src: 'shots/board.png', alt: 'The board' },
      { src: 'bare.jpg', alt: '' },
      { src: 'queue.png', alt: 'A queue' },
    ],
  });
});

test('code keeps its text and its lines', () => {
  expect(plain('```js\nconst a_b = `*x*`;\n\n#tag {{x}}\n```')).toBe(
    'const a_b = `*x*`;\n\n#tag {{x}}',
  );
});
