import type { Report } from '../../ports/people/mailbox.ts';
import type { Webhook } from '../../ports/people/webhooks.ts';
import { type Credentials, hasCredentials, wrongCredentials } from './provider-login.ts';
import { fieldOf, parseJson, textOf } from './json-fields.ts';
import type { ReadToken } from '../reports/known-token.ts';
import { judgeTold, toReport } from './told-report.ts';

/** What `Type` of a bounce means; whatever else says nothing of the person. */
const kinds: Record<string, Report['kind'] | 'permanent' | 'temporary'> = {
  HardBounce: 'permanent',
  BadEmailAddress: 'hard',
  SoftBounce: 'temporary',
  Transient: 'temporary',
  DnsError: 'temporary',
  Unknown: 'temporary',
  Blocked: 'policy',
  SpamNotification: 'policy',
  DMARCPolicy: 'policy',
  SpamComplaint: 'complaint',
  Unsubscribe: 'unsubscribed',
  ManuallyDeactivated: 'unsubscribed',
};

const reasons: Record<string, Report['kind']> = {
  HardBounce: 'hard',
  SpamComplaint: 'complaint',
  ManualSuppression: 'unsubscribed',
};

/** Postmark signs nothing: name and password stand in the address that it calls. */
export const openPostmark = (right: Credentials, readToken: ReadToken): Webhook => ({
  name: 'postmark',
  async read({ header, body }) {
    if (!hasCredentials(header('authorization'), right))
      return { is: 'refused', because: wrongCredentials };
    const event = parseJson(body);
    const kind = kindOf(event);
    if (!kind) return { is: 'taken', reports: [] };
    const messageId = textOf(event, 'MessageID');
    const at = textOf(event, 'ChangedAt');
    const told = {
      id: ['postmark', textOf(event, 'ID') || messageId, kind, at],
      kind,
      token: textOf(event, 'Metadata', 'dripline'),
      messageIds: [messageId],
      words: wordsIn(event),
    };
    return { is: 'taken', reports: [toReport(told, readToken)] };
  },
});

const wordsIn = (event: unknown) =>
  `${textOf(event, 'Details')} ${textOf(event, 'Description')} ${textOf(event, 'Type')}`.trim();

function kindOf(event: unknown): Report['kind'] | undefined {
  if (textOf(event, 'RecordType') === 'SubscriptionChange')
    return fieldOf(event, 'SuppressSending') === true
      ? reasons[textOf(event, 'SuppressionReason')]
      : undefined;
  const kind = kinds[textOf(event, 'Type')];
  if (kind !== 'permanent' && kind !== 'temporary') return kind;
  return judgeTold(kind === 'permanent', { status: '', words: textOf(event, 'Details') });
}
