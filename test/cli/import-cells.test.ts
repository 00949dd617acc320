import { literalBraces } from '../../src/core/post/fill-in.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openToPlain } from '../../src/app.ts';
import { readDate } from '../../src/cli/import/import-date.ts';
import { readTable } from '../../src/cli/import/import-table.ts';
import { toMarkdown } from '../../src/cli/import/import-text.ts';

const table = (text: string | Buffer) => readTable(Buffer.from(text), 'a.csv');
const texts = (text: string | Buffer) =>
  table(text).rows.map(({ line, cells }) => [line, cells.text, cells.networks]);

test('commas, semicolons, tabs and bars are told apart, with a BOM, with quotes, with lines inside a cell, and with the line of each row', () => {
  const rows = [
    [2, 'Hello, you', 'x'],
    [4, 'two\nlines; "quoted"', 'bluesky'],
    [6, 'last', ''],
  ];
  const lines = (by: string) =>
    [
      `Content${by}Platforms`,
      `"Hello, you"${by}x`,
      '',
      `"two\nlines; ""quoted"""${by}bluesky`,
      `last`,
    ].join('\n');
  for (const by of [',', ';', '\t', '|']) expect([by, texts(lines(by))]).toEqual([by, rows]);
  expect(texts(`\uFEFF${lines(',')}\r\n`)).toEqual(rows);
  expect(
    texts(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(lines('\t'), 'utf16le')])),
  ).toEqual(rows);
  expect(texts(`sep=;\n${lines(';')}`)[0]).toEqual([3, 'Hello, you', 'x']);
  expect(texts('post\r\n"one\r\ntwo"\r\nthree\r\n')).toEqual([
    [2, 'one\ntwo', ''],
    [4, 'three', ''],
  ]);
});

test('columns are known by the names that other tools give them, and unknown columns are reported', () => {
  const { rows, unread } = table(
    'Caption,Channels,Schedule At,Image URL,Alt-Text,First_Comment,thread id,LIKES\na,b,c,d,e,f,g,h',
  );
  expect(rows[0]?.cells).toMatchObject({
    text: 'a',
    networks: 'b',
    date: 'c',
    media: 'd',
    alt: 'e',
    firstComment: 'f',
    thread: 'g',
  });
  expect(unread).toEqual([{ head: 'LIKES', cells: ['h'] }]);
  for (const [text, said] of [
    ['', 'is empty'],
    ['name,date\na,b', 'a.csv:1 has no column "text"'],
    ['text,content\na,b', 'mean the same'],
    ['text,date\n"never closed,b\nc,d', 'a quote is never closed'],
  ] as const)
    expect(() => table(text)).toThrow(said);
  expect(() => table(Buffer.from([0x74, 0x65, 0x78, 0x74, 0x0a, 0xe4]))).toThrow('CSV UTF-8');
});

test('dates are read in the ways that tables have them, and those with two readings are refused', () => {
  const options = { zone: 'Europe/Berlin', now: Date.parse('2026-11-24T12:00Z') };
  const read = (text: string, order?: 'day-first' | 'month-first') =>
    readDate(text, { ...options, order });
  for (const [text, date] of [
    ['2026-12-01', '2026-12-01'],
    ['2026-12-01 9:30', '2026-12-01 9:30'],
    ['2026-12-01T09:30:00Z', '2026-12-01T09:30:00Z'],
    ['2026-12-01 09:30 UTC', '2026-12-01 09:30Z'],
    ['2026/12/1 09:30', '2026-12-01 09:30'],
    ['1.12.2026', '2026-12-01'],
    ['01.12.2026 9:05', '2026-12-01 09:05'],
    ['12/24/2026 9:30 PM', '2026-12-24 21:30'],
    ['24/12/2026, 12am', '2026-12-24 00:00'],
    ['12/12/2026', '2026-12-12'],
    ['Dec 1, 2026 12:15 pm', '2026-12-01 12:15'],
    ['Tue, 1 December 2026 at 8:00', '2026-12-01 08:00'],
    ['1st Dec 2026 10:00 +01:00', '2026-12-01 10:00+01:00'],
    ['1.12.26', '2026-12-01'],
    ['24-Dec-26 9:30', '2026-12-24 09:30'],
    ['12/24/26 9:30 AM', '2026-12-24 09:30'],
    ['5.12.2026 10:00 Uhr', '2026-12-05 10:00'],
  ] as const)
    expect([text, read(text)]).toEqual([text, { date, isPast: false }]);
  expect(read('03/04/2027')).toMatchObject({
    what: '"03/04/2027" may be 3 Apr or 4 Mar',
  });
  expect(read('03-04-2027 10:00')).toMatchObject({ what: expect.stringContaining('may be') });
  expect(read('03/04/2027', 'day-first')).toMatchObject({ date: '2027-04-03' });
  expect(read('03/04/2027', 'month-first')).toMatchObject({ date: '2027-03-04' });
  expect(read('2026-11-24 12:59')).toMatchObject({ isPast: true });
  expect(read('2026-11-24 13:01')).toMatchObject({ isPast: false });
  expect(read('2026-11-24')).toMatchObject({ isPast: false });
  expect(read('2026-11-23')).toMatchObject({ isPast: true });
  for (const text of [
    'soon',
    '31.2.2027',
    '2026-13-01',
    '12/24/2026 25:00',
    '12/24/2026 13pm',
    '46350.39',
    '12/24/2026 10:00 EST',
    'Foo 1, 2026',
    '1795526158',
  ])
    expect([text, 'what' in read(text)]).toEqual([text, true]);
});

test('whatever a cell holds is posted as it stands: nothing in it is taken for Markdown', async () => {
  const toPlain = await openToPlain();
  const plain = (text: string) =>
    toPlain(toMarkdown(text, toPlain)).replaceAll(literalBraces, '{{');
  for (const text of [
    '*wow* _so_ `good`',
    '# not a heading',
    '1. one\n2. two',
    '- a\n- b',
    '<b>bold</b> & &amp;',
    '[a](b) ![c](d)',
    'a\n===',
    '> said',
    '#tag first *x*',
    'https://a.example/x_y*z* [1]',
    '~~~\nx',
  ])
    expect([text, plain(text)]).toEqual([text, text]);
  expect(toMarkdown('Plain text, with a link https://example.com/a_b.\n\nAnd #tag.', toPlain)).toBe(
    'Plain text, with a link https://example.com/a_b.\n\nAnd #tag.',
  );
  const marks = fc.array(
    fc.constantFrom(
      '*',
      '_',
      '`',
      '#',
      '-',
      '+',
      '>',
      '<',
      '&',
      '[',
      ']',
      '(',
      ')',
      '!',
      '\\',
      '~',
      '=',
      '1.',
      'a',
      'b',
      ' ',
      '\n',
      '\n\n',
      'https://e.xy/',
      '@me',
      '{{',
      '}}',
      ':',
      '"',
      '|',
    ),
    { maxLength: 14 },
  );
  await fc.assert(
    fc.asyncProperty(marks, async (words) => {
      const text = words
        .join('')
        .split('\n')
        .map((line) => line.trimEnd())
        .join('\n')
        .replaceAll(/\n{3,}/g, '\n\n')
        .trim();
      expect(plain(text)).toBe(text);
    }),
    { numRuns: 4000 },
  );
});
