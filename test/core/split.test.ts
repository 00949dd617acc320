import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fits } from '../../src/core/text/length.ts';
import { splitText } from '../../src/core/text/split.ts';
import { findWeightedLinks } from '../../src/core/text/weighted-links.ts';
import type { TextLimits } from '../../src/core/network/limits.ts';

const x: TextLimits = { max: 280, unit: 'weighted', urlLength: 23 };
const tiny: TextLimits = { max: 30, unit: 'grapheme', maxBytes: 60 };
const withoutSpace = (text: string) => text.replace(/\s+/g, '');

test('leaves a text that fits alone', () => {
  expect(splitText(' One sentence. ', x)).toEqual(['One sentence.']);
  expect(splitText('', x)).toEqual([]);
});

test('prefers a paragraph, then a sentence, then a word', () => {
  const a = `Words ${'word '.repeat(29).trim()}.`;
  expect(splitText(`${a}\n\n${a}\n\n${a}`, x)).toEqual([a, a, a]);
  expect(splitText(`${a} ${a} ${a}`, x)).toEqual([a, a, a]);
  for (const part of splitText('abcdefgh '.repeat(100), x)) expect(part).toMatch(/^(abcdefgh ?)+$/);
});

test('never cuts a link or a grapheme, and loses nothing', () => {
  const piece = fc.constantFrom(
    'word',
    'https://example.com/a/b?c=d',
    '👨‍👩‍👧‍👦',
    '. ',
    ' ',
    '\n\n',
    '漢字',
    'example.com',
    'longlonglonglongword',
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 40 }),
      fc.constantFrom(x, { ...tiny, max: 40, maxBytes: 100 }),
      (pieces, limits) => {
        const text = pieces.join(' ');
        const parts = splitText(text, limits);
        expect(withoutSpace(parts.join(''))).toBe(withoutSpace(text));
        for (const part of parts) expect(fits(part, limits).ok).toBe(true);
        expect(parts.flatMap((part) => findWeightedLinks(part).map(({ url }) => url))).toEqual(
          findWeightedLinks(text).map(({ url }) => url),
        );
      },
    ),
    { numRuns: 150 },
  );
});

test('lets a link that is too long by itself stand alone', () => {
  const link = `https://example.com/${'a'.repeat(50)}`;
  expect(splitText(`see ${link} now`, tiny)).toEqual(['see', link, 'now']);
});

test('what stands far behind a cut does not move it', () => {
  const word = fc.constantFrom(
    'a',
    'word.',
    'example.com',
    'https://example.com/a?b',
    '漢字',
    '@a@b.c',
  );
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 200, maxLength: 300 }),
      fc.constantFrom(x, { ...x, max: 500, unit: 'grapheme' as const }, tiny),
      (words, limits) => {
        const all = splitText(words.join(' '), limits);
        const few = splitText(words.slice(0, 150).join(' '), limits);
        expect(all.slice(0, few.length - 3)).toEqual(few.slice(0, -3));
        for (const part of all.slice(0, 99)) expect(fits(part, limits).ok).toBe(true);
      },
    ),
    { numRuns: 30 },
  );
});
