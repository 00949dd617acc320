import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { toCsv } from '../../src/core/text/to-csv.ts';

test('what is written is read again, whatever is in it, with CRLF and the mark of UTF-8', () => {
  const rows = [
    ['when', 'text'],
    ['a,b', 'say "hi"'],
    ['two\r\nlines\nand more', 'Grüße 🎉'],
    ['', ' blank '],
  ];
  const csv = toCsv(rows);
  expect(Buffer.from(csv).subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
  expect(csv.endsWith('\r\n')).toBe(true);
  expect(parse(csv, { bom: true, record_delimiter: '\r\n' })).toEqual(rows);
});

test.each(['=1+1', '+1', '-1', '@a', '\t=1', '\r=1', ' =HYPERLINK("x")', '\n=1'])(
  'a text that a spreadsheet takes for a formula (%j) is a text',
  (text) => {
    expect(parse(toCsv([[text]]), { bom: true, record_delimiter: '\r\n' })).toEqual([[`'${text}`]]);
  },
);

test('numbers stay numbers, below zero too, and what is not known is empty', () => {
  expect(toCsv([[0, -1, 2.5, undefined, '-1']])).toBe("\uFEFF0,-1,2.5,,'-1\r\n");
});
