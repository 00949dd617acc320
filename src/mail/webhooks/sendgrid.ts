import { createPublicKey, createVerify, type KeyObject } from 'node:crypto';
import { day, second } from '../../core/time.ts';
import type { Report } from '../../ports/people/mailbox.ts';
import type { Webhook, WebhookRequest } from '../../ports/people/webhooks.ts';
import { parseJson, textOf } from './json-fields.ts';
import type { ReadToken } from '../reports/known-token.ts';
import { judgeTold, toReport } from './told-report.ts';

/** What was not answered is told again for a day. */
const goodFor = 2 * day;
const mostEvents = 5000;

/** ECDSA over the time and the bytes of the body. */
export function openSendgrid(publicKey: string, readToken: ReadToken): Webhook {
  const key = createPublicKey({
    key: Buffer.from(publicKey, 'base64'),
    format: 'der',
    type: 'spki',
  });
  return {
    name: 'sendgrid',
    async read(request) {
      if (!isSigned(request, key)) return { is: 'refused', because: 'its signature is wrong' };
      const events = [parseJson(request.body)].flat().slice(0, mostEvents);
      const reports = events.flatMap((event) => {
        const kind = kindOf(event);
        return kind ? [toReport(tell(event, kind), readToken)] : [];
      });
      return { is: 'taken', reports };
    },
  };
}

const tell = (event: unknown, kind: Report['kind']) => ({
  id: ['sendgrid', textOf(event, 'sg_event_id')],
  kind,
  token: textOf(event, 'dripline'),
  messageIds: [textOf(event, 'smtp-id')],
  words: textOf(event, 'reason') || textOf(event, 'event'),
});

function isSigned({ header, body, at }: WebhookRequest, key: KeyObject): boolean {
  const signature = header('x-twilio-email-event-webhook-signature') ?? '';
  const timestamp = header('x-twilio-email-event-webhook-timestamp') ?? '';
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(at - Number(timestamp) * second) > goodFor)
    return false;
  const verify = createVerify('sha256').update(timestamp).update(body);
  return verify.verify(key, signature.slice(0, 500), 'base64');
}

function kindOf(event: unknown): Report['kind'] | undefined {
  const words = textOf(event, 'reason');
  switch (textOf(event, 'event')) {
    case 'bounce': {
      const isPermanent = textOf(event, 'type') !== 'blocked';
      return judgeTold(isPermanent, { status: textOf(event, 'status'), words });
    }
    case 'dropped':
      return dropped(words);
    case 'spamreport':
      return 'complaint';
    case 'unsubscribe':
    case 'group_unsubscribe':
      return 'unsubscribed';
    default:
      return undefined;
  }
}

/** SendGrid did not send it, since of what it knows of the address. */
function dropped(reason: string): Report['kind'] {
  if (/spam report/i.test(reason)) return 'complaint';
  if (/unsubscribed/i.test(reason)) return 'unsubscribed';
  return /bounced|invalid/i.test(reason) ? 'hard' : 'soft';
}
