import type { MailConfig } from '../../config/mail/schema-mail.ts';
import { type Languages, openLanguages } from '../../core/people/wording/languages.ts';
import { Refusal } from '../../core/problem.ts';
import type { Tokens } from '../../io/secrets/sealed-tokens.ts';
import { openMailer } from '../../mail/open-mailer.ts';
import { openCounting } from './count-links.ts';
import { messageIdOf } from '../../mail/reports/known-token.ts';
import { domainOf, envelopeOf } from './mail-marks.ts';
import { renderMail } from '../../mail/rendering/render-mail.ts';
import { tagHeaders } from '../../mail/webhooks/tag-headers.ts';
import type { Composing, Transport } from '../../ports/people/transport.ts';

export interface MailParts {
  mail: MailConfig;
  /** Where people reach the public door. */
  doorUrl: string;
  tokens: Tokens;
  languages?: Languages | undefined;
}

/** Steps as mails, by the server of the configuration. */
export function openMailTransport(parts: MailParts): Transport & AsyncDisposable {
  const { mail } = parts;
  const mailer = openMailer(mail);
  return {
    medium: 'mail',
    pace: { perSecond: mail.perSecond, perDay: mail.perDay, warmUp: mail.warmUp },
    whenUnknown: mail.whenUnknown,
    compose: (composing) => compose(parts, composing),
    async send({ dispatch, address, bytes, messageId = '' }, call) {
      if (address.medium !== 'mail') throw new Error(`${dispatch.id} has no mail address`);
      const outgoing = {
        ...envelopeOf(parts, dispatch),
        to: address.value,
        messageId,
        bytes: Buffer.from(bytes),
      };
      return mailer.send(outgoing, call);
    },
    [Symbol.asyncDispose]: () => mailer[Symbol.asyncDispose](),
  };
}

const builtIn = openLanguages();

async function compose(
  { mail, doorUrl, tokens, languages = builtIn }: MailParts,
  { step, sequence, person, address, dispatch, at, coupon, confirms }: Composing,
) {
  if (address.medium !== 'mail') throw new Refusal('there is no mail address');
  const mark = tokens.mark('bounce', dispatch.id);
  const { from, replyTo, postalAddress } = mail;
  const { inMails: words } = languages.of(person.lang);
  const counting = openCounting({ doorUrl, tokens }, { dispatch, sequence, at });
  const rendered = await renderMail({
    step,
    sequence,
    person: {
      address: address.value,
      fields: person.fields,
      ...(person.lang === undefined ? {} : { lang: person.lang }),
    },
    sender: { from, postalAddress, ...(replyTo === undefined ? {} : { replyTo }) },
    envelope: {
      ...envelopeOf({ mail, tokens }, dispatch),
      messageId: messageIdOf(mark, domainOf(mail)),
    },
    at,
    ...(coupon === undefined ? {} : { coupon }),
    reason: confirms?.reason ?? words.reason(sequence.title),
    wayOut: words.unsubscribe,
    urls: confirms
      ? { link: `${doorUrl}/c/${tokens.make('confirm', confirms.consent)}` }
      : { unsubscribe: `${doorUrl}/u/${tokens.make('unsubscribe', dispatch.id)}` },
    countLink: counting.count,
    headers: tagHeaders(Object.keys(mail.webhooks ?? {}), mark),
  });
  if ('problems' in rendered)
    throw new Refusal(rendered.problems.map(({ what, hint }) => `${what}: ${hint}`).join('; '));
  const { bytes, messageId } = rendered.mail;
  return { bytes, messageId, links: counting.links() };
}
