import { expect, test } from 'vitest';
import { parsePersonCondition } from '../../../src/core/people/condition/parse-person-condition.ts';
import { listHeaders } from '../../../src/mail/rendering/mail-headers.ts';

test('a word that is known, in the wrong place, is not called unknown', () => {
  for (const text of ['bought and and', 'bought or or clicked', 'and bought', 'not and'])
    expect(parsePersonCondition(text)).toMatchObject({
      complaint: { what: expect.stringMatching(/^"(and|or)" is not expected here$/) },
    });
  expect(parsePersonCondition('bougt')).toMatchObject({
    complaint: { what: 'unknown word "bougt"' },
  });
});

test('the name of a list neither begins nor ends with a hyphen', () => {
  for (const [id, name] of [
    ['~confirm', 'confirm'],
    ['_go_on_', 'go-on'],
    ['夏', 'list'],
  ] as const) {
    const group = { sequence: { id, title: '' }, step: 'a', domain: 'news.example.org' };
    const headers = listHeaders(group as Parameters<typeof listHeaders>[0], {
      unsubscribe: 'https://go.example.com/u/x',
    });
    expect(headers['List-Id']?.value).toBe(`<${name}.news.example.org>`);
  }
});
