import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { openTerminal } from '../../src/cli/terminal.ts';
import { openJsonLog, openPlainLog } from '../../src/io/log.ts';
import { toPrintable } from '../../src/io/scrub.ts';

const ranges = [
  [0x00, 0x08],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0x61c, 0x61c],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2066, 0x2069],
];
const controls = ranges.flatMap(([from = 0, to = 0]) =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i)),
);
const foreign = fc
  .array(fc.oneof(fc.constantFrom(...controls), fc.string({ unit: 'grapheme', maxLength: 4 })))
  .map((all) => all.join(''));
const has = (text: string) => controls.some((one) => text.replaceAll('\r\n', '\n').includes(one));

afterEach(() => vi.restoreAllMocks());

/** What a terminal gets from each of the ways to it. */
function printed(text: string): string[] {
  const lines: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  openTerminal({ isJson: false, secrets: [] }).print(text, {});
  openTerminal({ isJson: true, secrets: [] }).print('', { text });
  const log = openPlainLog([]);
  log.info(text);
  log.warn(text);
  vi.restoreAllMocks();
  for (const say of ['info', 'warn'] as const)
    openJsonLog([], (line) => lines.push(line))[say](text, { title: text });
  return lines;
}

test('no control that a terminal obeys comes through, whatever it stands beside', () => {
  for (const one of controls) expect(printed(`a${one}b`).filter(has)).toEqual([]);
  fc.assert(
    fc.property(foreign, (text) => {
      expect(printed(text).filter(has)).toEqual([]);
    }),
  );
});

test('sequences lose what makes them one, and texts of all scripts stay whole', () => {
  expect(toPrintable('\u001B]52;c;aGk=\u0007\u001B[2J\u009B31mred\u202E')).toBe(
    ']52;c;aGk=[2J31mred',
  );
  for (const text of ['a\n\tb', '👨‍👩‍👧', 'نص عربي', 'می‌خواهم', '東京', 'e\u0301'])
    expect(toPrintable(text)).toBe(text);
});

test('JSON keeps what it was, as an escape', () => {
  const lines = printed('a\u001B\u009B\u202Eb');
  expect(JSON.parse(lines[1] ?? '')).toEqual({ text: 'a\u001B\u009B\u202Eb' });
});
