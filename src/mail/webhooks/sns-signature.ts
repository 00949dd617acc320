import { createVerify } from 'node:crypto';
import { textOf } from './json-fields.ts';

const signed = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: [
    'Message',
    'MessageId',
    'SubscribeURL',
    'Timestamp',
    'Token',
    'TopicArn',
    'Type',
  ],
} as const;

/** Only there does Amazon keep its certificates, and is a subscription confirmed. */
export const isOfSns = (url: string): boolean => {
  const { protocol, host, username } = URL.parse(url) ?? {};
  return (
    protocol === 'https:' &&
    username === '' &&
    /^sns\.[a-z0-9-]{1,40}\.amazonaws\.com(\.cn)?$/.test(host ?? '')
  );
};

/** A message is up to 256 kB, and signed whole. */
const longest = 400_000;

const fieldIn = (message: unknown, name: string): string | undefined => {
  const value = (message as Record<string, unknown>)[name];
  return typeof value === 'string' ? value.slice(0, longest) : undefined;
};

/** What the signature is over (docs.aws.amazon.com/sns, verifying signatures). */
export function textToSign(message: unknown): string | undefined {
  const fields = signed[textOf(message, 'Type') as keyof typeof signed] as
    | readonly string[]
    | undefined;
  return fields
    ?.flatMap((name) => {
      const value = fieldIn(message, name);
      return value === undefined ? [] : [`${name}\n${value}\n`];
    })
    .join('');
}

/** By a certificate in PEM that came from there. */
export function isSignedBy(certificate: string, message: unknown): boolean {
  const text = textToSign(message);
  const algorithm = { '1': 'RSA-SHA1', '2': 'RSA-SHA256' }[textOf(message, 'SignatureVersion')];
  if (text === undefined || algorithm === undefined) return false;
  try {
    const signature = textOf(message, 'Signature');
    return createVerify(algorithm).update(text, 'utf8').verify(certificate, signature, 'base64');
  } catch {
    return false;
  }
}
