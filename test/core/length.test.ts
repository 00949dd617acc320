import fc from 'fast-check';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { fits, measureText } from '../../src/core/text/length.ts';
import { findWeightedLinks } from '../../src/core/text/weighted-links.ts';
import type { TextLimits } from '../../src/core/network/limits.ts';

const twitterText = createRequire(import.meta.url)('twitter-text') as {
  parseTweet(text: string): { weightedLength: number };
};
const theirs = (text: string) => twitterText.parseTweet(text).weightedLength;
const x: TextLimits = { max: 280, unit: 'weighted', urlLength: 23 };
const bluesky: TextLimits = { max: 300, unit: 'grapheme', maxBytes: 3000 };
const mastodon: TextLimits = { max: 500, unit: 'grapheme', urlLength: 23, shortensMentions: true };
const ours = (text: string) => measureText(text, x);

const emojiPieces = [
  '👍',
  '🏽',
  '🏿',
  '\u200D',
  '\uFE0F',
  '♀',
  '♂',
  '👨',
  '👩',
  '👧',
  '👦',
  '🧑',
  '🤝',
  '❤',
  '💋',
  '🇨',
  '🇶',
  '🇩',
  '🇪',
  '🏴',
  '☠',
  '🌈',
  '🏳',
  '©',
  '®',
  '#',
  '1',
  '\u20E3',
  '🐦',
  '🔥',
  '🫱',
  '💻',
  '⚕',
];
const linkPieces = [
  'example',
  'a',
  'b1',
  '.',
  '.',
  'com',
  'co.uk',
  'md',
  'txt',
  'https://',
  'http://',
  'www.',
  '/',
  '/x',
  '?',
  'q=1',
  '&',
  '#',
  '@',
  '_',
  '-',
  ' ',
  '(',
  ')',
  ',',
  ':80',
  ':',
  '日本',
  'é',
  'ж',
  't.co/',
  '…',
  '"',
  "'",
  '~',
  '%20',
  '!',
  '$',
  '\n',
  'рф',
  'xn--p1ai',
];

function textFrom(pieces: string[], maxLength = 14) {
  return fc.array(fc.constantFrom(...pieces), { maxLength }).map((parts) => parts.join(''));
}

test('is never below X for text of any kind', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => ours(text) >= theirs(text)),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      (text) => ours(text) >= theirs(text),
    ),
    { numRuns: 300 },
  );
});

test('is never below X for pieces of links', () => {
  fc.assert(
    fc.property(textFrom(linkPieces), (text) => ours(text) >= theirs(text)),
    { numRuns: 4000 },
  );
});

test('is never below X for pieces of emoji', () => {
  fc.assert(
    fc.property(textFrom(emojiPieces, 7), (text) => ours(text) >= theirs(text)),
    { numRuns: 4000 },
  );
});

test('is never below X for any emoji with any skin and any gender', () => {
  const tails = [
    '',
    '\uFE0F',
    '🏽',
    '\u200D♀\uFE0F',
    '🏽\u200D♂\uFE0F',
    '\u200D💻',
    '🏿\u200D🦰',
    '\u200D👦',
  ];
  const below: string[] = [];
  for (let code = 0xa9; code < 0x1fb00; code += 1) {
    const base = String.fromCodePoint(code);
    if (!/\p{Extended_Pictographic}/u.test(base)) continue;
    for (const tail of tails) if (ours(base + tail) < theirs(base + tail)) below.push(base + tail);
  }
  expect(below).toEqual([]);
});

test('agrees with X on everyday texts', () => {
  const texts = [
    'a'.repeat(280),
    '漢'.repeat(140),
    'Grüße 👋🏽 aus Köln',
    '👨‍👩‍👧‍👦',
    '❤️ 🏳️‍🌈 👩‍💻 1️⃣ 🇩🇪',
    'see https://example.com/a/very/long/path?with=query&and=more#here.',
    'example.com and README.md',
    'a (https://example.com/x_(y)) b',
    'mail me@example.com',
    'v1.2 and 3.14',
    'e\u0301',
    '詳細はhttps://example.com/a です',
  ];
  for (const text of texts) expect([text, ours(text)]).toEqual([text, theirs(text)]);
});

test('counts a bird on fire piece by piece, as X does', () => {
  expect(ours('🐦‍🔥')).toBe(5);
});

test('finds bare domains and whole addresses', () => {
  const text = 'On example.com, https://example.org/a?b=c. And not me@example.net';
  expect(findWeightedLinks(text).map(({ url }) => url)).toEqual([
    'example.com',
    'https://example.org/a?b=c',
  ]);
  for (const { start, end, url } of findWeightedLinks(text))
    expect(text.slice(start, end)).toBe(url);
});

test('counts links and mentions on Mastodon as Mastodon does, and bare domains in full', () => {
  expect(measureText('https://example.com/a/very/long/path/that/goes/on', mastodon)).toBe(23);
  expect(measureText('hi @user@mastodon.example!', mastodon)).toBe('hi @user!'.length);
  expect(measureText('example.com', mastodon)).toBe(11);
});

test('counts graphemes on Bluesky, and bytes beside them', () => {
  expect(fits('👨‍👩‍👧‍👦'.repeat(300), bluesky)).toEqual({
    length: 300,
    max: 300,
    ok: false,
    bytes: 7500,
  });
  expect(fits('é'.repeat(300), bluesky)).toEqual({ length: 300, max: 300, ok: true, bytes: 600 });
});

test('the short ways of counting count as the long ones do', () => {
  const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
  const ascii = fc.string({ unit: fc.nat(0x7f).map((code) => String.fromCharCode(code)) });
  const lines = fc
    .array(fc.constantFrom('\r', '\n', '\r\n', 'a', '\u0301', 'é'))
    .map((all) => all.join(''));
  fc.assert(
    fc.property(fc.oneof(ascii, lines), (text) => {
      expect(measureText(text, bluesky)).toBe([...segmenter.segment(text)].length);
    }),
  );
  // With a sign in front that makes every grapheme be looked at, and adds its own weight alone.
  const plain = fc.string({ unit: 'binary', maxLength: 60 });
  fc.assert(
    fc.property(plain, (text) => {
      const letters = text
        .replaceAll(/[^\p{L}\p{N}\p{Emoji_Presentation} ]/gu, '')
        .normalize('NFC');
      expect(ours(`❤\uFE0F ${letters}`)).toBe(3 + ours(letters));
    }),
  );
});
