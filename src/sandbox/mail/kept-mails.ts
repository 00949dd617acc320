import PostalMime from 'postal-mime';
import { type Instant, toIso } from '../../core/time.ts';

/** A mail in one person's inbox. */
export interface SandboxMail {
  id: string;
  to: string;
  /** As the envelope has it: where a bounce would go. */
  envelopeFrom: string;
  /** As the person sees it. */
  from: string;
  subject: string;
  messageId: string;
  at: Instant;
  /** As they came. */
  headers: string;
  text: string;
  html: string;
}

/** As the page's /mail.json tells it. */
export interface AcceptedMail {
  to: string;
  from: string;
  subject: string;
  messageId: string;
  at: string;
  text: string;
}

export const toAcceptedMail = (mail: SandboxMail): AcceptedMail => {
  const { to, from, subject, messageId, at, text } = mail;
  return { to, from, subject, messageId, at: toIso(at), text };
};

const longestPart = 500_000;

export type ReadMail = Pick<
  SandboxMail,
  'from' | 'subject' | 'messageId' | 'headers' | 'text' | 'html'
>;

/** What mail programs make of its bytes. */
export async function readMail(bytes: Buffer): Promise<ReadMail> {
  const mail = await PostalMime.parse(bytes);
  const end = bytes.indexOf('\r\n\r\n');
  const { address = '', name = '' } = mail.from ?? {};
  return {
    from: name === '' ? address : `${name} <${address}>`,
    subject: mail.subject ?? '',
    messageId: mail.messageId ?? '',
    headers: bytes
      .subarray(0, end < 0 ? bytes.length : end)
      .toString('utf8')
      .slice(0, longestPart),
    text: (mail.text ?? '').slice(0, longestPart),
    html: (mail.html ?? '').slice(0, longestPart),
  };
}
