import { expect, test } from 'vitest';
import { makePlace } from './kit.ts';

const latin = (text: string) => Buffer.from(text, 'latin1');
const yaml = 'timezone: UTC\nqueues:\n  größe: { perDay: 1 }\n';

test('a configuration that is not UTF-8 is told with its place', () => {
  using place = makePlace();
  place.write({ 'config/dripline.yaml': latin(yaml) });
  expect(place.told()).toEqual([
    'config/dripline.yaml:3:5 is not UTF-8 text: save the file as UTF-8',
  ]);
});

const withSecret =
  'timezone: UTC\naccounts:\n  b: { network: bluesky, handle: a.example.com, password: "${PW}" }\n';

test('byte order marks are no part of a configuration, a name or a secret', () => {
  using place = makePlace();
  place.write({
    'config/dripline.yaml': Buffer.from(`\uFEFF# größe\n${withSecret}`, 'utf16le'),
    '.env': '\uFEFFPW=one\n',
    'pw.txt': '\uFEFFtwo\n',
  });
  expect(place.load().accounts).toMatchObject([{ name: 'b', password: 'one' }]);
  place.write({ '.env': `\uFEFFPW_FILE=${place.path}/pw.txt\n` });
  expect(place.load().accounts).toMatchObject([{ name: 'b', password: 'two' }]);
});

test('.env and files of secrets that are not UTF-8 are told, and their text is not', () => {
  using place = makePlace(withSecret);
  place.write({ 'pw.txt': latin('geheim-ü') });
  const told = place.told({ PW_FILE: `${place.path}/pw.txt` }).join('\n');
  expect(told).toContain('is not UTF-8 text (line 1, column 8): save the file as UTF-8');
  expect(told).not.toContain('geheim');
  place.write({ '.env': latin('PW=geheim-ü') });
  expect(place.told()).toEqual([
    '.env is not UTF-8 text (line 1, column 11): save the file as UTF-8',
  ]);
});
