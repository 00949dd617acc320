import type { MailConfig } from '../../config/mail/schema-mail.ts';
import type { Dispatch } from '../../core/people/dispatch.ts';
import { parseMailbox } from '../../core/people/mail/mailbox.ts';
import type { Tokens } from '../../io/secrets/sealed-tokens.ts';
import { type ReadToken, tokenReader } from '../../mail/reports/known-token.ts';

export const domainOf = ({ from }: Pick<MailConfig, 'from'>): string =>
  (parseMailbox(from)?.address ?? '').split('@')[1] ?? 'localhost';

/** What comes back is known by what the mail was given. */
export const readTokensOf = (tokens: Tokens, mail: Pick<MailConfig, 'from'>): ReadToken =>
  tokenReader((token) => tokens.read('bounce', token), domainOf(mail));

const longestLocal = 64;

/** `bounces@a` and a mark are `bounces+MARK@a`, where that is an address still. */
export function envelopeOf(
  { mail, tokens }: { mail: Pick<MailConfig, 'bounces'>; tokens: Tokens },
  { id }: Pick<Dispatch, 'id'>,
) {
  const mark = tokens.mark('bounce', id);
  const { address } = mail.bounces;
  const at = address.lastIndexOf('@');
  const local = `${address.slice(0, at)}+${mark}`;
  const envelopeFrom = local.length <= longestLocal ? `${local}${address.slice(at)}` : address;
  return { envelopeFrom, envelopeId: mark };
}
