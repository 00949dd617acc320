import { expect, test } from 'vitest';
import { isAlike } from '../../src/core/text/alike.ts';

test.each([
  ['Say it again', 'say it AGAIN!!'],
  ['A drip is steady. https://example.com/a', 'A drip is steady: https://example.com/b 💧'],
  [
    'one two three four five six seven eight nine ten eleven',
    'one two three four five six seven eight nine ten twelve',
  ],
  ['', '!!'],
])('"%s" and "%s" are the same to X', (a, b) => {
  expect(isAlike(a, b)).toBe(true);
});

test.each([
  ['Say it again', 'Say it otherwise'],
  ['Small amounts, steadily, for a long time.', 'What is steady beats what is loud.'],
  ['one two three', 'three two one'],
  ['Hello', ''],
])('"%s" and "%s" are not', (a, b) => {
  expect(isAlike(a, b)).toBe(false);
});
