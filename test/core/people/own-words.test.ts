import { expect, test } from 'vitest';
import { saysWord, toOwnWords } from '../../../src/core/people/words/own-words.ts';
import { saysStop } from '../../../src/core/people/words/stop-words.ts';

const says = (text: string, word = 'GUIDE') => saysWord(toOwnWords(text), word);

test.each([
  'GUIDE',
  'guide',
  'Guide, please!',
  '@acme@social.example guide',
  '@acme.example.com "GUIDE"',
  '«guide»',
  '¡Guide!',
  '#guide',
  '*GUIDE*',
  '_guide_ …',
  'ＧＵＩＤＥ',
  'GU\u00adIDE',
  'guidé 👍',
  'GUIDE👍🏽',
  'Yes:\nguide.',
  '> You get it with one word\nGUIDE',
])('%j says the word', (text) => {
  expect(says(text)).toBe(true);
});

test.each([
  '',
  'guides',
  'misguided',
  'GUIDE2',
  'the tour-guide',
  'https://guide.example/guide',
  'www.guide.example/GUIDE',
  'guide.example',
  'see guide.example/guide',
  'guide@example.org',
  '@guide hello',
  '@acme @guide@social.example hi',
  '> answer with GUIDE\nwhat is that?',
  'You wrote “Answer this with GUIDE to get it”. Why?',
  'RT @acme: answer with GUIDE',
  'RE: https://social.example/guide',
])('%j does not say it', (text) => {
  expect(says(text)).toBe(false);
});

test.each([
  ['ich möchte den führer', 'FÜHRER'],
  ['STRASSE bitte', 'Straße'],
  ['Οδηγός!', 'ΟΔΗΓΟΣ'],
  ['гид, пожалуйста', 'ГИД'],
  ['أريد الدليل من فضلك', 'الدليل'],
  ['ガイドください', 'ガイド'],
  ['指南', '指南'],
  ['我要指南谢谢', '指南'],
  ['가이드 주세요', '가이드'],
  ['ıspanak', 'ISPANAK'],
  ['week-plan please', 'WEEK-PLAN'],
])('%j says %j', (text, word) => {
  expect(says(text, word)).toBe(true);
});

test('a word of a dense script inside a longer one is another word', () => {
  expect(says('ガイドライン', 'ガイド')).toBe(false);
});

test.each([
  'stop',
  'STOP!',
  '@acme Stop please',
  'Bitte abmelden.',
  'stopp',
  'Désabonner svp',
  'basta',
  'стоп',
  '退订',
  '配信停止',
  'No more, thanks',
  'opt out',
  'הסר',
])('%j is a stop', (text) => {
  expect(saysStop(toOwnWords(text))).toBe(true);
});

test.each([
  '',
  'GUIDE',
  "Don't stop!",
  'Never stop please',
  'Nicht aufhören',
  'I could not stop reading this, wonderful',
  'Does the bus stop near your shop, or further on?',
  'nonstop',
  'https://stop.example',
  '> stop\nWhat does it cost?',
])('%j is none', (text) => {
  expect(saysStop(toOwnWords(text))).toBe(false);
});

test('a long answer is looked at in little time', () => {
  const began = performance.now();
  for (const piece of ['a.', '"', '@', '> ', 'https://', 'ガ', '-', '@a.', '«a '])
    expect(says(piece.repeat(50_000))).toBe(false);
  expect(performance.now() - began).toBeLessThan(20_000);
});
