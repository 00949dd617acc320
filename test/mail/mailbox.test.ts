import { expect } from 'vitest';
import { type MailboxSettings, openMailbox } from '../../src/mail/reports/read-mailbox.ts';
import type { MailboxMark, Report } from '../../src/ports/people/mailbox.ts';
import { dovecotOrSkip } from './dovecot.ts';

const { peer: openDovecot, test } = dovecotOrSkip();

const bounce = (token: string) => `From: MAILER-DAEMON@mx.example
To: bounces+${token}@shop.example
Delivered-To: bounces+${token}@shop.example
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ada@people.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown
--b--
`;

const answer = `From: Ada <ada@people.example>
To: hello@shop.example
In-Reply-To: <abc@shop.example>
Subject: Re: Hello

Thank you!
`;

test('a mailbox is read from where it was left, and what was there before is not about us', async () => {
  if (!openDovecot) return;
  await using dovecot = await openDovecot();
  const mailbox = openMailbox({
    host: '127.0.0.1',
    port: dovecot.port,
    user: dovecot.user,
    password: dovecot.password,
    tls: 'off',
    mailbox: 'INBOX',
    addresses: ['bounces@shop.example', 'hello@shop.example'],
    readToken: (token) => (token === 'good' ? { dispatch: 'welcome.hello@p-1' } : {}),
  });
  const signal = new AbortController().signal;
  const read = async (from: MailboxMark | undefined) => {
    const reports: Report[] = [];
    const take = async (report: Report) => void reports.push(report);
    return { mark: await mailbox.readNew(from, { take, signal }), reports };
  };
  dovecot.deliver(bounce('old'));
  const first = await read(undefined);
  expect(first.reports).toEqual([]);
  expect((await read(first.mark)).reports).toEqual([]);
  dovecot.deliver(bounce('good'));
  dovecot.deliver(bounce('forged'));
  dovecot.deliver(answer);
  const second = await read(first.mark);
  expect(second.reports.map(({ kind, dispatch }) => [kind, dispatch])).toEqual([
    ['hard', 'welcome.hello@p-1'],
    ['hard', undefined],
    ['reply', undefined],
  ]);
  expect(second.reports[2]?.messageIds).toEqual(['<abc@shop.example>']);
  expect((await read(second.mark)).reports).toEqual([]);
  // A mailbox that was made anew is read from its beginning: each report counts once anyway.
  const again = await read({ validity: '1', lastUid: 999 });
  expect(again.reports.length).toBe(4);
  expect(again.reports[1]?.id).toBe(second.reports[0]?.id);
});

test('a mailbox that cannot be read says why, and does not hang', async () => {
  if (!openDovecot) return;
  await using dovecot = await openDovecot();
  const settings: Omit<MailboxSettings, 'port'> = {
    host: '127.0.0.1',
    user: 'shop',
    tls: 'off',
    mailbox: 'INBOX',
    addresses: ['hello@shop.example'],
    readToken: () => ({}),
  };
  const options = { take: async () => undefined, signal: new AbortController().signal };
  const read = (more: { port: number; password: string; mailbox?: string }) =>
    openMailbox({ ...settings, ...more }).readNew(undefined, options);
  await expect(read({ port: dovecot.port, password: 'wrong' })).rejects.toThrow();
  await expect(read({ port: 1, password: 'secret' })).rejects.toThrow();
  await expect(read({ port: dovecot.port, password: 'secret', mailbox: 'None' })).rejects.toThrow();
});
