import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeText } from '../../src/io/decode-text.ts';
import { splitFile } from '../../src/sources/folder/split-file.ts';
import { problemsFact, readFact } from '../../src/flow/facts.ts';
import { rescan } from '../../src/flow/ingest/scan.ts';
import { makeBench } from './flow-kit.ts';

const keys = 'title: Secret plan\ndraft: true';

const readAsFrontMatter: Record<string, string> = {
  'on the first line': `---\n${keys}\n---\nBody`,
  'below blank lines': `\n \n---\n${keys}\n---\nBody`,
  'below a byte order mark': `\uFEFF---\n${keys}\n---\nBody`,
  'below a byte order mark and a blank line': `\uFEFF\n---\n${keys}\n---\nBody`,
  'with blanks behind its fences': `---  \n${keys}\n---\t\nBody`,
  'closed by three dots': `---\n${keys}\n...\nBody`,
  'with line ends of Windows': `---\r\n${keys.replace('\n', '\r\n')}\r\n---\r\nBody`,
  'with line ends of an old Mac': `---\r${keys.replace('\n', '\r')}\r---\rBody`,
};

test.each(Object.entries(readAsFrontMatter))('front matter %s is read', (_where, text) => {
  expect(splitFile(text, 'posts/a.md')).toMatchObject({ front: keys, body: 'Body' });
});

const neverPublished: Record<string, string> = {
  TOML: '+++\ntitle = "Plan"\ndraft = true\n+++\nBody',
  'TOML below a blank line': '\n+++\ndraft = true\n+++\nBody',
  JSON: '{\n  "title": "Plan",\n  "draft": true\n}\nBody',
  'JSON on one line': '{ "draft": true }\nBody',
  'a fence of four': `----\n${keys}\n----\nBody`,
  'a fence of two': `--\n${keys}\n--\nBody`,
  'a fence of dashes that an editor made': `—\n${keys}\n—\nBody`,
  'an indented fence': ` ---\n${keys}\n ---\nBody`,
  'a comment above it': `<!-- by me -->\n---\n${keys}\n---\nBody`,
  'a text above it': `My plan\n---\n${keys}\n---\nBody`,
  'a heading above it': `# My plan\n\n---\n${keys}\n---\nBody`,
  'no opening fence': `${keys}\n---\nBody`,
  'no closing fence': `---\n${keys}\nBody`,
  'no closing fence below a text': `Hello\n---\n${keys}`,
};

test.each(Object.entries(neverPublished))(
  'what looks like front matter is an error: %s',
  (_how, text) => {
    for (const ends of ['\n', '\r\n', '\r']) {
      const found = splitFile(text.replaceAll('\n', ends), 'posts/a.md');
      expect(found).toMatchObject({
        severity: 'error',
        where: expect.stringMatching(/^posts\/a\.md:\d+:1$/),
        hint: expect.stringMatching(/---/),
      });
    }
  },
);

const ordinary: Record<string, string> = {
  'plain text': 'Hello there.',
  'a thread': 'One\n\n---\nTwo: the rest\n\n---\nThree',
  'a list above a rule': '- a\n- b\n\n---\nMore',
  'words with a colon': 'Note: we moved.\n\n---\nFriday: doors open at 5',
  'a variable': '{{campaign.link}} is new',
  'a rule under a title': 'Title\n---\nText',
};

test.each(Object.entries(ordinary))('an ordinary post stays one: %s', (_what, text) => {
  expect(splitFile(text, 'posts/a.md')).toEqual({ body: text, frontLine: 1, bodyLine: 1 });
});

test('whatever stands above it, no draft is taken for text', () => {
  const above = fc.array(
    fc.constantFrom('', ' ', '<!-- x -->', '# T', 'Words.', '\t', '\uFEFF', '> quote', '* item'),
    { maxLength: 4 },
  );
  const fence = fc.constantFrom('---', '--- ', ' ---', '----', '+++', '—');
  fc.assert(
    fc.property(above, fence, fc.constantFrom('\n', '\r\n', '\r'), (lines, mark, end) => {
      const text = [...lines, mark, 'title: Secret', 'draft: true', mark, 'Body'].join(end);
      const split = splitFile(text, 'a.md');
      if (!('what' in split)) expect(split.body).not.toContain('draft: true');
    }),
    { numRuns: 2000 },
  );
});

test('text is UTF-8, or UTF-16 with its mark; anything else says where it stops being text', () => {
  const text = 'Grüße 👋\n日本語';
  const utf16 = Buffer.from(`\uFEFF${text}`, 'utf16le');
  expect(decodeText(Buffer.from(text))).toBe(text);
  expect(decodeText(utf16)).toBe(text);
  expect(decodeText(Buffer.from(utf16).swap16())).toBe(text);
  expect(decodeText(Buffer.from('a\nGr\xfc\xdfe', 'latin1'))).toEqual({ line: 2, column: 3 });
  expect(decodeText(Buffer.from('ok\r\nab\0c'))).toEqual({ line: 2, column: 3 });
  expect(decodeText(Buffer.from(text, 'utf16le'))).toMatchObject({ line: 1 });
  expect(decodeText(Buffer.from('kept: \uFFFD'))).toBe('kept: \uFFFD');
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const found = decodeText(Buffer.from(bytes));
      if (typeof found !== 'string' || bytes[0] === 0xff || bytes[0] === 0xfe) return;
      expect(Buffer.from(found, 'utf8')).toEqual(Buffer.from(bytes));
    }),
  );
});

test('a file that is not text, or not a post, is a problem with its place, and nothing is queued', async () => {
  await using bench = await makeBench();
  await bench.write({
    'toml.md': '+++\ndraft = true\n+++\nBody',
    'good.md': 'Good.',
    'latin.md': Buffer.from('Gr\xfc\xdfe', 'latin1'),
    'unicode.md': Buffer.from('\uFEFF---\ndraft: true\n---\nNo', 'utf16le'),
  });
  await rescan(bench.context);
  const deliveries = await bench.context.store.listDeliveries({});
  const going = deliveries.filter(({ terms }) => !terms.held).map(({ post }) => post);
  expect([...new Set(going)]).toEqual(['good']);
  const problems = await readFact(bench.context.store, problemsFact);
  expect(
    Object.values(problems)
      .flat()
      .map(({ where, what }) => `${where} ${what}`),
  ).toEqual([
    'posts/latin.md:1:3 is not UTF-8 text',
    'posts/toml.md:1:1 front matter in TOML is not supported',
  ]);
});
