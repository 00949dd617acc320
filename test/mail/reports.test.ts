import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MailReport, readReport } from '../../src/mail/reports/read-mail-report.ts';

const ours = { addresses: ['bounces@example.com', 'hello@example.com'] };
const read = (lines: string[]) => readReport(Buffer.from(lines.join('\r\n')), ours);

const returned = [
  '--b',
  'Content-Type: message/rfc822',
  '',
  'From: Shop <hello@example.com>',
  'To: ann@example.net',
  'Message-ID: <d1@example.com>',
  'Subject: Hello',
  '',
  'Text with <other@example.com>',
];

const headersOnly = [
  '--b',
  'Content-Type: text/rfc822-headers',
  '',
  'Received: from a by b',
  'Message-ID:',
  ' <d1@example.com>',
  'Subject: Hello',
  '',
];

interface Dsn {
  status?: string;
  said?: string;
  action?: string;
  back?: string[];
}

const dsn = ({ status = '5.1.1', said = 'x', action = 'failed', back = returned }: Dsn) => [
  'Return-Path: <>',
  'Delivered-To: bounces+tok7@example.com',
  'From: MAILER-DAEMON@mx.example.net (Mail Delivery System)',
  'To: bounces+tok7@example.com',
  'Subject: Undelivered Mail Returned to Sender',
  'Auto-Submitted: auto-replied',
  'MIME-Version: 1.0',
  'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
  '',
  '--b',
  'Content-Type: text/plain',
  '',
  'I am sorry to have to inform you that your message could not be delivered.',
  '--b',
  'Content-Type: message/delivery-status',
  '',
  'Reporting-MTA: dns; mx.example.net',
  'Original-Envelope-Id: d-17',
  '',
  'Final-Recipient: rfc822; ann@example.net',
  'Original-Recipient: rfc822;ann@example.net',
  `Action: ${action}`,
  `Status: ${status}`,
  'Remote-MTA: dns; mx.example.net',
  `Diagnostic-Code: smtp; ${said}`,
  '',
  ...back,
  '--b--',
  '',
];

test('a report says whom it is about, in all the ways that ours can be found again', async () => {
  for (const back of [returned, headersOnly])
    expect(
      await read(dsn({ said: '550 5.1.1 <ann@example.net>: no\r\n such user', back })),
    ).toEqual({
      kind: 'hard',
      token: 'tok7',
      envelopeId: 'd-17',
      recipient: 'ann@example.net',
      status: '5.1.1',
      words: '550 5.1.1 <ann@example.net>: no such user',
      from: 'MAILER-DAEMON@mx.example.net',
      messageIds: ['<d1@example.com>'],
    });
});

const rows: [MailReport['kind'], Dsn][] = [
  ['hard', { status: '5.1.1', said: '550 5.1.1 The email account does not exist' }],
  ['hard', { status: '5.1.2', said: '550 5.1.2 Host unknown' }],
  ['hard', { status: '5.1.10', said: '550 5.1.10 RESOLVER.ADR.RecipientNotFound' }],
  ['hard', { status: '5.0.0', said: '550 User unknown' }],
  ['hard', { status: '5.0.0', said: '550-5.1.1 no such\r\n user 550 5.1.1' }],
  ['hard', { status: '5.0.0', said: '554 delivery error' }],
  ['hard', { status: '5.2.1', said: '550 5.2.1 The account is disabled' }],
  ['hard', { status: '5.4.4', said: 'Host or domain name not found' }],
  ['soft', { status: '5.2.2', said: '552 5.2.2 Mailbox full' }],
  ['soft', { status: '5.0.0', said: '552 5.2.2 over quota' }],
  ['soft', { status: '4.4.1', said: 'connect to mx.example.net: Connection timed out' }],
  ['soft', { status: '4.0.0', said: '451 try later' }],
  ['soft', { status: '5.3.4', said: '552 5.3.4 Message too big' }],
  ['soft', { status: '5.4.1', said: 'No answer from host' }],
  ['soft', { status: '5.4.7', said: 'delivery time expired' }],
  ['policy', { status: '5.7.1', said: '550 5.7.1 Service unavailable; blocked' }],
  ['policy', { status: '5.7.26', said: '550-5.7.26 This mail has been blocked: DMARC' }],
  ['policy', { status: '5.0.0', said: '550 5.7.515 Access denied' }],
  ['policy', { status: '5.0.0', said: '554 IP listed at Spamhaus' }],
  ['policy', { status: '4.7.0', said: '421 4.7.0 too many messages' }],
  ['policy', { status: '5.1.8', said: '553 5.1.8 Sender address rejected' }],
  ['delayed', { status: '4.4.1', action: 'delayed' }],
  ['automatic', { status: '2.0.0', action: 'delivered' }],
  ['automatic', { status: '2.0.0', action: 'relayed' }],
];

test.each(rows)('a report is %s: %j', async (kind, dsnOf) => {
  expect((await read(dsn(dsnOf))).kind).toBe(kind);
});

test('of several recipients the one that failed counts', async () => {
  const lines = dsn({ status: '5.1.1', said: '550 5.1.1 no' });
  lines.splice(
    lines.indexOf('Final-Recipient: rfc822; ann@example.net'),
    0,
    'Final-Recipient: rfc822; bob@example.net',
    'Action: delivered',
    'Status: 2.0.0',
    '',
  );
  expect(await read(lines)).toMatchObject({ kind: 'hard', recipient: 'ann@example.net' });
});

test('servers that report in words alone are understood', async () => {
  const exim = [
    'Return-path: <>',
    'X-Failed-Recipients: ann@example.net',
    'Auto-Submitted: auto-replied',
    'From: Mail Delivery System <Mailer-Daemon@mx.example.net>',
    'To: bounces+tok7@example.com',
    'Subject: Mail delivery failed: returning message to sender',
    '',
    'This message was created automatically by mail delivery software.',
    '  ann@example.net',
    '    host mx.example.net: 550 5.1.1 User unknown',
  ];
  expect(await read(exim)).toMatchObject({
    kind: 'hard',
    token: 'tok7',
    recipient: 'ann@example.net',
    status: '5.1.1',
  });
  const qmail = [
    'From: MAILER-DAEMON@mx.example.net',
    'To: bounces+tok7@example.com',
    'Subject: failure notice',
    '',
    'Hi. This is the qmail-send program. Your message could not be delivered.',
    '<ann@example.net>:',
    'Sorry, no mailbox here by that name. (#5.1.1)',
  ];
  expect(await read(qmail)).toMatchObject({ kind: 'hard', recipient: 'ann@example.net' });
});

const arf = (type: string) => [
  'From: <fbl@provider.example>',
  'To: bounces@example.com',
  'Subject: complaint',
  'MIME-Version: 1.0',
  'Content-Type: multipart/report; report-type=feedback-report; boundary="b"',
  '',
  '--b',
  'Content-Type: text/plain',
  '',
  'This is an email abuse report.',
  '--b',
  'Content-Type: message/feedback-report',
  '',
  `Feedback-Type: ${type}`,
  'User-Agent: SomeGenerator/1.0',
  'Version: 1',
  'Original-Rcpt-To: <ann@example.net>',
  '',
  ...returned,
  '--b--',
  '',
];

test('a complaint is one, and a report of another kind is none', async () => {
  expect(await read(arf('abuse'))).toMatchObject({
    kind: 'complaint',
    recipient: 'ann@example.net',
    messageIds: ['<d1@example.com>'],
  });
  expect((await read(arf('not-spam'))).kind).toBe('automatic');
  expect((await read(arf('auth-failure'))).kind).toBe('automatic');
});

const answer = (...headers: string[]) => [
  'From: Ann <ann@example.net>',
  'To: hello+tok7@example.com',
  'In-Reply-To: <d1@example.com>',
  'References: <d0@example.com>',
  ' <d1@example.com>',
  ...headers,
  '',
  'Yes, please call me.',
  '',
  'On Tue, 3 Mar 2026 at 09:00, Shop <hello@example.com>',
  'wrote:',
  '> Shall we?',
];

describe('an answer', () => {
  test.each([
    [],
    ['Subject: Re: Hello'],
    ['Auto-Submitted: no'],
    ['Precedence: bulk'],
    ['Precedence: list'],
    ['List-Id: <x.example.net>'],
  ])('of a person is a reply, with their own words: %s', async (...headers) => {
    expect(await read(answer(...headers))).toEqual({
      kind: 'reply',
      token: 'tok7',
      from: 'ann@example.net',
      words: 'Yes, please call me.',
      messageIds: ['<d1@example.com>', '<d0@example.com>'],
    });
  });

  test.each([
    'Auto-Submitted: auto-replied',
    'Auto-Submitted: auto-generated (vacation)',
    'X-Autoreply: yes',
    'X-Autorespond: vacation',
    'Precedence: auto_reply',
    'Return-Path: <>',
    'Subject: Automatic reply: Hello',
    'Subject: Out of Office Re: Hello',
    'Subject: Abwesenheitsnotiz: Hello',
  ])('of a machine is none: %s', async (header) => {
    expect(await read(answer(header))).toMatchObject({ kind: 'automatic', token: 'tok7' });
  });

  test.each([
    'Am 3. März 2026 schrieb Shop <hello@example.com>:',
    'Le 3 mars 2026 à 09:00, Shop a écrit :',
    '-----Original Message-----',
    'Von: Shop <hello@example.com>',
    '________________________________',
    '-- ',
  ])('ends where the mail below it begins: %s', async (line) => {
    const lines = [
      'From: a@example.net',
      'Content-Type: text/plain; charset=utf-8',
      '',
      'Stop',
      line,
      'More',
    ];
    expect((await read(lines)).words).toBe('Stop');
  });
});

test('a token is read from our own addresses alone', async () => {
  const to = (address: string) => read(['From: a@example.net', `To: ${address}`, '', 'x']);
  expect((await to('HELLO+aB_-9@Example.com')).token).toBe('aB_-9');
  expect((await to('eve+tok@example.org')).token).toBeUndefined();
  expect((await to('hello@example.com')).token).toBeUndefined();
  expect((await to('xhello+tok@example.com')).token).toBeUndefined();
});

test('any bytes are read without an error, and words stay short', async () => {
  const piece = fc.oneof(
    fc.constantFrom(...dsn({}), ...arf('abuse'), ...answer()),
    fc.string({ maxLength: 40 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (lines) => {
      expect((await read(lines)).words.length).toBeLessThanOrEqual(2000);
    }),
    { numRuns: 200 },
  );
  expect((await readReport(Buffer.alloc(3_000_000, '<a@b> '), ours)).kind).toBe('reply');
});
