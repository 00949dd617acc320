import { traitsOf } from '../../core/network/traits-of.ts';
import { day, hour, type Instant, localDate, minute } from '../../core/time.ts';
import { onClock } from '../../ports/clock.ts';
import { type Publisher, PublishError } from '../../ports/publisher.ts';
import type { PersonReply } from '../../ports/people/person-reply.ts';
import { type Context, makeEntry } from '../context.ts';
import { changeFact, factKey, readAccount, readFact } from '../facts.ts';
import { beginsSequence, takeReplies, waitsForWords } from '../people/replies/take-replies.ts';

/** What is known of the people around an account. */
export interface PeopleFact {
  /** Replies up to here were asked for. */
  repliesUntil?: Instant;
  repliesAt?: Instant;
  /** How many followed it, a count a day, oldest first. */
  followers: { date: string; count: number }[];
  followersAt?: Instant;
}

export const peopleFact = (account: string) =>
  factKey<PeopleFact>(`people:${account}`, { followers: [] });
const followersKept = 182;

/** A reply may be shown late: each look goes back a little behind the one before. */
const overlapFor = hour;
const answeredFor = 30 * day;

export const readPeople = (
  { store }: Pick<Context, 'store'>,
  account: string,
): Promise<PeopleFact> => readFact(store, peopleFact(account));

/**
 * Hands what people answered to the operator, and counts who follows; each as rarely as its timing
 * says. A look that fails is made again.
 */
export async function lookAtPeople(
  context: Context,
  account: string,
  signal: AbortSignal,
): Promise<void> {
  const { clock, timing, publishers } = context;
  const publisher = publishers.get(account);
  if (!publisher) return;
  const { repliesAt = -Infinity, followersAt = -Infinity } = await readPeople(context, account);
  if (clock.now() - repliesAt >= repliesEveryOf(context, publisher))
    await look(context, {
      account,
      which: 'repliesAt',
      work: () => lookForReplies(context, publisher, signal),
    });
  if (clock.now() - followersAt >= timing.followersEvery)
    await look(context, {
      account,
      which: 'followersAt',
      work: () => countFollowers(context, publisher, signal),
    });
}

/** Who says the word of a sequence waits: looked for more often where that is free. */
const listenEvery = 2 * minute;

function repliesEveryOf({ timing, people, clock }: Context, { network }: Publisher): number {
  const isFree = traitsOf(network).billing === undefined;
  const isAwaited = people !== undefined && waitsForWords(people);
  return isFree && isAwaited
    ? Math.min(timing.repliesEvery, onClock(clock, listenEvery))
    : timing.repliesEvery;
}

interface Look {
  account: string;
  which: 'repliesAt' | 'followersAt';
  work: () => Promise<void>;
}

const nameOf: Record<Look['which'], string> = {
  repliesAt: 'replies to',
  followersAt: 'followers of',
};

/**
 * A look that fails is made again as if it had been the last one's turn, or when the network says;
 * the other look does not mind.
 */
async function look(context: Context, { account, which, work }: Look): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof PublishError)) throw error;
    context.log.info(`the ${nameOf[which]} ${account} could not be read: ${error.message}`);
    const { repliesEvery, followersEvery } = context.timing;
    const every = which === 'repliesAt' ? repliesEvery : followersEvery;
    const again = Math.max(error.until ?? 0, context.clock.now() + repliesEvery);
    await changeFact(context.store, peopleFact(account), (fact) => ({
      ...fact,
      [which]: again - every,
    }));
  }
}

async function lookForReplies(
  context: Context,
  publisher: Publisher,
  signal: AbortSignal,
): Promise<void> {
  const { store, clock } = context;
  const { account } = publisher;
  const now = clock.now();
  const { repliesUntil = now } = await readPeople(context, account);
  const since = repliesUntil - overlapFor;
  const replies = await publisher.replies(since, signal);
  const words = replies.filter((one) => context.people && beginsSequence(context.people, one));
  await tellReplies(
    context,
    account,
    replies.filter((one) => !words.includes(one)),
  );
  await hear(context, publisher, [
    ...replies,
    ...(await readChat(context, publisher, { since, signal })),
  ]);
  // All of it is taken in: a look that was interrupted begins where the one before ended, and so
  // does one while a sequence cannot be read that somebody may have entered.
  const isInDoubt = context.people?.isInDoubt?.() ?? false;
  const until = isInDoubt ? Math.max(repliesUntil, now - doubtedFor) : now;
  await changeFact(store, peopleFact(account), (fact) => ({
    ...fact,
    repliesUntil: until,
    repliesAt: now,
  }));
}

/** So long a sequence may be broken until an answer to it is passed over. */
const doubtedFor = 7 * day;

/** Only where a sequence waits for it. */
async function readChat(
  { people }: Context,
  { chat }: Publisher,
  { since, signal }: { since: Instant; signal: AbortSignal },
): Promise<PersonReply[]> {
  return chat && people && waitsForWords(people) ? chat.replies(since, signal) : [];
}

/** What it means to the sequences. */
async function hear(
  { people, settings, store }: Context,
  { account, network }: Publisher,
  replies: readonly PersonReply[],
): Promise<void> {
  if (!people || replies.length === 0) return;
  const own = new Set<string>();
  for (const { name } of settings.accounts.filter((one) => one.network === network)) {
    const { identity } = await readAccount(store, name);
    if (identity) own.add(identity.id).add(identity.handle.toLowerCase());
  }
  await takeReplies(people, { account, network, replies, own });
}

/**
 * One notice for each, however often it is seen; only those under what Dripline itself has
 * released.
 */
async function tellReplies(
  context: Context,
  account: string,
  replies: PersonReply[],
): Promise<void> {
  if (replies.length === 0) return;
  const { store, clock } = context;
  const released = await store.listDeliveries({
    account,
    states: ['released'],
    startedSince: clock.now() - answeredFor,
    order: '-startedAt',
  });
  const byReceipt = new Map(
    released.flatMap((one) => one.receipts.map(({ id }) => [id, one] as const)),
  );
  const entries = replies.flatMap((reply) => {
    const delivery = byReceipt.get(reply.inReplyTo ?? '');
    if (!delivery) return [];
    const { id, post, network } = delivery;
    const words = `${reply.by} replied to ${id}: ${shorten(reply.text)}`;
    // What only we can read is told as that alone.
    const said = reply.isPrivate ? `Somebody replied to ${id} where only you can read it` : words;
    const text = `${said} (${reply.url})`;
    return [
      makeEntry(context, 'reply', {
        id: `reply:${account}:${reply.id}`,
        delivery: id,
        post,
        account,
        network,
        url: reply.url,
        text,
        data: { from: reply.isPrivate ? 'somebody' : reply.by, at: reply.at },
      }),
    ];
  });
  await store.appendJournal(entries);
}

const shorten = (text: string) => {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 140 ? `${line.slice(0, 139)}…` : line;
};

async function countFollowers(
  context: Context,
  publisher: Publisher,
  signal: AbortSignal,
): Promise<void> {
  const { store, clock, settings } = context;
  const count = await publisher.followers(signal);
  const now = clock.now();
  const date = localDate(now, settings.zone);
  await changeFact(store, peopleFact(publisher.account), (fact) => ({
    ...fact,
    followersAt: now,
    followers:
      count === undefined
        ? fact.followers
        : [...fact.followers.filter((one) => one.date !== date), { date, count }].slice(
            -followersKept,
          ),
  }));
}

/** Whether anyone could have answered, or is waited for. */
export async function mayBeAnswered({ store, people }: Context, account: string): Promise<boolean> {
  if (people && waitsForWords(people)) return true;
  const found = await store.listDeliveries({
    account,
    states: ['released'],
    order: '-startedAt',
    limit: 1,
  });
  return found.length > 0;
}
