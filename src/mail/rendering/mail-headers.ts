import { pickDefined } from '../../core/pick-defined.ts';
import { toOneLine } from '../../core/people/mail/mailbox.ts';

/** What stands for one sequence: groups alone, never a person. */
export interface Group {
  sequence: { id: string; title: string };
  step: string;
  /** Of the sender. */
  domain: string;
}

export interface StopLinks {
  /** A POST there ends it at once; a GET shows a page. */
  unsubscribe?: string | undefined;
  /** Where a mail ends it. */
  unsubscribeMail?: string | undefined;
}

interface Header {
  /** As it is: a folded link has broken signatures on its way. */
  prepared: true;
  value: string;
}

/** What tells programs that this mail is one of a series, and how a person ends it. */
export function listHeaders(
  { sequence, step, domain }: Group,
  { unsubscribe, unsubscribeMail }: StopLinks,
): Record<string, Header> {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-');
  const listName = (id: string) => plain(id).replace(/^-/, '').replace(/-$/, '') || 'list';
  const ways = [unsubscribe, unsubscribeMail && `mailto:${unsubscribeMail}`].flatMap((one) =>
    one ? `<${one.replaceAll(/[^!-~]|[<>,]/gu, encodeURIComponent)}>` : [],
  );
  const title = toOneLine(sequence.title).replaceAll(/["\\<>]/g, '');
  const phrase = /^[ -~]{1,80}$/.test(title) ? `"${title}" ` : '';
  const sender = domain.replaceAll(/[^a-z0-9]/gi, '').slice(-15);
  const values = pickDefined({
    'List-Id': `${phrase}<${listName(sequence.id)}.${domain}>`,
    'List-Unsubscribe': ways.length > 0 ? ways.join(', ') : undefined,
    'List-Unsubscribe-Post': unsubscribe ? 'List-Unsubscribe=One-Click' : undefined,
    'Auto-Submitted': 'auto-generated',
    'X-Auto-Response-Suppress': 'All',
    'Feedback-ID': `${plain(step)}:${plain(sequence.id)}:sequence:${sender}`,
  });
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { prepared: true, value }]),
  );
}
