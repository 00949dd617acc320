import type { Account } from '../../core/network/account.ts';
import { limitsFor, traitsOf } from '../../core/network/traits-of.ts';
import type { Handle } from '../../core/people/person.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Receipt } from '../../core/post/message.ts';
import { Refusal } from '../../core/problem.ts';
import { fits } from '../../core/text/length.ts';
import { type Instant, minute } from '../../core/time.ts';
import type { Tokens } from '../../io/secrets/sealed-tokens.ts';
import { renderText } from '../../mail/rendering/render-text.ts';
import type { Clock } from '../../ports/clock.ts';
import { within } from '../../ports/deadline.ts';
import { openCounting } from './count-links.ts';
import type { MailCall, MailOutcome } from '../../ports/people/mail.ts';
import type { Composing, Transport } from '../../ports/people/transport.ts';
import { type PartRequest, type Publisher, PublishError } from '../../ports/publisher.ts';

export interface MessageParts {
  publishers: ReadonlyMap<string, Publisher>;
  accounts: readonly Account[];
  clock: Clock;
  /** Of one request, in milliseconds. */
  timeoutFor: number;
  /** Where links are counted; absent: they go out as they are. */
  door?: { doorUrl: string; tokens: Tokens } | undefined;
}

/** What is frozen: all that the message will be, and where it goes. */
interface Frozen {
  account: string;
  /** The network's id of the person. */
  person: string;
  text: string;
  /** What it answers, from the root on. */
  conversation: Receipt[];
  at: Instant;
}

const pace = { perSecond: 1, perDay: 2000, warmUp: false };

/**
 * Steps as messages on the network on which a person spoke to us: by its chat where there is one
 * and the person takes such messages, else by an answer to what they wrote.
 */
export function openMessageTransport(parts: MessageParts): Transport {
  return {
    medium: 'message',
    pace,
    whenUnknown: 'leave',
    compose: (composing) => compose(parts, composing),
    send: ({ bytes, dispatch }, call) => send(parts, toSending(bytes, dispatch.id), call),
    findOut: ({ bytes, dispatch }, call) => findOut(parts, toSending(bytes, dispatch.id), call),
  };
}

async function compose({ publishers, accounts, door }: MessageParts, composing: Composing) {
  const { step, person, address, at, coupon } = composing;
  if (address.medium !== 'message') throw new Refusal('there is no handle on a network');
  const { conversation = [], account: name, value } = address;
  const account = accounts.find((one) => one.name === name);
  if (!account || !publishers.has(name))
    throw new Refusal(`the account ${name}, which the person spoke to, is not configured`);
  if (conversation.length === 0)
    throw new Refusal('the person has written nothing that could be answered');
  // Where others read it too, whoever opens a link need not be this person.
  const counting = door && hasVisibility(address) ? openCounting(door, composing) : undefined;
  const countLink = counting?.count ?? ((url: string) => url);
  const rendered = renderText({ step, fields: person.fields, coupon, countLink });
  if ('problems' in rendered)
    throw new Refusal(rendered.problems.map(({ what, hint }) => `${what}: ${hint}`).join('; '));
  const text = toAddressed(rendered.text, address);
  requireFit(text, account);
  const frozen: Frozen = pickDefined({
    account: name,
    person: value,
    text,
    conversation,
    at,
  });
  return pickDefined({ bytes: Buffer.from(JSON.stringify(frozen)), links: counting?.links() });
}

const hasVisibility = ({ network }: Handle): boolean => traitsOf(network).hasVisibility;

const toAddressed = (text: string, { network, handle }: Handle): string =>
  traitsOf(network).answersByName ? `@${handle} ${text}` : text;

function requireFit(text: string, account: Account): void {
  const { length, max, ok } = fits(text, limitsFor(account).text);
  if (ok) return;
  const what = `the message has ${length} characters, and ${account.name} takes ${max}`;
  throw new Refusal(`${what}: shorten it`);
}

interface Sending extends Frozen {
  dispatch: string;
}

const toSending = (bytes: Uint8Array, dispatch: string): Sending => ({
  ...(JSON.parse(Buffer.from(bytes).toString()) as Frozen),
  dispatch,
});

/** The same for this message on every attempt: keys are derived from it. */
function toRequest(
  { account, text, conversation, at, dispatch }: Sending,
  { network }: Publisher,
): PartRequest {
  const part = { text, media: [] };
  return {
    message: pickDefined({
      account,
      network,
      parts: [part],
      visibility: 'direct' as const,
      relation: { as: 'reply' as const, conversation },
    }),
    index: 0,
    part,
    seed: dispatch,
    createdAt: at,
    before: conversation,
  };
}

/** A message of a chat has no page: what it says stays there. */
const isFromChat = ({ conversation }: Sending) => conversation.at(-1)?.url === '';

async function send(
  { publishers, timeoutFor }: MessageParts,
  sending: Sending,
  { signal, mayOpen }: MailCall,
): Promise<MailOutcome> {
  let isOpened = false;
  const open = async () => {
    await mayOpen();
    isOpened = true;
  };
  try {
    const publisher = publisherOf(publishers, sending);
    const receipt = await within({ signal, limitFor: 3 * timeoutFor }, (limited) =>
      deliver(publisher, sending, { signal: limited, open }),
    );
    return toSent(receipt);
  } catch (error) {
    return toOutcome(error, isOpened);
  }
}

function publisherOf(publishers: MessageParts['publishers'], { account }: Sending): Publisher {
  const publisher = publishers.get(account);
  if (publisher) return publisher;
  throw new PublishError('not-sent', `the account ${account} is not configured`);
}

async function deliver(
  publisher: Publisher,
  sending: Sending,
  { signal, open }: { signal: AbortSignal; open: () => Promise<void> },
): Promise<Receipt> {
  const { person, text } = sending;
  const { chat } = publisher;
  const call = { signal, mayOpen: () => undefined };
  // Whoever wrote there is answered there.
  if (chat && (isFromChat(sending) || (await chat.reaches(person, signal)))) {
    await open();
    return chat.send({ person, text }, call);
  }
  const payload = await publisher.prepare(toRequest(sending, publisher), signal);
  await open();
  return publisher.publish(payload, call);
}

const toSent = ({ id, url }: Receipt): MailOutcome =>
  pickDefined({ is: 'sent' as const, said: `it is ${id}`, serverId: id, url: url || undefined });

/** What was thrown before anything was opened is certainly not sent. */
function toOutcome(error: unknown, isOpened: boolean): MailOutcome {
  const said = error instanceof Error ? error.message : String(error);
  if (error instanceof PublishError && error.kind === 'refused')
    return { is: 'refused', about: 'mail', said };
  const isUnsent = error instanceof PublishError && error.kind !== 'unknown';
  return isUnsent || !isOpened ? { is: 'later', about: 'mail', said } : { is: 'uncertain', said };
}

type Seeking = Parameters<NonNullable<Transport['findOut']>>[1];

async function findOut(
  { publishers, clock }: MessageParts,
  sending: Sending,
  call: Seeking,
): Promise<MailOutcome | undefined> {
  const { since, isTaken, signal } = call;
  try {
    const publisher = publisherOf(publishers, sending);
    const { person, text } = sending;
    const { chat } = publisher;
    const said = await chat?.lookUp({ person, text }, { since, isTaken, signal });
    if (said) return toSent(said);
    const waited = clock.now() - since;
    const again: MailOutcome = {
      is: 'later',
      about: 'mail',
      said: 'its answer was lost, and it has not arrived',
    };
    const isByChat = chat && (isFromChat(sending) || (await chat.reaches(person, signal)));
    if (isByChat) return waited >= chatShownFor ? again : undefined;
    const payload = await publisher.prepare(toRequest(sending, publisher), signal);
    const found = await publisher.lookUp(payload, { sentAt: since, isTaken, signal });
    if (found) return toSent(found);
    const { repeatFor, looks, whenAbsent } = publisher.reconciling(payload);
    const isSafe = waited < repeatFor || (whenAbsent === 'send' && waited >= looks * minute);
    return isSafe ? again : undefined;
  } catch (error) {
    if (error instanceof PublishError) return undefined;
    throw error;
  }
}

/** A chat shows what it took by then. */
const chatShownFor = 2 * minute;
