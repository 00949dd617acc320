import { z } from 'zod';
import { parseMailbox } from '../../core/people/mail/mailbox.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { port } from '../door/schema-public.ts';
import { hint, secret } from '../schema-values.ts';
import { toWebhooks, webhookKeysAt, type WebhookConfig, webhooks } from './schema-webhooks.ts';

const senderHint = hint('not a sender', 'write it as "Shop <hello@example.com>"');
const sender = z
  .string({ error: senderHint })
  .refine((text) => parseMailbox(text) !== undefined, { error: senderHint })
  .describe('Such as "Shop <hello@example.com>"');

const bare = z
  .string()
  .refine((text) => parseMailbox(text)?.address === text, {
    error: hint('not an address', 'write it as bounces@example.com'),
  })
  .describe('Such as bounces@example.com');

const hostHint = hint('not the name of a server', 'write smtp.example.com, and its port as port');
const host = z
  .string({ error: hostHint })
  .regex(/^(?:[a-z0-9._-]+|[0-9a-f]*:[0-9a-f]*:[0-9a-f:.]*)$/i, hostHint);

const postalHint = hint('is missing', 'write the postal address that laws ask for in each mail');

const secured = z.enum(['required', 'implicit', 'off'], {
  error: hint(
    'neither required, implicit nor off',
    'leave it out: a secure connection is required',
  ),
});

const login = {
  host: host.describe('The server'),
  port: port.optional(),
  user: z.string().min(1).describe('The name to log in with').optional(),
  password: secret.describe('Its password').optional(),
  tls: secured
    .describe('required (STARTTLS; on the port for it from the first byte), implicit, or off')
    .optional(),
};

const perDayHint = hint('not a number of mails a day', 'write a whole number from 1 up');

const mailKeys = z.strictObject({
  from: sender.describe('Who the mails come from'),
  replyTo: sender.describe('Where answers go (from)').optional(),
  postalAddress: z
    .string({ error: postalHint })
    .trim()
    .min(1, postalHint)
    .describe('Stands below each mail; one line for each line of it'),
  ...login,
  perSecond: z
    .number()
    .positive(hint('not a rate', 'write a number above 0, such as 1'))
    .max(1000, hint('is more than a server takes', 'write a number up to 1000'))
    .describe('Mails a second at most (1)')
    .optional(),
  perDay: z
    .number({ error: perDayHint })
    .int(perDayHint)
    .positive(perDayHint)
    .describe('Mails in 24 hours at most (500)')
    .optional(),
  warmUp: z
    .boolean()
    .describe('A new domain: 50 mails a day, doubled each week (false)')
    .optional(),
  whenUnknown: z
    .enum(['leave', 'again'], {
      error: hint('neither leave nor again', 'leave never sends a mail twice, again may'),
    })
    .describe('If the answer to a mail was lost: leave it (default), or send it once more')
    .optional(),
  bounces: z
    .strictObject({
      address: bare
        .describe('Where reports about mails go, with +TOKEN before the @ (from)')
        .optional(),
      imap: z
        .strictObject({
          ...login,
          mailbox: z.string().min(1).describe('The folder that they arrive in (INBOX)').optional(),
        })
        .describe('The mailbox in which they are read; nothing there is deleted')
        .optional(),
    })
    .describe('How reports about mails come back')
    .optional(),
  webhooks: webhooks
    .describe('Mail providers that tell bounces and complaints at /h/NAME of the public door')
    .optional(),
});

const loginHint = hint('is missing', 'user and password belong together: set both or neither');

type Login = { user?: string | undefined; password?: string | undefined };

/** A name without its password, or the other way round. */
const isHalf = ({ user, password }: Login) => (user === undefined) !== (password === undefined);
const missingOf = ({ user }: Login) => (user === undefined ? 'user' : 'password');

export const mail = mailKeys.superRefine((raw, context) => {
  if (isHalf(raw)) context.addIssue({ code: 'custom', path: [missingOf(raw)], message: loginHint });
  const imap = raw.bounces?.imap;
  if (imap && isHalf(imap))
    context.addIssue({
      code: 'custom',
      path: ['bounces', 'imap', missingOf(imap)],
      message: loginHint,
    });
});

/** Known keys below `mail`, for "did you mean". */
export function mailKeysAt(path: readonly string[]): readonly string[] {
  const [second, third] = path;
  if (second === undefined) return Object.keys(mailKeys.shape);
  if (second === 'webhooks') return webhookKeysAt(third);
  return third === undefined ? ['address', 'imap'] : [...Object.keys(login), 'mailbox'];
}

export interface MailLogin {
  host: string;
  port: number;
  user?: string;
  password?: string;
  tls: 'required' | 'off';
  isImplicit: boolean;
}

export interface MailConfig extends MailLogin {
  from: string;
  replyTo?: string;
  postalAddress: string;
  perSecond: number;
  perDay: number;
  warmUp: boolean;
  whenUnknown: 'leave' | 'again';
  bounces: { address: string; imap?: MailLogin & { mailbox: string } };
  webhooks?: WebhookConfig;
}

const usualPorts = { mail: { plain: 587, implicit: 465 }, imap: { plain: 143, implicit: 993 } };

type RawLogin = Pick<z.output<typeof mailKeys>, keyof typeof login>;

function toLogin(
  { host, port, user, password, tls = 'required' }: RawLogin,
  usual: { plain: number; implicit: number; first: number },
): MailLogin {
  const { implicit, plain, first } = usual;
  const otherwise = { required: first, implicit, off: plain }[tls];
  const known = Number(port ?? otherwise);
  const isImplicit = tls === 'implicit' || (tls === 'required' && known === implicit);
  return pickDefined({
    host,
    port: known,
    user,
    password,
    tls: tls === 'off' ? ('off' as const) : ('required' as const),
    isImplicit,
  });
}

export function toMail(raw: z.output<typeof mail>): MailConfig {
  const { imap, address = parseMailbox(raw.from)?.address ?? '' } = raw.bounces ?? {};
  const { mail, imap: forImap } = usualPorts;
  return pickDefined({
    ...toLogin(raw, { ...mail, first: mail.plain }),
    from: raw.from,
    replyTo: raw.replyTo,
    postalAddress: raw.postalAddress,
    perSecond: raw.perSecond ?? 1,
    perDay: raw.perDay ?? 500,
    warmUp: raw.warmUp ?? false,
    whenUnknown: raw.whenUnknown ?? 'leave',
    webhooks: raw.webhooks && toWebhooks(raw.webhooks),
    bounces: pickDefined({
      address,
      imap: imap && {
        ...toLogin(imap, { ...forImap, first: forImap.implicit }),
        mailbox: imap.mailbox ?? 'INBOX',
      },
    }),
  });
}
