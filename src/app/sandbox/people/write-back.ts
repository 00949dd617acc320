import type { AcceptedMail } from '../../../sandbox/open-sandbox.ts';

/** What comes back to us for a mail that somebody got, as raw mails. */
type About = Pick<AcceptedMail, 'to' | 'from' | 'subject' | 'messageId'>;

const line = (text: string) => text.replaceAll(/[\r\n]+/g, ' ');

export const toAnswer = ({ to, from, subject, messageId }: About, words: string): string =>
  [
    `From: ${line(to)}`,
    `To: ${line(from)}`,
    `Subject: Re: ${line(subject)}`,
    `Message-ID: <answer.${messageId.slice(1)}`,
    `In-Reply-To: ${messageId}`,
    'Content-Type: text/plain; charset=utf-8',
    '',
    words,
    '',
  ].join('\n');

const boundary = 'between-the-parts';

function toMultipart(about: About, { from, subject, type, machine, text }: Returned): string {
  return [
    `From: ${from}`,
    `To: ${line(about.from)}`,
    `Subject: ${subject}`,
    `Content-Type: multipart/report; report-type=${type}; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=utf-8',
    '',
    text,
    `--${boundary}`,
    `Content-Type: message/${type}`,
    '',
    ...machine,
    '',
    `--${boundary}`,
    'Content-Type: message/rfc822',
    '',
    `Message-ID: ${about.messageId}`,
    `Subject: ${line(about.subject)}`,
    '',
    'Hello',
    `--${boundary}--`,
    '',
  ].join('\n');
}

interface Returned {
  from: string;
  subject: string;
  type: string;
  machine: string[];
  text: string;
}

/** The mailbox is not there any more. */
export const toBounce = (about: About): string =>
  toMultipart(about, {
    from: 'MAILER-DAEMON@mail.people.example',
    subject: 'Undelivered Mail Returned to Sender',
    type: 'delivery-status',
    text: 'This mail could not be delivered.',
    machine: [
      'Reporting-MTA: dns; mail.people.example',
      '',
      `Final-Recipient: rfc822; ${line(about.to)}`,
      'Action: failed',
      'Status: 5.1.1',
      'Diagnostic-Code: smtp; 550 5.1.1 This mailbox does not exist',
    ],
  });

/** They have pressed the button that says spam. */
export const toComplaint = (about: About): string =>
  toMultipart(about, {
    from: 'feedback@people.example',
    subject: 'Complaint',
    type: 'feedback-report',
    text: 'A person has called this mail spam.',
    machine: [
      'Feedback-Type: abuse',
      'User-Agent: PeopleExample/1.0',
      'Version: 1',
      `Original-Rcpt-To: ${line(about.to)}`,
    ],
  });
