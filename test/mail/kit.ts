import { openMailer } from '../../src/mail/open-mailer.ts';
import type { MailerSettings } from '../../src/mail/mail-server.ts';
import type { MailCall, OutgoingMail } from '../../src/ports/people/mail.ts';

let made = 0;

/** A mail of its own, with a line that begins with a dot. */
export function makeMail(own: Partial<OutgoingMail> = {}): OutgoingMail {
  const messageId = `<m${++made}@example.com>`;
  const lines = [
    'From: Shop <hello@example.com>',
    'To: ann@example.net',
    'Subject: Hello',
    'Date: Tue, 03 Mar 2026 08:00:00 +0000',
    `Message-ID: ${messageId}`,
    '',
    '.a line with a dot',
    'Good bye',
    '',
  ];
  return {
    envelopeFrom: 'bounces+t1@example.com',
    to: 'ann@example.net',
    messageId,
    bytes: Buffer.from(lines.join('\r\n')),
    ...own,
  };
}

/** As long as it takes to fill what lies between two sockets. */
export const makeLongMail = (): OutgoingMail => {
  const mail = makeMail();
  const filling = Buffer.alloc(24 * 1024 * 1024, `${'x'.repeat(76)}\r\n`);
  return { ...mail, bytes: Buffer.concat([mail.bytes, filling]) };
};

export const callWith = (own: Partial<MailCall> = {}): MailCall => ({
  signal: new AbortController().signal,
  mayOpen: () => undefined,
  ...own,
});

export const mailerTo = (port: number, own: Partial<MailerSettings> = {}) =>
  openMailer({ host: '127.0.0.1', port, tls: 'off', graceFor: 1, ...own });
