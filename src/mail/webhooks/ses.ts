import type { Report } from '../../ports/people/mailbox.ts';
import type { Webhook, WebhookReading } from '../../ports/people/webhooks.ts';
import { fieldOf, listOf, parseJson, textOf } from './json-fields.ts';
import { isOfSns, isSignedBy } from './sns-signature.ts';
import type { ReadToken } from '../reports/known-token.ts';
import { judgeTold, toReport } from './told-report.ts';

/** Gets a page of the public web; throws where it cannot. */
export type GetText = (url: string) => Promise<string>;

interface SesParts {
  /** The ARN of the only topic that is listened to. */
  topic: string;
  getText: GetText;
  readToken: ReadToken;
}

const mostCertificates = 20;

/** What SES tells comes by a topic of SNS, whose messages Amazon signs. */
export function openSes({ topic, getText, readToken }: SesParts): Webhook {
  const certificates = new Map<string, string>();
  const certificateAt = async (url: string): Promise<string> => {
    const known = certificates.get(url);
    if (known !== undefined) return known;
    const text = await getText(url);
    if (certificates.size >= mostCertificates) certificates.clear();
    certificates.set(url, text);
    return text;
  };
  return {
    name: 'ses',
    async read({ body }) {
      const sent = parseJson(body);
      const url = textOf(sent, 'SigningCertURL');
      if (textOf(sent, 'TopicArn') !== topic) return refuse('it is of another topic');
      if (!isOfSns(url)) return refuse('its certificate is not of Amazon SNS');
      if (!isSignedBy(await certificateAt(url), sent)) return refuse('its signature is wrong');
      if (textOf(sent, 'Type') === 'SubscriptionConfirmation') return confirm(sent, getText);
      const message = fieldOf(sent, 'Message');
      return { is: 'taken', reports: reportsIn(message, { topic, readToken }) };
    },
  };
}

const refuse = (because: string): WebhookReading => ({ is: 'refused', because });

/** The topic asks whether it may send: it may, since it is the one of the configuration. */
async function confirm(sent: unknown, getText: GetText): Promise<WebhookReading> {
  const url = textOf(sent, 'SubscribeURL');
  if (!isOfSns(url)) return refuse('it is to be confirmed elsewhere than at Amazon SNS');
  await getText(url);
  return { is: 'taken', reports: [] };
}

function reportsIn(
  message: unknown,
  { topic, readToken }: Pick<SesParts, 'topic' | 'readToken'>,
): Report[] {
  const event = typeof message === 'string' ? parseJson(message) : undefined;
  const found = readEvent(event);
  if (!found) return [];
  const id = textOf(event, 'mail', 'messageId');
  const region = topic.split(':')[3] ?? '';
  const told = {
    ...found,
    id: ['ses', id, found.kind, found.feedbackId],
    token: textOf(listOf(event, 'mail', 'tags', 'dripline')[0]),
    messageIds: [
      `${id}@${region}.amazonses.com`,
      `${id}@email.amazonses.com`,
      ...headersIn(event, 'message-id'),
    ],
  };
  return [toReport(told, readToken)];
}

/** Those of the mail, where SES is told to send them along. */
const headersIn = (event: unknown, wanted: string): string[] =>
  listOf(event, 'mail', 'headers')
    .slice(0, 100)
    .filter((one) => textOf(one, 'name').toLowerCase() === wanted)
    .map((one) => textOf(one, 'value'));

interface SesEvent {
  kind: Report['kind'];
  feedbackId: string;
  words: string;
}

function readEvent(event: unknown): SesEvent | undefined {
  const type = textOf(event, 'notificationType') || textOf(event, 'eventType');
  if (type === 'Bounce') return readBounce(fieldOf(event, 'bounce'));
  if (type === 'Complaint') return readComplaint(fieldOf(event, 'complaint'));
  const isOver = fieldOf(event, 'subscription', 'newTopicPreferences', 'unsubscribeAll') === true;
  return type === 'Subscription' && isOver
    ? { kind: 'unsubscribed', feedbackId: '', words: 'unsubscribed' }
    : undefined;
}

function readBounce(bounce: unknown): SesEvent {
  const [first] = listOf(bounce, 'bouncedRecipients');
  const type = textOf(bounce, 'bounceType');
  const subType = textOf(bounce, 'bounceSubType');
  const words = textOf(first, 'diagnosticCode') || `${type} ${subType}`;
  const said = { status: textOf(first, 'status'), words };
  const isKnown =
    type === 'Permanent' && /^(NoEmail|Suppressed|OnAccountSuppressionList)$/.test(subType);
  const kind = isKnown ? 'hard' : judgeTold(type === 'Permanent', said);
  return { kind, feedbackId: textOf(bounce, 'feedbackId'), words };
}

function readComplaint(complaint: unknown): SesEvent | undefined {
  const type = textOf(complaint, 'complaintFeedbackType');
  // Who takes a mail out of the spam folder says the opposite.
  if (type === 'not-spam') return undefined;
  return { kind: 'complaint', feedbackId: textOf(complaint, 'feedbackId'), words: type || 'spam' };
}
