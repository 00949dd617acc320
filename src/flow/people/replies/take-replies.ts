import type { Act } from '../../../core/people/act.ts';
import { everything } from '../../../core/people/consent.ts';
import { keyOfAddress, type Person } from '../../../core/people/person.ts';
import type { Sequence } from '../../../core/people/sequence.ts';
import { saysWord, toOwnWords } from '../../../core/people/words/own-words.ts';
import { saysStop } from '../../../core/people/words/stop-words.ts';
import type { Network } from '../../../core/network/network.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import { day } from '../../../core/time.ts';
import type { PersonReply } from '../../../ports/people/person-reply.ts';
import type { PeopleContext } from '../people-context.ts';
import { stopPerson } from '../stop-person.ts';
import { takeActs } from '../take-acts.ts';
import { enterByWord } from './enter-by-word.ts';
import { type Spoken, toAct } from './spoken.ts';
import { addWhoSpoke, meetAgain } from './who-spoke.ts';

/** What people wrote to one of our accounts. */
export interface Heard {
  account: string;
  network: Network;
  /** The oldest first. */
  replies: readonly PersonReply[];
  /** Ids and handles of our own accounts there. */
  own: ReadonlySet<string>;
}

/**
 * Who answers with the word of a sequence enters it; "stop" of somebody who is known is one;
 * whatever else somebody says who is known is an answer for a human. What was read before does
 * nothing more.
 */
export async function takeReplies(context: PeopleContext, heard: Heard): Promise<void> {
  for (const reply of heard.replies) {
    const { author, by } = reply;
    if (author.isBot || heard.own.has(author.id) || heard.own.has(by.toLowerCase())) continue;
    await takeOne(context, toSpoken(heard, reply));
  }
}

function toSpoken({ account, network }: Heard, reply: PersonReply): Spoken {
  const { id, url, at, cid, root, by, author, firstId = id } = reply;
  const newest = pickDefined({ id, url, at, cid });
  const isRoot = root === undefined || root.id === id;
  return {
    reply,
    words: toOwnWords(reply.text),
    id: `said:${network}:${firstId}`,
    handle: {
      medium: 'message',
      network,
      account,
      value: author.id,
      handle: by,
      conversation: isRoot ? [newest] : [{ ...root, url: '', at }, newest],
    },
  };
}

async function takeOne(context: PeopleContext, spoken: Spoken): Promise<void> {
  const { store } = context;
  const { words, handle } = spoken;
  const known = await store.people.findPersonByAddress(keyOfAddress(handle));
  const wantsNoMore = saysStop(words);
  const begun = wantsNoMore ? [] : begunBy(context, words);
  if (!known && (begun.length === 0 || (await wasStopped(context, spoken)))) return;
  if (known && spoken.reply.at < known.createdAt) return;
  if (known && (await isTaken(context, known, spoken))) return;
  const person = known
    ? await meetAgain(context, known, spoken)
    : await addWhoSpoke(context, spoken);
  if (!person) return;
  if (begun.length > 0) return enterByWord(context, { person, spoken, sequences: begun });
  if (wantsNoMore) await stop(context, person, spoken);
  await takeActs(context, [await toAnswer(context, person, spoken)]);
}

const begunBy = ({ sequences }: PeopleContext, words: string): Sequence[] =>
  [...sequences.values()].filter(({ start }) =>
    start.some((one) => one.by === 'reply' && saysWord(words, one.word)),
  );

/** It says the word of a sequence: what comes of it is on the person's page, and no notice. */
export const beginsSequence = (context: PeopleContext, { author, text }: PersonReply): boolean =>
  !author.isBot && begunBy(context, toOwnWords(text)).length > 0;

/** Whether there is a sequence that people enter by what they answer. */
export const waitsForWords = ({ sequences }: Pick<PeopleContext, 'sequences'>): boolean =>
  [...sequences.values()].some(
    ({ start, by, steps }) =>
      start.some((one) => one.by === 'reply') ||
      by.includes('message') ||
      steps.some((step) => step.by?.includes('message')),
  );

async function isTaken({ store }: PeopleContext, { id: person }: Person, { id, reply }: Spoken) {
  // A network's clock may be another than ours.
  const acts = await store.people.listActs({
    person,
    kinds: ['replied', 'confirmed'],
    since: reply.at - day,
  });
  return acts.some((one) => one.id === id);
}

/** Somebody who was forgotten since they said it is not met again by that. */
async function wasStopped({ store, hashOf }: PeopleContext, { handle, reply }: Spoken) {
  const stops = await store.people.listSuppressions([hashOf(keyOfAddress(handle))]);
  return stops.some(({ at }) => at >= reply.at);
}

async function stop(context: PeopleContext, person: Person, { handle, reply }: Spoken) {
  const keys = [keyOfAddress(handle)];
  const stops = await context.store.people.listSuppressions(keys.map(context.hashOf));
  // It was interrupted behind this.
  if (stops.some(({ because, at }) => because === 'reply' && at >= reply.at)) return;
  const by = 'dripline';
  const what = { person, purpose: everything, because: 'reply', addressKeys: keys, by } as const;
  await stopPerson(context, what);
}

async function toAnswer(
  context: PeopleContext,
  { id: person }: Person,
  { reply, id }: Spoken,
): Promise<Act> {
  const { store } = context;
  const { inReplyTo } = reply;
  const answered =
    inReplyTo === undefined ? undefined : await store.people.findDispatchByMessage(inReplyTo);
  return pickDefined({
    ...toAct(context, reply, id),
    person,
    kind: 'replied' as const,
    dispatch: answered?.person === person ? answered.id : undefined,
  });
}
