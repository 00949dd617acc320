import type { MailConfig } from '../../config/mail/schema-mail.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { second } from '../../core/time.ts';
import { nameOf } from '../../mail/mail-server.ts';

export interface ServerCheck {
  /** What it is for. */
  account: 'mail' | 'mailbox';
  server: string;
  ok: boolean;
  error?: string;
}

const checkFor = 20 * second;

/** Logs in to the mail server, and to the mailbox of reports. Sends and reads nothing. */
export async function checkMail(mail: MailConfig | undefined): Promise<ServerCheck[]> {
  if (!mail) return [];
  const { imap } = mail.bounces;
  const found = [
    { account: 'mail' as const, server: nameOf(mail), error: await checkSending(mail) },
  ];
  const box = imap && {
    account: 'mailbox' as const,
    server: nameOf(imap),
    error: await checkReading(imap),
  };
  return [...found, ...(box ? [box] : [])].map((one) =>
    pickDefined({ ...one, ok: one.error === undefined }),
  );
}

async function checkSending(mail: MailConfig): Promise<string | undefined> {
  const { openMailer } = await import('../../mail/open-mailer.ts');
  await using mailer = openMailer(mail);
  return mailer.check(AbortSignal.timeout(checkFor));
}

/** The first look at a mailbox takes nothing out of it. */
async function checkReading(
  imap: NonNullable<MailConfig['bounces']['imap']>,
): Promise<string | undefined> {
  const { openMailbox } = await import('../../mail/reports/read-mailbox.ts');
  const mailbox = openMailbox({ ...imap, addresses: [], readToken: () => ({}) });
  try {
    const signal = AbortSignal.timeout(checkFor);
    await mailbox.readNew(undefined, { take: async () => undefined, signal });
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `The mailbox cannot be read: ${why}. Check mail.bounces.imap.`;
  }
}
