import { createHash } from 'node:crypto';
import { bouncedDispatch, type Dispatch } from '../../core/people/dispatch.ts';
import type { Act } from '../../core/people/act.ts';
import { agreedAt, everything, type Suppression } from '../../core/people/consent.ts';
import { nameOf } from '../../core/people/forms/confirmation.ts';
import { keyOfAddress, type Person } from '../../core/people/person.ts';
import { toOwnWords } from '../../core/people/words/own-words.ts';
import { saysStop } from '../../core/people/words/stop-words.ts';
import { day, type Instant, localDate } from '../../core/time.ts';
import type { Mailbox, MailboxMark, Report } from '../../ports/people/mailbox.ts';
import { makeEntry } from '../context.ts';
import { changeFact, factKey, readFact } from '../facts.ts';
import type { PeopleContext } from './people-context.ts';
import { brake } from './sending/transport-trouble.ts';
import { stopPerson } from './stop-person.ts';
import { takeActs } from './take-acts.ts';

const markFact = factKey<MailboxMark | undefined>('mailbox:reports', undefined);

/**
 * Takes what has come to the mailbox since the last look. A mail that is read again, since the
 * process died in between, does nothing a second time.
 */
export async function lookAtMailbox(
  context: PeopleContext,
  mailbox: Mailbox,
  signal: AbortSignal,
): Promise<void> {
  const from = await readFact(context.store, markFact);
  const take = (report: Report) => takeReport(context, report);
  const mark = await mailbox.readNew(from, { take, signal });
  await changeFact(context.store, markFact, () => mark);
}

/** What comes of one mail: a bounce, a complaint, an answer, or nothing. */
export async function takeReport(context: PeopleContext, report: Report): Promise<void> {
  if (report.kind === 'delayed' || report.kind === 'automatic') return;
  const about = await findAbout(context, report);
  if (!about) return;
  if (report.kind === 'policy') return tellPolicy(context, report);
  if (report.kind === 'reply') return takeAnswer(context, about, report);
  if (report.kind === 'complaint') return takeComplaint(context, about, report);
  if (report.kind === 'unsubscribed') return takeUnsubscribed(context, about, report);
  if (report.kind === 'soft' && !(await isEnough(context, about.dispatch))) return;
  await takeBounce(context, about, report);
}

interface About {
  dispatch: Dispatch;
  person: Person;
}

/** By the token of the address, else by a Message-ID: both are known to nobody but the reader. */
async function findAbout({ store }: PeopleContext, report: Report): Promise<About | undefined> {
  const { people } = store;
  let dispatch =
    report.dispatch === undefined ? undefined : await people.findDispatch(report.dispatch);
  for (const id of report.messageIds.slice(0, 20))
    dispatch ??= await people.findDispatchByMessage(id);
  const person = dispatch && (await people.findPerson(dispatch.person));
  return dispatch && person ? { dispatch, person } : undefined;
}

async function takeBounce(
  context: PeopleContext,
  { dispatch, person }: About,
  { words, kind }: Report,
): Promise<void> {
  const { store, clock } = context;
  const text = `${nameOf(dispatch)} came back: ${withoutAddresses(words)}`;
  if (dispatch.state === 'sent' || dispatch.state === 'uncertain')
    await store.people.change({
      dispatch: { before: dispatch, after: bouncedDispatch(dispatch, words) },
      entries: [
        makeEntry(context, 'unsent', { id: `${dispatch.id}:bounced`, person: person.id, text }),
      ],
    });
  const act = { id: `bounced:${dispatch.id}`, kind: 'bounced' as const, at: clock.now() };
  const said = { ...act, words: `${kind}: ${words}` };
  await stopOnce(context, { dispatch, person }, { act: said, because: 'bounced' });
}

/** The mail provider sends nothing more to the address, whatever it is about. */
async function takeUnsubscribed(context: PeopleContext, about: About, { id }: Report) {
  const at = context.clock.now();
  const act = { id: `unsubscribed:${id}`, kind: 'unsubscribed' as const, at };
  await stopOnce(context, about, { act, because: 'unsubscribed' });
}

interface Stopping {
  act: Omit<Act, 'person'>;
  because: Suppression['because'];
}

const mostActs = 1000;

/**
 * The stop first: where it is interrupted, it is made good. A report that is read again does not
 * end what the person has agreed to since then, and another one about the same mail adds nothing
 * to a stop that holds. False: it was such a one.
 */
async function stopOnce(
  context: PeopleContext,
  about: About,
  { act, because }: Stopping,
): Promise<boolean> {
  const { dispatch, person } = about;
  const query = { person: person.id, kinds: [act.kind], limit: mostActs };
  const known = await context.store.people.listActs(query);
  if (!known.some(({ id }) => id === act.id)) {
    const isNew = await stop(context, about, because);
    if (!isNew && known.some((one) => one.dispatch === dispatch.id)) return false;
  }
  await takeActs(context, [{ ...act, person: person.id, dispatch: dispatch.id }]);
  return true;
}

/** Only the address that it was sent to: the person may have others. False: it is stopped. */
async function stop(
  context: PeopleContext,
  { dispatch, person }: About,
  because: Suppression['because'],
): Promise<boolean> {
  const keys = dispatch.intent ? [dispatch.intent.addressKey] : person.addresses.map(keyOfAddress);
  const { people } = context.store;
  const [stops, consents] = await Promise.all([
    people.listSuppressions(keys.map(context.hashOf)),
    people.listConsents(person.id),
  ]);
  const since = agreedAt(consents, keys);
  const holds = ({ because: why, purpose, at }: Suppression) =>
    why === because && purpose === everything && at >= since;
  if (stops.some(holds)) return false;
  const by = 'dripline';
  await stopPerson(context, { person, purpose: everything, because, addressKeys: keys, by });
  return true;
}

/** Servers name whom they refuse; the journal does not. */
const withoutAddresses = (words: string) =>
  words
    .slice(0, mostWords)
    .replaceAll(/<?[^\s<>@,;:"']{1,64}@[^\s<>@,;:"']{1,253}>?/g, '(address)');

const mostWords = 1000;

interface SoftBounces {
  dispatches: string[];
  firstAt: Instant;
}

const mostSoft = 3;
const softFor = 7 * day;

/** A mailbox that was full for a week, in three different messages, is left alone. */
async function isEnough(
  { store, clock, hashOf }: PeopleContext,
  { id, intent }: Dispatch,
): Promise<boolean> {
  const key = `soft:${hashOf(intent?.addressKey ?? id)}`;
  const counted = await changeFact(
    store,
    factKey<SoftBounces>(key, { dispatches: [], firstAt: clock.now() }),
    ({ dispatches, firstAt }) => ({
      dispatches: [...dispatches.filter((one) => one !== id), id].slice(-20),
      firstAt,
    }),
  );
  return counted.dispatches.length >= mostSoft && clock.now() - counted.firstAt >= softFor;
}

async function takeComplaint(context: PeopleContext, about: About, report: Report): Promise<void> {
  const { clock } = context;
  const { dispatch, person } = about;
  const act = { id: `complained:${report.id}`, kind: 'complained' as const, at: clock.now() };
  if (!(await stopOnce(context, about, { act, because: 'complaint' }))) return;
  const text = `${person.id} has called ${nameOf(dispatch)} spam, and gets nothing more`;
  await context.store.appendJournal([
    makeEntry(context, 'notice', { id: `complaint:${report.id}`, person: person.id, text }),
  ]);
}

/** As a word alone at its beginning, in the languages of the forms; a short one in more of them. */
const stopWord = /^\W*(stop|unsubscribe|remove me|abmelden|abbestellen|austragen)\b/i;
const longestWords = 500;

async function takeAnswer(context: PeopleContext, about: About, report: Report): Promise<void> {
  const { clock } = context;
  const { dispatch, person } = about;
  const words = report.words.slice(0, longestWords);
  const act = { id: `replied:${report.id}`, kind: 'replied' as const, at: clock.now(), words };
  // Who says stop is not handed to anybody.
  if (stopWord.test(words) || saysStop(toOwnWords(words))) {
    await stopOnce(context, about, { act, because: 'reply' });
    return;
  }
  await takeActs(context, [{ ...act, person: person.id, dispatch: dispatch.id }]);
}

/** It is about us, and nobody whom we write to: mail goes slower, and it is told once a day. */
async function tellPolicy(context: PeopleContext, { words }: Report): Promise<void> {
  const { store, clock, settings } = context;
  const date = localDate(clock.now(), settings.zone);
  const digest = createHash('sha256').update(words).digest('hex').slice(0, 8);
  const said = withoutAddresses(words);
  const text = `other mail servers refuse our mails for what they think of us: ${said}`;
  await store.appendJournal([
    makeEntry(context, 'notice', { id: `mail-policy:${date}:${digest}`, text }),
  ]);
  await brake(context, 'mail', text);
}
