import { expect, test } from 'vitest';
import {
  type Consent,
  everything,
  permissionFor,
  type Suppression,
} from '../../../src/core/people/consent.ts';
import { type Address, keyOfAddress, whyNoMailAddress } from '../../../src/core/people/person.ts';

const consent = (more: Partial<Consent> = {}): Consent => ({
  id: 'c',
  person: 'p',
  medium: 'mail',
  addressKey: 'mail:a@b.example',
  purpose: everything,
  way: 'form',
  at: 10,
  words: 'Yes, send me the newsletter',
  confirmedAt: 20,
  ...more,
});

const stop = (more: Partial<Suppression> = {}): Suppression => ({
  hash: 'h',
  purpose: everything,
  at: 30,
  because: 'unsubscribed',
  ...more,
});

const asked = { medium: 'mail', addressKey: 'mail:a@b.example', purpose: 'welcome' } as const;

test('who may be written to', () => {
  const { confirmedAt: _, ...unconfirmed } = consent();
  const cases: [what: string, consents: Consent[], stops: Suppression[], is: string][] = [
    ['nobody asked', [], [], 'none'],
    ['a form that was confirmed', [consent()], [], 'given'],
    ['a form that was not', [unconfirmed], [], 'none'],
    ['for another medium', [consent({ medium: 'letter' })], [], 'none'],
    ['for another address', [consent({ addressKey: 'mail:c@b.example' })], [], 'none'],
    ['for this sequence', [consent({ purpose: 'welcome' })], [], 'given'],
    ['for another sequence', [consent({ purpose: 'offers' })], [], 'none'],
    ['an import', [consent({ way: 'import' })], [], 'given'],
    ['stopped afterwards', [consent()], [stop()], 'stopped'],
    ['one sequence stopped', [consent()], [stop({ purpose: 'welcome' })], 'stopped'],
    ['another one stopped', [consent()], [stop({ purpose: 'offers' })], 'given'],
    ['confirmed again', [consent(), consent({ confirmedAt: 40 })], [stop()], 'given'],
    ['filled in again, and not confirmed', [consent(), unconfirmed], [stop()], 'stopped'],
    ['stopped, then imported', [consent({ way: 'import', at: 50 })], [stop()], 'stopped'],
    ['stopped, then an operator', [consent({ way: 'operator', at: 50 })], [stop()], 'stopped'],
    ['at the same instant', [consent({ confirmedAt: 30 })], [stop()], 'stopped'],
  ];
  for (const [what, consents, stops, is] of cases)
    expect(permissionFor(asked, consents, stops).is, what).toBe(is);
});

test('one person has one key however the address is written', () => {
  const mail = (value: string): Address => ({ medium: 'mail', value });
  expect(keyOfAddress(mail(' Ada@Example.COM '))).toBe(keyOfAddress(mail('ada@example.com')));
  expect(keyOfAddress(mail('a.b@example.com'))).not.toBe(keyOfAddress(mail('ab@example.com')));
  expect(keyOfAddress(mail('a+x@example.com'))).not.toBe(keyOfAddress(mail('a@example.com')));
});

test('addresses that mail cannot use are told apart from those that it can', () => {
  for (const fine of ['a@b.example', 'a.b+c@sub.b-c.example', "o'hara@müller.example"])
    expect(whyNoMailAddress(fine), fine).toBeUndefined();
  for (const wrong of [
    '',
    'a',
    'a@b',
    '@b.example',
    'a@',
    'a@b..example',
    'a..b@c.example',
    '.a@b.example',
    'a@b.example, c@d.example',
    'a@b@c.example',
    'a b@c.example',
    'a@b.example\r\nBcc: c@d.example',
    'ä@b.example',
    'a@-b.example',
    '"a"@b.example',
    'a@[127.0.0.1]',
    `${'a'.repeat(65)}@b.example`,
    `a@${'b.'.repeat(150)}example`,
  ])
    expect(whyNoMailAddress(wrong), wrong).toBeTypeOf('string');
});
