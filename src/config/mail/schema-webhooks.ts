import { createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { pickDefined } from '../../core/pick-defined.ts';
import { hint, secret } from '../schema-values.ts';

const topicHint = hint(
  'not a topic of SNS',
  'write its ARN, such as arn:aws:sns:eu-west-1:123456789012:mails',
);
const topic = z
  .string({ error: topicHint })
  .regex(/^arn:aws(-[a-z]+)*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/, topicHint);

const keyHint = hint(
  'not a public key',
  'copy the verification key from Signed Event Webhook Requests of SendGrid',
);
const publicKey = z
  .string({ error: keyHint })
  .transform((text) => text.replaceAll(/-----[A-Z ]+-----|\s/g, ''))
  .refine(isPublicKey, { error: keyHint });

function isPublicKey(text: string): boolean {
  try {
    const der = Buffer.from(text, 'base64');
    return createPublicKey({ key: der, format: 'der', type: 'spki' }).asymmetricKeyType === 'ec';
  } catch {
    return false;
  }
}

const user = z.string().min(1).describe('The name that it logs in with');
const brevoHint = hint('has no credentials', 'write token, or user and password');

const providers = {
  ses: z.strictObject({ topic: topic.describe('ARN of the SNS topic that it tells') }),
  postmark: z.strictObject({ user, password: secret.describe('Its password') }),
  mailgun: z.strictObject({ signingKey: secret.describe('HTTP webhook signing key') }),
  sendgrid: z.strictObject({ publicKey: publicKey.describe('Verification key, in base64') }),
  brevo: z
    .strictObject({
      token: secret.describe('Bearer token').optional(),
      user: user.optional(),
      password: secret.describe('Its password').optional(),
    })
    .refine(
      ({ token, user: name, password }) =>
        (token !== undefined) !== (name !== undefined && password !== undefined),
      { error: brevoHint },
    ),
};

export const webhooks = z.strictObject({
  ses: providers.ses.describe('Amazon SES').optional(),
  postmark: providers.postmark.describe('Postmark').optional(),
  mailgun: providers.mailgun.describe('Mailgun').optional(),
  sendgrid: providers.sendgrid.describe('SendGrid').optional(),
  brevo: providers.brevo.describe('Brevo').optional(),
});

/** Known keys below `mail.webhooks`, for "did you mean". */
export function webhookKeysAt(provider: string | undefined): readonly string[] {
  if (provider === undefined) return Object.keys(providers);
  return provider in providers
    ? Object.keys(providers[provider as keyof typeof providers].shape)
    : [];
}

type Credentials = { user: string; password: string } | { token: string };

export interface WebhookConfig {
  ses?: { topic: string };
  postmark?: { user: string; password: string };
  mailgun?: { signingKey: string };
  sendgrid?: { publicKey: string };
  brevo?: Credentials;
}

export const toWebhooks = ({ brevo, ...others }: z.output<typeof webhooks>): WebhookConfig =>
  pickDefined({ ...others, brevo: brevo && toCredentials(brevo) });

const toCredentials = ({
  token,
  user: name = '',
  password = '',
}: NonNullable<z.output<typeof webhooks>['brevo']>): Credentials =>
  token === undefined ? { user: name, password } : { token };
