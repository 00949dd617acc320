import { isLive } from '../../../core/people/enrolment.ts';
import { keyOfAddress } from '../../../core/people/person.ts';
import { day, type Instant, localDate, minute, second } from '../../../core/time.ts';
import type { PeopleContext } from '../../../flow/people/people-context.ts';
import { openAsPerson } from '../../../sandbox/readers/open-readers.ts';
import type { AcceptedMail, Sandbox } from '../../../sandbox/open-sandbox.ts';
import { answersSince } from './answer-posts.ts';
import { imagineAnswer, imaginePerson, questions, replies } from './imagine-people.ts';
import { deedsSince, type Due, signUp } from './play-people.ts';
import type { Postbox } from './postbox.ts';
import { toAnswer, toBounce, toComplaint } from './write-back.ts';

/** Whoever has not opened a mail by then does not. */
const readFor = 4 * day;
const confirmAfter = 4 * minute;

interface Living {
  sandbox: Pick<Sandbox, 'mails' | 'accepted' | 'speak'>;
  /** Where the public door is. */
  door: string;
  /** Of the door's events; absent: nobody buys. */
  token?: string | undefined;
  /** Where mails to us come in. */
  postbox: Pick<Postbox, 'post'>;
  /** Milliseconds; default: a second. */
  lookEvery?: number;
}

/** One thing is done once in each run of the process. */
type Once = (key: string, work: () => Promise<void> | void) => Promise<void>;

interface Life extends Living {
  context: PeopleContext;
  once: Once;
  now: Instant;
}

/**
 * While it runs: somebody signs up each day, others answer posts with their word, and people read
 * what comes. All that they do goes the ways that are there for people: the networks, the public
 * door, and mail.
 */
export function openLivePeople(context: PeopleContext, living: Living): AsyncDisposable {
  const done = new Set<string>();
  const once: Once = async (key, work) => {
    if (done.has(key)) return;
    done.add(key);
    await work();
  };
  let under: Promise<unknown> = Promise.resolve();
  let isBusy = false;
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    under = live({ ...living, context, once, now: context.clock.now() })
      .catch(() => undefined)
      .finally(() => (isBusy = false));
  }, living.lookEvery ?? second).unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await under;
    },
  };
}

async function live(life: Life): Promise<void> {
  const { now, context, once, sandbox } = life;
  for (const { at, say } of answersSince(sandbox, now))
    if (at <= now && at > now - day) say(sandbox);
  const today = localDate(now, context.settings.zone);
  await once(`newcomer ${today}`, () => newcomer(life, today));
  await readMessages(life);
  const mails = sandbox.mails().filter(({ at }) => Date.parse(at) > now - readFor);
  for (const mail of mails) await confirm(life, mail);
  const byId = new Map(mails.map((mail) => [mail.messageId, mail]));
  for (const one of await deedsSince(context, now - readFor)) {
    const mail = byId.get(one.dispatch.intent?.messageId ?? '');
    if (mail && one.at <= now)
      await once(`${one.dispatch.id} ${one.deed}`, () => doWith(life, one, mail));
  }
}

async function newcomer(life: Life, key: string): Promise<void> {
  const { door, context } = life;
  const { person } = imaginePerson(key, life.now, door);
  // The form asks for no postal address: an order on paper does.
  if (person.addresses.some(({ medium }) => medium === 'letter'))
    return signUp(context, { key, door });
  const [address] = person.addresses;
  const mail = address?.medium === 'mail' ? address.value : '';
  await fillIn(life, `${door}/f/newsletter`, { mail, name: person.fields['name'] ?? '' });
}

/** Only by somebody who is not known yet: a form asks its owner by mail. */
async function fillIn(
  { context }: Life,
  form: string,
  { mail, name }: { mail: string; name: string },
): Promise<void> {
  const key = keyOfAddress({ medium: 'mail', value: mail });
  if (await context.store.people.findPersonByAddress(key)) return;
  await post(form, new URLSearchParams({ mail, name }));
}

/** Behind a message is a form, which asks for a mail address. */
async function readMessages(life: Life): Promise<void> {
  const { context, now, once } = life;
  const sent = await context.store.people.listDispatches({
    medium: 'message',
    states: ['sent'],
    sentSince: now - readFor,
  });
  for (const { id, person, receipt, sentAt = now } of sent) {
    const { does, after } = imagineAnswer(id);
    if (sentAt + after > now || receipt?.serverId === undefined) continue;
    const { serverId } = receipt;
    await once(`${id} ${does}`, () => answerMessage(life, { person, does, serverId }));
  }
}

interface Message {
  person: string;
  does: 'form' | 'stop' | 'ask';
  serverId: string;
}

async function answerMessage(life: Life, { person: id, does, serverId }: Message): Promise<void> {
  const { sandbox, context, door } = life;
  const message = sandbox.accepted().find((one) => one.id === serverId);
  const person = await context.store.people.findPerson(id);
  const address = person?.addresses.find(({ medium }) => medium === 'message');
  if (!message || !person || address?.medium !== 'message') return;
  const name = person.fields['name'] ?? 'somebody';
  if (does === 'form') {
    const form = /https?:\/\/\S+\/f\/[\w-]+/.exec(message.text)?.[0] ?? '';
    const mail = `${name.toLowerCase()}.${id}@people.example`;
    if (form.startsWith(`${door}/f/`)) await fillIn(life, form, { mail, name });
    return;
  }
  const text = does === 'stop' ? 'Stop' : (questions[id.length % questions.length] ?? '');
  const { network, handle } = address;
  sandbox.speak({ network, name, handle: withoutHost(handle), text, inReplyTo: serverId });
}

const withoutHost = (handle: string): string => handle.split('@')[0] ?? handle;

/** The owner of the address presses the button behind the link. */
async function confirm({ once, now, door }: Life, { at, text }: AcceptedMail): Promise<void> {
  const url = /https?:\/\/\S+\/c\/[\w-]+/.exec(text)?.[0];
  if (!url?.startsWith(`${door}/c/`) || Date.parse(at) + confirmAfter > now) return;
  await once(url, () => post(url, new URLSearchParams()));
}

async function doWith(life: Life, due: Due, mail: AcceptedMail): Promise<void> {
  const { door, token, postbox } = life;
  const { dispatch, deed } = due;
  if (deed === 'bounced') return postbox.post(toBounce(mail));
  if (deed === 'complained') return postbox.post(toComplaint(mail));
  if (deed === 'replied')
    return postbox.post(toAnswer(mail, replies[dispatch.id.length % replies.length] ?? ''));
  if (deed === 'bought') return token === undefined ? undefined : buy(door, token, { due, mail });
  const way = deed === 'clicked' ? 'l' : 'u';
  const url = new RegExp(`https?://\\S+/${way}/[\\w-]+`).exec(mail.text)?.[0];
  if (!url?.startsWith(`${door}/${way}/`)) return;
  if (deed === 'clicked') return openAsPerson(url, dispatch.id);
  const enrolment = await life.context.store.people.findEnrolment(dispatch.enrolment);
  // One click of a mail program (RFC 8058).
  if (enrolment && isLive(enrolment))
    await post(url, new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }));
}

/** The shop tells it. */
async function buy(
  door: string,
  token: string,
  { due, mail }: { due: Due; mail: AcceptedMail },
): Promise<void> {
  const event = { id: `order-${due.dispatch.id}`, person: { email: mail.to }, event: 'bought' };
  await post(`${door}/e`, JSON.stringify(event), { authorization: `Bearer ${token}` });
}

async function post(
  url: string,
  body: URLSearchParams | string,
  headers: Record<string, string> = {},
): Promise<void> {
  const signal = AbortSignal.timeout(5 * second);
  await fetch(url, { method: 'POST', body, headers, signal }).then((answer) => answer.text());
}
