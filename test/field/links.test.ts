import { RichText } from '@atproto/api';
import fc from 'fast-check';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import type { TextLimits } from '../../src/core/network/limits.ts';
import { tagLink } from '../../src/core/post/compose.ts';
import { domainEndings } from '../../src/core/text/domain-endings.ts';
import { measureText } from '../../src/core/text/length.ts';
import { findAddresses, findCardAddress } from '../../src/core/text/links.ts';
import { findStretches } from '../../src/core/text/weighted-links.ts';
import { cpuTime, inputs } from './kit.ts';

const twitterText = createRequire(import.meta.url)('twitter-text') as {
  parseTweet(text: string): { weightedLength: number };
};
const theirs = (text: string) => twitterText.parseTweet(text).weightedLength;
const x: TextLimits = { max: 280, unit: 'weighted', urlLength: 23 };
const mastodon: TextLimits = { max: 500, unit: 'grapheme', urlLength: 23, shortensMentions: true };
const ours = (text: string) => measureText(text, x);
const isClear = (text: string) => findStretches(text).every(({ isDoubtful }) => !isDoubtful);

const pieces = [
  'https://',
  'http://',
  'HTTPS://',
  'www.',
  'example',
  'gadget.co.uk',
  'start.co',
  't.co',
  '.com',
  '.berlin',
  '.koeln',
  '.рф',
  '.中国',
  '.みんな',
  '.xn--p1ai',
  '.py',
  '.KG',
  '.invalid',
  'exämple',
  'exa_mple',
  'пример',
  '例え',
  '.',
  '/',
  '/x',
  '/Größe',
  '/Твиттер',
  '/@author/my-title',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '?a[]=1&b={c}',
  '?q=1',
  '#',
  '#top',
  '@',
  ':80',
  ' ',
  '\n',
  ',',
  '"',
  '“',
  '」',
  '!',
  '…',
  '-',
  '_',
  '$',
  '👍',
  '\u200F',
  'a',
];
const texts = fc
  .array(fc.constantFrom(...pieces), { maxLength: 12 })
  .map((some) => some.join('').normalize('NFC'));

const runs = inputs(4000, 200_000);

test(`X's own library counts ${runs} texts of pieces of links the same`, () => {
  fc.assert(
    fc.property(texts, (text) => {
      if (isClear(text)) expect([text, ours(text)]).toEqual([text, theirs(text)]);
      else expect(ours(text)).toBeGreaterThanOrEqual(theirs(text));
    }),
    { numRuns: runs },
  );
});

test(`each of the ${domainEndings.length} endings that X knows makes a link there`, () => {
  const differing = domainEndings.filter((ending) => {
    const text = `See https://www.example.${ending}/a/long/path/that/counts/no/more and on`;
    return ours(text) !== theirs(text);
  });
  expect(differing).toEqual([]);
});

test('no text is counted below X where its domains are too long for the net', () => {
  for (const label of ['a'.repeat(64), 'ä'.repeat(70), '中'.repeat(40), `xn--${'ä'.repeat(3)}`])
    for (const text of [`https://${label}.com/x`, `${label}.com`, `${label}.com,a.co,b.co`])
      expect([text, ours(text) >= theirs(text)]).toEqual([text, true]);
  const listed = 'a.co,'.repeat(1000);
  expect(ours(listed)).toBeGreaterThanOrEqual(theirs(listed));
});

const long = inputs(100_000, 1_000_000);

test(`texts of ${long} letters that look like links are counted without a halt`, () => {
  for (const piece of [
    'a.co.',
    '中',
    '中.co',
    'https://',
    'a.co/((',
    '.com',
    'http://a.b?',
    'www.',
  ])
    for (const limits of [x, mastodon]) {
      const text = piece.repeat(long / piece.length);
      const half = timeOf(text.slice(0, long / 2), limits);
      // Four times and more would be the square.
      expect(timeOf(text, limits)).toBeLessThan(Math.max(3.5 * half, 2000));
    }
});

function timeOf(text: string, limits: TextLimits): number {
  const start = cpuTime();
  measureText(text, limits);
  findCardAddress(text);
  return cpuTime() - start;
}

/** Bluesky's library links `https://.com` as well. */
const realHost = /^[^.]+(\.[^.]+)+\.?$/;

/** What Bluesky's library links, of what is written as an address. */
function facetAddress(text: string): string | undefined {
  const rich = new RichText({ text });
  rich.detectFacetsWithoutResolution();
  return [...rich.segments()]
    .filter(({ text: shown, link }) => link && /^(https?:\/\/|www\.)/i.test(shown))
    .map(({ link }) => link?.uri ?? '')
    .find((uri) => URL.canParse(uri) && realHost.test(new URL(uri).hostname));
}

test(`the card of ${runs} texts has the address of the link in the text, to the letter`, () => {
  fc.assert(
    fc.property(texts, (text) => {
      const facet = facetAddress(text);
      const first = findCardAddress(text);
      // A link that Bluesky's library does not see may stand before it.
      if (facet !== undefined && first !== facet)
        expect(text.indexOf(bare(first))).toBeLessThan(text.indexOf(bare(facet)));
      if (facet !== undefined) expect(first).toBeDefined();
    }),
    { numRuns: runs },
  );
});

const bare = (url = '') => url.replace(/^https?:\/\//i, '');

test.each([
  ['Read https://medium.example.com/@author/my-title-123abc today', '@author/my-title-123abc'],
  ['https://de.example.org/wiki/Größe', 'wiki/Größe'],
  ['https://ru.example.org/wiki/Твиттер', 'wiki/Твиттер'],
  ['https://example.com?x=1', '?x=1'],
  ['https://example.com/a(b(c))d', 'a(b(c))d'],
  ['https://example.com/…?a[]=1&b={c}', '?a[]=1&b={c}'],
  ['https://www.gadget.co.uk/reviews/spring', 'co.uk/reviews/spring'],
  ['https://foo.berlin/x', 'foo.berlin/x'],
  ['https://exämple.de/pfad', 'exämple.de/pfad'],
  ['www.example.com/a', 'https://www.example.com/a'],
])('%s has a card and counts 23', (text, end) => {
  const card = findCardAddress(text);
  expect(card).toMatch(/^https:\/\//);
  expect(card?.endsWith(end)).toBe(true);
  expect(card).toBe(facetAddress(text));
  const [link] = findAddresses(text);
  const counted = link?.url.startsWith('http') ? 23 : (link?.url.length ?? 0);
  expect(measureText(text, mastodon)).toBe(text.length - (link?.url.length ?? 0) + counted);
});

test.each([
  'Fixed it in setup.py and README.md yesterday.',
  'GmbH & Co.KG: wir sind umgezogen.',
  'That is great.It works.',
  'Edit main.rs, build.sh, app.py',
  'example.com is ours',
  'me@www.example.com',
  'https://, http://localhost, www.',
])('%s has no card', (text) => expect(findCardAddress(text)).toBeUndefined());

test('what closes a sentence behind an address is none of it', () => {
  const url = 'https://example.org/a_(b)';
  for (const [before, after] of ['()', '“”', '""', '[]', '«»', '「」', ' .', ' …', ' ).', '*!'])
    expect(findAddresses(`${before}${url}${after}`)).toMatchObject([{ url }]);
});

const tags = { utm: { source: '{{network}}', medium: 'social' } };
test.each([
  ['https://example.com', 'https://example.com/?', ''],
  ['https://example.com/Größe?a=%20b+c&q[]=ä', 'https://example.com/Größe?a=%20b+c&q[]=ä&', ''],
  ['https://example.com/x?#top', 'https://example.com/x?', '#top'],
  ['https://example.com?a=1', 'https://example.com?a=1&', ''],
])('campaign tags are appended to %s, and its rest stays byte for byte', (link, start, end) => {
  const all = 'utm_source=x&utm_medium=social';
  expect(tagLink(link, 'x', tags)).toBe(`${start}${all}${end}`);
  expect(tagLink(tagLink(link, 'x', tags), 'x', tags)).toBe(`${start}${all}${end}`);
});
