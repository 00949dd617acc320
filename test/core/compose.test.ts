import { expect, test } from 'vitest';
import { type Campaign, compose, mostParts, tagLink } from '../../src/core/post/compose.ts';
import { traitsOf } from '../../src/core/network/traits-of.ts';
import { fits } from '../../src/core/text/length.ts';
import type { Network } from '../../src/core/network/network.ts';
import type { Post } from '../../src/core/post/post.ts';

const post = (changes: Partial<Post> = {}): Post => ({
  id: 'a',
  source: 'folder',
  file: 'posts/a.md',
  hash: 'h',
  draft: false,
  weight: 0,
  order: 'a.md',
  approval: false,
  hashtags: [],
  card: true,
  media: [],
  thread: 'manual',
  parts: ['Text.'],
  overrides: {},
  followUps: [],
  params: {},
  ...changes,
});
const spring: Campaign = { utm: { source: '{{network}}', campaign: 'spring' } };
const on = (network: Network, changes: Partial<Post> = {}, run = 1) =>
  compose({
    post: post(changes),
    account: { name: `my-${network}`, network },
    limits: traitsOf(network).limits,
    run,
    campaigns: { spring },
    mentions: {},
  });
const textsOn = (network: Network, changes: Partial<Post>) =>
  on(network, changes).message.parts.map(({ text }) => text);
const picture = { src: 'p.png', file: '/p.png', alt: 'A' };

test('the body comes first, then the link, then hashtags that do not stand in it yet', () => {
  expect(textsOn('x', { link: 'https://example.com/a', hashtags: ['one', '#two'] })).toEqual([
    'Text.\n\nhttps://example.com/a\n#one #two',
  ]);
  expect(
    textsOn('x', {
      parts: ['See https://example.com/a #One'],
      link: 'https://example.com/a',
      hashtags: ['one', 'on'],
    }),
  ).toEqual(['See https://example.com/a #One\n\n#on']);
  expect(textsOn('x', { parts: ['First', 'Second'], link: 'https://example.com/a' })).toEqual([
    'First\n\nhttps://example.com/a',
    'Second',
  ]);
});

test("a link gets the campaign's tags and keeps its own", () => {
  expect(tagLink('https://example.com/a?utm_source=mail&x=1#top', 'x', spring)).toBe(
    'https://example.com/a?utm_source=mail&x=1&utm_campaign=spring#top',
  );
  expect(tagLink('https://example.com/a', 'mastodon', spring)).toBe(
    'https://example.com/a?utm_source=mastodon&utm_campaign=spring',
  );
  expect(tagLink('https://example.com/ä b', 'x', undefined)).toBe('https://example.com/ä b');
  const { message, problems } = on('x', {
    parts: ['Go: {{campaign.link}}!'],
    link: 'https://example.com',
    campaign: 'spring',
  });
  expect([message.parts[0]?.text, problems]).toEqual([
    'Go: https://example.com/?utm_source=x&utm_campaign=spring!',
    [],
  ]);
});

test('on Bluesky the card carries the link, unless a picture or a word says otherwise', () => {
  const link = 'https://example.com/a';
  expect(on('bluesky', { link }).message).toMatchObject({ card: link, parts: [{ text: 'Text.' }] });
  expect(on('bluesky', { link, campaign: 'spring' }).message.card).toBe(
    'https://example.com/a?utm_source=bluesky&utm_campaign=spring',
  );
  expect(on('bluesky', { parts: ['Read www.example.com/x today'] }).message).toMatchObject({
    card: 'https://www.example.com/x',
    parts: [{ text: 'Read www.example.com/x today' }],
  });
  for (const changes of [
    { link, media: [picture] },
    { link, card: false },
  ]) {
    const { message } = on('bluesky', changes);
    expect([message.card, message.parts[0]?.text]).toEqual([undefined, `Text.\n\n${link}`]);
  }
  expect(on('mastodon', { link }).message).not.toHaveProperty('card');
});

test('variables are filled in, and one without a value is told and left as it is', () => {
  expect(
    textsOn('bluesky', {
      parts: ['{{network}} {{ account }} {{title}} {{params.offer}} {{params.a-b}}'],
      title: 'T {{network}}',
      params: { offer: '{{account}}', 'a-b': '1' },
    }),
  ).toEqual(['Bluesky my-bluesky T {{network}} {{account}} 1']);
  const { message, problems } = on('x', { parts: ['{{params.offr}} {{link}} {{tilte}}'] });
  expect(message.parts[0]?.text).toBe('{{params.offr}} {{link}} {{tilte}}');
  expect(problems).toEqual([
    '{{params.offr}} has no value: set it under params, or write \\{{ to post the braces as they are',
    '{{link}} has no value: use network, account, title, link, campaign.link, params.… or @name, or write \\{{ to post the braces as they are',
    '{{tilte}} has no value: use network, account, title, link, campaign.link, params.… or @name, or write \\{{ to post the braces as they are',
  ]);
});

test('a text that is too long is told with what to do, on that network alone', () => {
  const parts = ['a'.repeat(290)];
  expect(on('x', { parts }).problems).toEqual([
    'the text has 290 characters as X counts them; 280 are allowed: shorten it by 10, give x: { text } of its own, or set thread: auto',
  ]);
  expect(on('bluesky', { parts }).problems).toEqual([]);
  expect(on('x', { parts: ['ok', 'b'.repeat(281)] }).problems).toEqual([
    'part 2 of 2 has 281 characters as X counts them; 280 are allowed: shorten it by 1, give x: { text } of its own, or set thread: auto',
  ]);
  expect(on('bluesky', { parts: ['👨‍👩‍👧‍👦'.repeat(200)] }).problems).toEqual([
    'the text has 5000 bytes; Bluesky allows 3000: shorten it',
  ]);
  expect(on('mastodon', { parts: ['c'.repeat(490)], cw: 'd'.repeat(20) }).problems[0]).toMatch(
    /^the text has 510 characters as Mastodon counts them; 500 are allowed/,
  );
});

test('thread: auto splits what is too long, with room for link and hashtags in the first part', () => {
  const words = 'Some words of a sentence that goes on. '.repeat(30).trim();
  for (const network of ['x', 'bluesky', 'mastodon'] as const) {
    const { message, problems } = on(network, {
      parts: [words, 'The end.'],
      thread: 'auto',
      link: 'https://example.com/a',
      hashtags: ['tag'],
      cw: 'Long',
    });
    expect(problems).toEqual([]);
    expect(message.parts.length).toBeGreaterThan(2);
    expect(message.parts[0]?.text).toMatch(
      network === 'bluesky' ? /\n\n#tag$/ : /\n\nhttps:\/\/example.com\/a\n#tag$/,
    );
    expect(message.parts.at(-1)?.text).toBe('The end.');
    for (const { text } of message.parts)
      expect(fits(text, traitsOf(network).limits.text).ok).toBe(true);
  }
  expect(textsOn('x', { thread: 'auto' })).toEqual(['Text.']);
});

test('thread: off takes one part only', () => {
  expect(on('x', { thread: 'off' }).problems).toEqual([]);
  expect(on('x', { thread: 'off', parts: ['a', 'b'] }).problems).toEqual([
    'thread: off, but the text has `---` lines that start further parts',
  ]);
  expect(on('x', { parts: ['a', '', 'b'] }).problems).toEqual([
    'part 2 of 3 is empty: remove one of the `---` lines',
  ]);
});

test('a network says what it is given for itself', () => {
  const overrides = {
    x: { parts: ['Short', 'and second'] },
    mastodon: { visibility: 'unlisted' as const },
    bluesky: { labels: ['graphic-media'] },
  };
  expect(textsOn('x', { overrides })).toEqual(['Short', 'and second']);
  expect(on('mastodon', { overrides, lang: 'de' }).message).toMatchObject({
    visibility: 'unlisted',
    lang: 'de',
    parts: [{ text: 'Text.' }],
  });
  expect(on('mastodon').message.visibility).toBe('public');
  expect(on('bluesky', { overrides }).message).toMatchObject({ labels: ['graphic-media'] });
  expect(on('x', { overrides }).message).not.toHaveProperty('visibility');
});

test('a content warning opens the text where the network has no place for it', () => {
  expect(on('x', { cw: 'Launch' }).message).toMatchObject({
    cw: 'Launch',
    parts: [{ text: '[Launch]\n\nText.' }],
  });
  expect(on('mastodon', { cw: 'Launch' }).message).toMatchObject({
    cw: 'Launch',
    parts: [{ text: 'Text.' }],
  });
});

test('later runs of an evergreen take its variants in turn', () => {
  const evergreen = { everyFor: 1, variants: ['B', 'C'] };
  expect(
    [1, 2, 3, 4].map(
      (run) =>
        on('x', { evergreen, overrides: { x: { parts: ['X'] } } }, run).message.parts[0]?.text,
    ),
  ).toEqual(['X', 'B', 'C', 'B']);
  expect(on('x', { evergreen: { everyFor: 1, variants: [] } }, 2).message.parts[0]?.text).toBe(
    'Text.',
  );
});

test('pictures go with the first part; too many of them, or too long a description, are told', () => {
  const { message } = on('x', { parts: ['a', 'b'], media: [picture] });
  expect(message.parts.map(({ media }) => media.length)).toEqual([1, 0]);
  expect(on('x', { media: Array.from({ length: 5 }, () => picture) }).problems).toEqual([
    '5 pictures; X allows 4',
  ]);
  expect(on('x', { media: [{ ...picture, alt: 'x'.repeat(1001) }] }).problems).toEqual([
    'the alt text of p.png has 1001 characters; X allows 1000',
  ]);
  expect(on('bluesky', { media: [{ ...picture, alt: 'x'.repeat(1001) }] }).problems).toEqual([]);
});

test('nothing to say is a problem, a picture alone is not', () => {
  expect(on('x', { parts: [''] }).problems).toEqual(['the post has no text and no picture']);
  expect(on('x', { parts: [''], media: [picture] }).problems).toEqual([]);
  expect(on('x', { parts: [''], media: [picture], hashtags: ['tag'] }).message.parts[0]?.text).toBe(
    '#tag',
  );
});

test('X takes one cashtag', () => {
  expect(on('x', { parts: ['$ABC and $DEF'] }).problems).toEqual([
    'X allows one cashtag in a post; this has $ABC $DEF',
  ]);
  expect(on('x', { parts: ['$ABC for $5'] }).problems).toEqual([]);
  expect(on('bluesky', { parts: ['$ABC and $DEF'] }).problems).toEqual([]);
});

test('a thread that nobody would read is cut before it is looked at, and is not published', () => {
  const parts = Array.from({ length: 8000 }, (_, i) => `Part ${i}`);
  const { message, problems, beyond } = on('bluesky', { parts });
  expect([message.parts.length, beyond]).toEqual([mostParts, 8000 - mostParts]);
  expect(problems).toEqual([
    'the thread has 8,000 parts, and 500 are the most: make several posts of it',
  ]);
  const most = on('mastodon', { parts: parts.slice(0, mostParts) });
  expect([most.problems, most.beyond]).toEqual([[], undefined]);
});
