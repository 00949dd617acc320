import { createHmac } from 'node:crypto';
import { hour, second } from '../../core/time.ts';
import type { Report } from '../../ports/people/mailbox.ts';
import type { Webhook, WebhookRequest } from '../../ports/people/webhooks.ts';
import { isSame } from './provider-login.ts';
import { parseJson, textOf } from './json-fields.ts';
import type { ReadToken } from '../reports/known-token.ts';
import { judgeTold, toReport } from './told-report.ts';

/** What was not answered is told again for eight hours. */
const goodFor = 12 * hour;

/**
 * The signature is over a time and a token alone, and says nothing of the event: whoever has seen
 * one could tell anything with it. So each token is good once.
 */
export const openMailgun = (signingKey: string, readToken: ReadToken): Webhook => ({
  name: 'mailgun',
  async read(request) {
    const sent = parseJson(request.body);
    const because = whyNot(sent, signingKey, request);
    if (because !== undefined) return { is: 'refused', because };
    const event = (sent as Record<string, unknown>)['event-data'];
    const kind = kindOf(event);
    const once = textOf(sent, 'signature', 'token');
    if (!kind) return { is: 'taken', reports: [], once };
    const told = {
      id: ['mailgun', textOf(event, 'id')],
      kind,
      token: textOf(event, 'user-variables', 'dripline'),
      messageIds: [textOf(event, 'message', 'headers', 'message-id')],
      words: wordsIn(event),
    };
    return { is: 'taken', reports: [toReport(told, readToken)], once };
  },
});

function whyNot(
  sent: unknown,
  signingKey: string,
  { at }: Pick<WebhookRequest, 'at'>,
): string | undefined {
  const [timestamp, token, signature] = ['timestamp', 'token', 'signature'].map((one) =>
    textOf(sent, 'signature', one),
  ) as [string, string, string];
  const right = createHmac('sha256', signingKey).update(`${timestamp}${token}`).digest('hex');
  if (token === '' || !isSame(signature.toLowerCase(), right)) return 'its signature is wrong';
  const age = at - Number(timestamp) * second;
  return Math.abs(age) <= goodFor ? undefined : 'its signature is too old';
}

const wordsIn = (event: unknown) =>
  [['delivery-status', 'message'], ['delivery-status', 'description'], ['reason']]
    .map((path) => textOf(event, ...path))
    .find(Boolean) ?? textOf(event, 'event');

function kindOf(event: unknown): Report['kind'] | undefined {
  switch (textOf(event, 'event')) {
    case 'complained':
      return 'complaint';
    case 'unsubscribed':
      // Scanners open that link, too.
      return textOf(event, 'client-info', 'bot') === '' ? 'unsubscribed' : undefined;
    case 'failed':
      return kindOfFailure(event);
    default:
      return undefined;
  }
}

/** What Mailgun itself does not send any more was told before. */
function kindOfFailure(event: unknown): Report['kind'] {
  const reason = textOf(event, 'reason');
  if (reason === 'suppress-bounce') return 'hard';
  if (reason === 'suppress-complaint') return 'complaint';
  if (reason === 'suppress-unsubscribe') return 'unsubscribed';
  const status =
    textOf(event, 'delivery-status', 'enhanced-code') || textOf(event, 'delivery-status', 'code');
  const isPermanent = textOf(event, 'severity') === 'permanent';
  return judgeTold(isPermanent, { status, words: wordsIn(event) });
}
