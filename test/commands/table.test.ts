import { expect, test } from 'vitest';
import { shorten, toTable } from '../../src/commands/table.ts';

const family = '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}';

test.each([
  ['Hello there', 11, 'Hello there'],
  ['Hello there', 7, 'Hello…'],
  ['Hello there', 8, 'Hello t…'],
  ['投稿を予約する', 14, '投稿を予約する'],
  ['投稿を予約する', 13, '投稿を予約す…'],
  ['投稿を予約する', 8, '投稿を…'],
  [`a ${family}${family}`, 5, `a ${family}…`],
  [`a ${family}${family}`, 4, 'a…'],
])('%s in %i columns is %s', (text, columns, short) => {
  expect(shorten(text, columns)).toBe(short);
});

test('columns stay aligned beside shortened text of double width', () => {
  const table = toTable(
    ['post', 'at'],
    ['投稿を予約する', 'Hello'].map((text) => [shorten(text, 8), 'now']),
  );
  expect(table).toBe(' post     at\n 投稿を…  now\n Hello    now');
});
