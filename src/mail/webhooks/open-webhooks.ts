import type { Webhook } from '../../ports/people/webhooks.ts';
import { openBrevo } from './brevo.ts';
import type { Credentials } from './provider-login.ts';
import { openMailgun } from './mailgun.ts';
import { openPostmark } from './postmark.ts';
import { openSendgrid } from './sendgrid.ts';
import { type GetText, openSes } from './ses.ts';
import type { ReadToken } from '../reports/known-token.ts';

/** Providers that tell what became of mails, with what each proves itself by. */
export interface WebhookSettings {
  ses?: { topic: string };
  postmark?: { user: string; password: string };
  mailgun?: { signingKey: string };
  sendgrid?: { publicKey: string };
  brevo?: Credentials;
}

export function openWebhooks(
  { ses, postmark, mailgun, sendgrid, brevo }: WebhookSettings,
  { readToken, getText }: { readToken: ReadToken; getText: GetText },
): Webhook[] {
  return [
    ...(ses ? [openSes({ ...ses, getText, readToken })] : []),
    ...(postmark ? [openPostmark(postmark, readToken)] : []),
    ...(mailgun ? [openMailgun(mailgun.signingKey, readToken)] : []),
    ...(sendgrid ? [openSendgrid(sendgrid.publicKey, readToken)] : []),
    ...(brevo ? [openBrevo(brevo, readToken)] : []),
  ];
}
