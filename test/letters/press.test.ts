import { readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { letterFormats, letterSheets } from '../../src/core/people/letters/letter-format.ts';
import type { PostalAddress } from '../../src/core/people/person.ts';
import {
  berlin,
  batchOf,
  composeOne,
  fontsOf,
  hasPoppler,
  hasZbar,
  openTestPress,
  printAll,
  scan,
  textOf,
  wordsOf,
} from './kit.ts';

const text = `Hello {{person.name | there}}, **thank** you *so much* for Łódź, Αθήνα and Москва.

- one
- two

Get [your guide](https://go.example.com/l/Ab3dEf9h). ![Drops](drip.png)`;

const poppler = hasPoppler ? test : test.skip;
const needsPoppler = '(skipped where there is no poppler: install poppler-utils)';

const to = (country: string, city: string, postcode: string): PostalAddress => ({
  medium: 'letter',
  lines: ['Ada Lovelace', '12 Long Lane'],
  postcode,
  city,
  country,
});

for (const format of letterFormats) {
  const home = format === 'us-10' ? 'US' : 'DE';
  const domestic = home === 'US' ? to('US', 'Springfield, IL', '62701') : berlin;
  const addresses = [domestic, to('FR', 'Paris', '75002'), to('GB', 'London', 'SW1A 2AA')];

  poppler(
    `${format}: each address lies in the window, and nothing else does ${needsPoppler}`,
    async () => {
      const { press } = openTestPress(format, home);
      const letters = await Promise.all(
        addresses.map((address, i) => composeOne(press, { text, address }, i)),
      );
      const pages = wordsOf(await printAll(press, letters));
      expect(pages.length).toBe(addresses.length);
      const { window, address, text: body, width, height } = letterSheets[format];
      for (const [i, words] of pages.entries()) {
        const seen = words.filter(
          (one) =>
            one.right > window.x &&
            one.left < window.x + window.width &&
            one.bottom > window.y &&
            one.top < window.y + window.height,
        );
        const read = seen.map((one) => one.text).join(' ');
        for (const line of addresses[i]?.lines ?? []) expect(read).toContain(line);
        const own = seen.filter((one) => one.top >= address.y - 0.5);
        for (const one of own) {
          expect(one.left).toBeGreaterThanOrEqual(address.x - 0.5);
          expect(one.right).toBeLessThanOrEqual(address.x + address.width + 0.5);
          expect(one.bottom).toBeLessThanOrEqual(address.y + address.height + 0.5);
          // No line is smaller than eight points.
          expect(one.bottom - one.top).toBeGreaterThan(8);
        }
        // What else is seen is the sender above it, whole.
        const above = seen.filter((one) => one.top < address.y - 0.5).map((one) => one.text);
        const sender = 'Drip Press, Wasserstraße 1, 10115 Berlin';
        expect(above.join(' ')).toBe(format === 'us-10' ? '' : sender);
        const rest = words.filter((one) => one.top > window.y + window.height);
        for (const one of rest) {
          expect(one.top).toBeGreaterThanOrEqual(body.y - 1);
          expect(one.right).toBeLessThanOrEqual(body.x + body.width + 1);
          expect(one.bottom).toBeLessThanOrEqual(height - 20);
          expect(one.left).toBeGreaterThan(40);
        }
        expect(width).toBeGreaterThan(500);
      }
      const lines = pages.map((words) => words.map((one) => one.text).join(' '));
      // At home without the country; abroad it comes last, in capitals, in the sender's language.
      expect(lines[0]).not.toMatch(/DEUTSCHLAND|UNITED STATES/);
      expect(lines[1]).toContain(format === 'us-10' ? 'FRANCE' : 'FRANKREICH');
      expect(lines[2]).toMatch(/London SW1A 2AA (VEREINIGTES KÖNIGREICH|UNITED KINGDOM)/);
    },
  );
}

poppler(
  `a letter has its text, its fonts and a code that a phone reads ${needsPoppler}`,
  async () => {
    const { press } = openTestPress();
    const pdf = await printAll(press, [await composeOne(press, { text })]);
    const read = textOf(pdf).replaceAll(/\s+/g, ' ');
    expect(read).toContain('Hello Łucja, thank you so much for Łódź, Αθήνα and Москва.');
    expect(read).toContain('2 March 2026');
    expect(read).toContain('You get this letter since you asked for "Welcome".');
    expect(read).toContain('No more letters: https://go.example.com/u/');
    // Each of them is in the file: a printer has none.
    const fonts = fontsOf(pdf).split('\n').slice(2).filter(Boolean);
    expect(fonts.length).toBe(3);
    for (const font of fonts) expect(font).toMatch(/DejaVuSansCondensed.*yes yes yes/);
    if (hasZbar) expect(scan(pdf)).toBe('https://go.example.com/l/Ab3dEf9h');
  },
);

test('the same letters give the same bytes, and files that only their owner reads', async () => {
  const [one, two] = [openTestPress(), openTestPress()];
  const read = async ({ press }: typeof one) => {
    const letters = [await composeOne(press, { text }), await composeOne(press, { text }, 2)];
    const pdf = await printAll(press, letters);
    const csv = press.pathOf(batchOf(letters), 'csv');
    expect([statSync(pdf).mode & 0o077, statSync(csv).mode & 0o077]).toEqual([0, 0]);
    return [readFileSync(pdf).toString('latin1'), readFileSync(csv, 'utf8')];
  };
  const [first, second] = [await read(one), await read(two)];
  expect(second[0] === first[0]).toBe(true);
  expect(second[1]).toBe(first[1]);
  expect(first[1]?.split('\r\n')[1]).toBe(
    '2026-03-02,1,welcome.offer@p-1,p-1,Łucja Șerban,Straße des 17. Juni 135,10623 Berlin,,,,' +
      '10623,DE,https://go.example.com/l/Ab3dEf9h',
  );
});

test.each([
  [
    'a character that the font has not',
    '東京',
    'a character cannot be printed: "東" (U+6771) is not in the font',
  ],
  ['writing from right to left', 'שלום', '"ש" (U+05E9) is written from right to left'],
  ['more than a page', 'Much text. '.repeat(1000), 'the letter does not fit on one page'],
  [
    'a variable without value',
    'Dear {{person.title}}',
    '{{person.title}} has no value for this person',
  ],
  [
    'a picture that is not there',
    '![x](none.png)',
    'the picture none.png is not in the media folder',
  ],
  ['a picture from elsewhere', '![x](../README.md)', 'points outside the media folder'],
  ['no text', '<!-- later -->', 'the letter has no text'],
])('%s holds the letter, and is named', async (_, broken, why) => {
  const { press } = openTestPress();
  await expect(composeOne(press, { text: broken })).rejects.toThrow(why);
});

test('a name that cannot be printed holds the letter, however it got into the text', async () => {
  const { press } = openTestPress();
  const asked = { text: 'Hello {{person.name}}', more: { fields: { name: '东' } } };
  await expect(composeOne(press, asked)).rejects.toThrow('"东" (U+4E1C) is not in the font');
  // Composed and decomposed letters are the same, and what nobody sees is left out.
  const [one, two] = await Promise.all(
    ['Zoe\u0308 Mu\u0308ller\u200B', 'Zoë Müller'].map((name) =>
      composeOne(press, { text: 'Hello {{person.name}}', more: { fields: { name } } }),
    ),
  );
  expect(one?.bytes).toEqual(two?.bytes);
});

const address = (changes: Partial<PostalAddress>): PostalAddress => ({ ...berlin, ...changes });

test.each([
  [
    { lines: ['A', 'B', 'C', 'D', 'E', 'F'] },
    'the address has 7 lines, and the window has room for 6',
  ],
  [{ lines: ['Ada', 'x'.repeat(80)] }, 'line 2 of the address is too wide for the window'],
  [{ lines: ['Ada', '東 1'] }, 'the address cannot be printed: "東" (U+6771) is not in the font'],
  [{ lines: ['Ada'] }, 'the postal address needs a name and a street'],
  [{ city: ' ' }, 'the postal address has no city'],
  [{ country: 'Germany' }, '"Germany" is not a country'],
  ...['XX', 'ZZ', 'EU', 'SU', 'D1'].map((country): [Partial<PostalAddress>, string] => [
    { country },
    `"${country}" is not a country: write its two letters`,
  ]),
  [{ country: 'uk' }, '"uk" is not a country: write GB'],
])('an address that cannot be read through the window is refused (%#)', async (changes, why) => {
  const { press } = openTestPress();
  expect(await press.whyUnfit(address(changes))).toContain(why);
  expect(await press.whyUnfit(berlin)).toBeUndefined();
});

test('a long line is set smaller before it is refused', async () => {
  const { press } = openTestPress();
  const lines = ['Ada', 'Donaudampfschifffahrtsgesellschaftsallee 12345'];
  expect(await press.whyUnfit(address({ lines }))).toBeUndefined();
});
