import { createHash } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer';
import {
  type Mailbox,
  parseMailbox,
  toEnvelopeAddress,
  toOneLine,
} from '../../core/people/mail/mailbox.ts';
import type { Sequence, Step } from '../../core/people/sequence.ts';
import { literalBraces } from '../../core/post/fill-in.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { errorAt, type Problem } from '../../core/problem.ts';
import type { Instant } from '../../core/time.ts';
import { type Node, type ParsedText, serialize } from '../../io/markdown/markdown.ts';
import type { OutgoingMail } from '../../ports/people/mail.ts';
import { linesOf, toDocument } from './mail-frame.ts';
import { listHeaders, type StopLinks } from './mail-headers.ts';
import { toInnerHtml } from './mail-html.ts';
import { type CountLink, fillTree, withStepLink } from './mail-tree.ts';
import { tagOf } from './mail-words.ts';
import { type Complain, fillText, type Values } from './variables.ts';

export interface MailInput {
  step: Pick<Step, 'id' | 'file' | 'subject' | 'preview' | 'text' | 'params' | 'link'>;
  sequence: Pick<Sequence, 'id' | 'title'>;
  /** Where the mail goes, what is known of whom it goes to, and in which language the text is. */
  person: { address: string; fields: Record<string, string>; lang?: string };
  sender: {
    /** `Name <a@b>` */
    from: string;
    replyTo?: string;
    /** Lines of a postal address, which laws ask for. */
    postalAddress: string;
  };
  /** By which the mail server's owner knows it again. */
  headers?: Record<string, string>;
  envelope: Pick<OutgoingMail, 'envelopeFrom' | 'envelopeId' | 'messageId'>;
  /** Of the Date header. */
  at: Instant;
  /** Why this person gets it: one sentence. */
  reason: string;
  urls: StopLinks & { link?: string };
  /** What the link to unsubscribe is called. */
  wayOut?: string;
  coupon?: string;
  /** Default: as it is. */
  countLink?: CountLink;
}

export interface RenderedMail {
  mail: OutgoingMail;
  subject: string;
  html: string;
  text: string;
}

/**
 * A step as the very bytes that one person gets; the same input gives the same bytes. Or what has
 * to be put right first: a mail never goes out with a hole.
 */
export async function renderMail(
  input: MailInput,
): Promise<RenderedMail | { problems: Problem[] }> {
  const problems: Problem[] = [];
  const complain: Complain = (what, hint) => {
    if (!problems.some((one) => one.what === what))
      problems.push(errorAt(input.step.file, what, hint));
  };
  const parts = composeParts(input, complain);
  const addresses = readAddresses(input, complain);
  if (problems.length === 0) checkWhole(parts, complain);
  if (problems.length > 0 || !addresses) return { problems };
  const bytes = await toBytes(input, { ...parts, ...addresses });
  const { html, text, subject } = parts;
  const { envelope, person } = input;
  return { mail: { ...envelope, to: person.address, bytes }, subject, html, text };
}

function checkWhole({ subject, body }: Parts, complain: Complain): void {
  if (subject === '') complain('the mail has no subject', 'add subject: to its front matter');
  if (body.trim() === '') complain('the mail has no text', 'write one below the front matter');
}

interface Parts {
  subject: string;
  /** The inner HTML. */
  body: string;
  html: string;
  text: string;
}

function composeParts(input: MailInput, complain: Complain): Parts {
  const { step, person, urls, coupon, countLink = (url: string) => url } = input;
  const plain: Values = { fields: person.fields, params: step.params, coupon, urls };
  const values = withStepLink(step.link, { values: plain, complain, countLink });
  const fillLine = (text: string) => toOneLine(fillText(text, values, complain));
  const subject = fillLine(step.subject ?? '');
  const parsed = fillTree(step.text, { values, complain, countLink });
  const body = toInnerHtml(parsed);
  const { postalAddress } = input.sender;
  const reason = toOneLine(input.reason);
  const { unsubscribe } = urls;
  const { wayOut = 'Unsubscribe' } = input;
  const html = toDocument({
    lang: tagOf(person.lang),
    subject,
    preview: fillLine(step.preview ?? ''),
    body,
    footer: {
      postalAddress,
      reason,
      unsubscribe: unsubscribe ? { url: unsubscribe, words: wayOut } : undefined,
    },
  });
  const foot = [
    reason,
    ...linesOf(postalAddress),
    unsubscribe ? `${wayOut}: ${unsubscribe}` : '',
  ].filter((line) => line !== '');
  return { subject, body, html, text: `${toText(parsed)}\n\n-- \n${foot.join('\n')}\n` };
}

/** A picture says in words what it shows. */
function toText({ tree, shield }: ParsedText): string {
  const change = (node: Node): Node => {
    if (node.type === 'image') return { type: 'text', value: shield.keep(`[${node.alt ?? ''}]`) };
    return 'children' in node
      ? ({ ...node, children: (node.children as Node[]).map(change) } as Node)
      : node;
  };
  const text = serialize({ tree: change(tree) as ParsedText['tree'], shield });
  return text.replaceAll(literalBraces, '{{');
}

interface Addresses {
  from: Mailbox;
  replyTo: Mailbox | undefined;
  to: string;
}

function readAddresses({ sender, person }: MailInput, complain: Complain): Addresses | undefined {
  const from = parseMailbox(sender.from);
  const replyTo = sender.replyTo === undefined ? undefined : parseMailbox(sender.replyTo);
  const to = toEnvelopeAddress(person.address);
  if (!from) complain('mail.from is not an address', 'write it as Name <hello@example.com>');
  if (sender.replyTo !== undefined && !replyTo)
    complain('mail.replyTo is not an address', 'write it as Name <hello@example.com>');
  if (to === undefined) complain("the person's address cannot be written to", 'correct it');
  return from && to !== undefined ? { from, replyTo, to } : undefined;
}

function toBytes(input: MailInput, parts: Parts & Addresses): Promise<Buffer> {
  const { step, sequence, urls, envelope, at, person } = input;
  const { from, replyTo, to, subject, html, text } = parts;
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
  const headers = listHeaders({ sequence, step: step.id, domain }, urls);
  const mail = new MailComposer({
    from,
    to: { name: '', address: to },
    ...pickDefined({ replyTo }),
    subject,
    messageId: toOneLine(envelope.messageId),
    date: new Date(at),
    text,
    html,
    headers: { ...headers, ...input.headers, 'Content-Language': tagOf(person.lang) },
    baseBoundary: createHash('sha256').update(envelope.messageId).digest('hex').slice(0, 24),
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return mail.compile().build();
}
