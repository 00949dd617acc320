import fc from 'fast-check';
import { expect, test } from 'vitest';
import { measureText } from '../../src/core/text/length.ts';
import { splitText } from '../../src/core/text/split.ts';
import { toInstance } from '../../src/networks/mastodon/instance.ts';
import { inputs } from './kit.ts';

const mastodon = toInstance({ version: '4.6.0' }, true).limits.text;
const others = ['', '0.20.3+git-8ad7e07', '2.7.2 (compatible; Pleroma 2.9)', '0.1'].map(
  (version) => ({
    version,
    limits: toInstance({ version, configuration: { statuses: { maxCharacters: 500 } } }, true)
      .limits,
  }),
);

const families = ['👨‍👩‍👧‍👦', '👍🏽', '🇩🇪'];
const pieces = [...families, 'a', ' ', '. ', 'e\u0301', 'क्षि', 'ไทย', '\n\n', '漢'];
const texts = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...pieces,
        'https://example.com/a/long/path/with/many/letters',
        '@a@b.example',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
    ),
    { maxLength: 900 },
  )
  .map((some) => some.join(''));
const runs = inputs(60, 2000);

test.each(others)(
  `a server that says "$version" counts ${runs} texts by code points, whole addresses and names`,
  ({ limits: { text: limits } }) => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(measureText(text, limits)).toBe([...text].length);
        expect(measureText(text, limits)).toBeGreaterThanOrEqual(measureText(text, mastodon));
        // What is cut for it is counted as it counts.
        const letters = text.replaceAll(/https?:\/\/\S+/g, '');
        for (const part of splitText(letters, limits))
          expect([...part].length).toBeLessThanOrEqual(500);
      }),
      { numRuns: runs },
    );
  },
);

test('Mastodon counts what people see, 23 for an address, and no host of a name', () => {
  expect(measureText('👨‍👩‍👧‍👦'.repeat(100), mastodon)).toBe(100);
  expect(measureText(`https://example.com/${'a'.repeat(300)}`, mastodon)).toBe(23);
  expect(measureText('@a@b.example', mastodon)).toBe(2);
});
