import PostalMime, { type Email } from 'postal-mime';
import { pickDefined } from '../../core/pick-defined.ts';
import { wordsOf } from '../judge-failure.ts';
import { judgeStatus, type Verdict } from './judge-status.ts';
import { type Fields, headersIn, parseFields } from './report-fields.ts';
import { withoutQuotes } from './without-quotes.ts';

/**
 * What a mail that came back says. `hard`, `soft` and `policy` are bounces: of an address that is
 * none, of one that cannot be reached now, and of us. `delayed`: the other server still tries.
 * `automatic`: a machine answered, and says nothing about the person. `reply`: the person did.
 */
export interface MailReport {
  kind: Verdict | 'delayed' | 'complaint' | 'automatic' | 'reply';
  /** Behind the + of our address that the mail came to. */
  token?: string;
  /** The envelope id that the mail went out with. */
  envelopeId?: string;
  /** The Message-IDs of ours that it may be about, with the angle brackets. */
  messageIds: string[];
  /** Whom a bounce or a complaint is about, where it says so. */
  recipient?: string;
  /** Who wrote it. */
  from?: string;
  /** Such as 5.1.1. */
  status?: string;
  /** The other server's, in one line; of a reply the person's, without what they quote. */
  words: string;
}

export interface Ours {
  /** Addresses of ours that reports and answers come to, without tokens. */
  addresses: string[];
}

const longest = 1_000_000;

/** Reads one raw mail of a mailbox of ours. It believes nothing: a token has to be proved. */
export async function readReport(raw: Buffer, ours: Ours): Promise<MailReport> {
  const mail = await PostalMime.parse(raw.subarray(0, longest), { forceRfc822Attachments: true });
  const found = readBounce(mail) ?? readComplaint(mail) ?? readOther(mail);
  return pickDefined({
    ...found,
    token: tokenIn(mail, ours),
    from: mail.from?.address,
    messageIds: [...new Set([...returnedIds(mail), ...answeredIds(mail)])],
  });
}

type Found = Omit<MailReport, 'messageIds'>;

const header = ({ headers }: Email, name: string): string =>
  headers.find(({ key }) => key === name)?.value.trim() ?? '';

const latin = new TextDecoder('latin1');
const utf8 = new TextDecoder();

/** The content of the first part of a type. */
function partOf({ attachments }: Email, type: RegExp): string | undefined {
  const content = attachments.find(({ mimeType }) => type.test(mimeType))?.content;
  return content === undefined || typeof content === 'string' ? content : utf8.decode(content);
}

function readBounce(mail: Email): Found | undefined {
  const part = partOf(mail, /^message\/(global-)?delivery-status$/i);
  if (part === undefined) return readPlainBounce(mail);
  const [about = {}, ...recipients] = parseFields(part);
  const [first] = recipients;
  const chosen = recipients.find(({ action }) => /^failed$/i.test(action ?? '')) ?? first ?? about;
  const said = unfold(chosen['diagnostic-code']) || wordsOf(mail.text ?? '');
  const { verdict, status } = judgeStatus(chosen['status'] ?? '', said);
  return pickDefined({
    kind: kindOf(chosen, verdict),
    envelopeId: about['original-envelope-id'],
    recipient: unfold(chosen['original-recipient'] ?? chosen['final-recipient']) || undefined,
    status,
    words: wordsOf(said),
  });
}

function kindOf({ action = '' }: Fields, verdict: Verdict): MailReport['kind'] {
  if (/^delayed$/i.test(action)) return 'delayed';
  return /^(delivered|relayed|expanded)$/i.test(action) ? 'automatic' : verdict;
}

/** `smtp; 550 …` and `rfc822; a@b` without their kind. */
const unfold = (text = '') => text.replace(/^[a-z0-9-]+\s*;\s*/i, '').trim();

/** Of servers that tell it in words alone. */
function readPlainBounce(mail: Email): Found | undefined {
  const failed = header(mail, 'x-failed-recipients');
  const isDaemon = /^(mailer-daemon|postmaster)@/i.test(mail.from?.address ?? '');
  const text = mail.text ?? '';
  const isFailure = /undeliver|delivery.{0,20}fail|could not be delivered|returned|unzustellbar/i;
  if (
    failed === '' &&
    !(isDaemon && isFailure.test(`${mail.subject ?? ''} ${text.slice(0, 2000)}`))
  )
    return undefined;
  const { verdict, status } = judgeStatus('', text.slice(0, 20_000));
  const recipient = failed.split(',')[0]?.trim() || /^<?([^\s<>]+@[^\s<>]+?)>?:?$/m.exec(text)?.[1];
  return pickDefined({ kind: verdict, recipient, status, words: wordsOf(text) });
}

function readComplaint(mail: Email): Found | undefined {
  const part = partOf(mail, /^message\/feedback-report$/i);
  if (part === undefined) return undefined;
  const [fields = {}] = parseFields(part);
  const type = (fields['feedback-type'] ?? '').toLowerCase();
  const recipient = fields['original-rcpt-to']?.replaceAll(/[<>]/g, '');
  const words = wordsOf(`${type}: ${mail.text ?? ''}`);
  const isComplaint = type === 'abuse' || type === 'fraud' || type === 'opt-out';
  const kind: MailReport['kind'] = isComplaint ? 'complaint' : 'automatic';
  return pickDefined({ kind, recipient, words });
}

const away =
  /^(auto(matic|mated)?[ -]?(re(ply|sponse))?:|out of (the )?office|abwesen|automatische antwort)/i;

/** `Precedence: bulk` or `list` alone says nothing: people write to lists. */
function isAutomatic(mail: Email): boolean {
  const submitted = header(mail, 'auto-submitted');
  if (submitted !== '' && !/^no\b/i.test(submitted)) return true;
  const has = (name: string) => mail.headers.some(({ key }) => key === name);
  return (
    has('x-autoreply') ||
    has('x-autorespond') ||
    has('x-autoresponder') ||
    /^auto_?reply$/i.test(header(mail, 'precedence')) ||
    header(mail, 'return-path') === '<>' ||
    /^multipart\/report\b/i.test(header(mail, 'content-type')) ||
    away.test(mail.subject ?? '')
  );
}

const readOther = (mail: Email): Found =>
  isAutomatic(mail)
    ? { kind: 'automatic', words: wordsOf(mail.text ?? mail.subject ?? '') }
    : { kind: 'reply', words: withoutQuotes(mail.text ?? '') };

/** Where the mail came to, as the servers on the way wrote it down. */
function tokenIn(mail: Email, { addresses }: Ours): string | undefined {
  const names = ['delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to', 'to', 'cc'];
  const places = mail.headers.filter(({ key }) => names.includes(key)).map(({ value }) => value);
  const known = addresses.map((one) => one.toLowerCase());
  for (const [, local = '', token, domain = ''] of places
    .join(' ')
    .slice(0, 20_000)
    .matchAll(/([^\s<>,;:"+@]{1,64})\+([a-z0-9_-]{1,64})@([a-z0-9.-]{1,253})/gi))
    if (known.includes(`${local}@${domain}`.toLowerCase())) return token;
  return undefined;
}

const ids = (text: string): string[] => text.slice(0, 20_000).match(/<[^\s<>]{3,250}>/g) ?? [];

/** Of the mail that comes back with a report, whole or its headers alone. */
function returnedIds(mail: Email): string[] {
  return mail.attachments
    .filter(({ mimeType }) => /^(message\/(rfc822|global)|text\/rfc822-headers)$/i.test(mimeType))
    .flatMap(({ content }) => {
      const text = typeof content === 'string' ? content : latin.decode(content);
      return ids(headersIn(text)['message-id'] ?? '');
    });
}

const answeredIds = (mail: Email): string[] =>
  ids(`${mail.inReplyTo ?? ''} ${header(mail, 'references')}`);
