import type { Report } from '../../ports/people/mailbox.ts';
import type { Webhook } from '../../ports/people/webhooks.ts';
import { type Credentials, hasCredentials, wrongCredentials } from './provider-login.ts';
import { parseJson, textOf } from './json-fields.ts';
import type { ReadToken } from '../reports/known-token.ts';
import { judgeTold, toReport } from './told-report.ts';

const mostEvents = 1000;

/** Brevo signs nothing: it sends a token, or a name and a password. */
export const openBrevo = (right: Credentials, readToken: ReadToken): Webhook => ({
  name: 'brevo',
  async read({ header, body }) {
    if (!hasCredentials(header('authorization'), right))
      return { is: 'refused', because: wrongCredentials };
    const events = [parseJson(body)].flat().slice(0, mostEvents);
    const reports = events.flatMap((event) => {
      const kind = kindOf(event);
      if (!kind) return [];
      const messageId = textOf(event, 'message-id');
      const at = textOf(event, 'ts_epoch') || textOf(event, 'ts_event');
      return [
        toReport(
          {
            id: ['brevo', messageId, textOf(event, 'event'), at],
            kind,
            token: textOf(event, 'X-Mailin-custom'),
            messageIds: [messageId],
            words: textOf(event, 'reason') || textOf(event, 'event'),
          },
          readToken,
        ),
      ];
    });
    return { is: 'taken', reports };
  },
});

function kindOf(event: unknown): Report['kind'] | undefined {
  const said = { status: '', words: textOf(event, 'reason') };
  switch (textOf(event, 'event')) {
    case 'hard_bounce':
      return judgeTold(true, said);
    case 'invalid_email':
      return 'hard';
    case 'soft_bounce':
    case 'blocked':
      return judgeTold(false, said);
    case 'spam':
    case 'complaint':
      return 'complaint';
    case 'unsubscribed':
      return 'unsubscribed';
    default:
      return undefined;
  }
}
