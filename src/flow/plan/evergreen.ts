import { type Delivery, deliveryId, isOpen } from '../../core/delivery/delivery.ts';
import { revived, runTakenBack } from '../../core/delivery/moves.ts';
import { newDelivery } from '../../core/delivery/new-delivery.ts';
import { isRankedByPerson, rankForRun } from '../../core/delivery/rank.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { scoreOf } from '../../core/engagement.ts';
import { shareByAge } from '../../core/pacing/age-curve.ts';
import type { Post } from '../../core/post/post.ts';
import type { Context } from '../context.ts';
import { rememberFor } from '../measure/typical-of-account.ts';

/**
 * An evergreen post's next run joins the end of the queue when it is due. It is made at each
 * release, however that came to be known; its id follows from the run before, so that it is there
 * once.
 */
export async function queueNextRun(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  released: Delivery,
): Promise<void> {
  if (released.state !== 'released' || !released.terms.isEvergreen) return;
  const stored = await store.findPost(released.post);
  const next = stored && nextRun(stored.post, released, clock.now());
  if (!next) return;
  await store.addDeliveries([next]);
  const there = await store.findDelivery(next.id);
  if (there?.state !== 'withdrawn' || there.because !== 'run-taken-back') return;
  await store.changeDelivery(there, revived(there, next));
}

/** The release that it was made for is not true any more. A word about it itself stays. */
export async function withdrawNextRun(
  { store }: Pick<Context, 'store'>,
  before: Delivery,
): Promise<void> {
  const next = await store.findDelivery(nextId(before));
  if (!next || !isOpen(next.state) || next.pinnedAt !== undefined) return;
  await store.changeDelivery(next, runTakenBack(next));
}

/** Next runs that a crash between a receipt and its next run has left out, however long ago. */
export async function queueMissingRuns(context: Pick<Context, 'store' | 'clock'>): Promise<void> {
  const { store } = context;
  const released = await store.listDeliveries({ states: ['released'], isEvergreen: true });
  const newest = new Map<string, Delivery>();
  for (const one of released) {
    const series = deliveryId(one.post, one.account);
    if (one.run >= (newest.get(series)?.run ?? 0)) newest.set(series, one);
  }
  const nextIds = [...newest.values()].map((one) => nextId(one));
  const there = new Set((await store.listDeliveries({ ids: nextIds })).map(({ id }) => id));
  for (const one of newest.values()) if (!there.has(nextId(one))) await queueNextRun(context, one);
}

const nextId = ({ post, account, run }: Delivery) => deliveryId(post, account, run + 1);

/** Undefined: it has run often enough, or cannot say anything new there. */
export function nextRun(post: Post, released: Delivery, now: number): Delivery | undefined {
  const { evergreen } = post;
  const run = released.run + 1;
  if (!evergreen || (evergreen.times !== undefined && run > evergreen.times)) return undefined;
  // Where no text may be repeated, each run needs one of its own.
  const { refusesRepeats } = traitsOf(released.network);
  if (refusesRepeats && run - 2 >= evergreen.variants.length) return undefined;
  const dueAt = (released.startedAt ?? now) + evergreen.everyFor;
  if (evergreen.until !== undefined && dueAt > evergreen.until) return undefined;
  const { pin: _pin, after: _after, expires: _expires, ...terms } = released.terms;
  const { followUp: _followUp, ...lasting } = terms;
  const { account, network, queue, approvedHash } = released;
  return newDelivery(
    {
      post: post.id,
      run,
      account,
      network,
      queue,
      rank: rankForRun(dueAt),
      terms: { ...lasting, hash: post.hash, notBefore: dueAt },
      approvedHash,
    },
    now,
  );
}

const isRun = ({ run, state, terms, rank }: Delivery) =>
  run > 1 && terms.isEvergreen === true && isOpen(state) && !isRankedByPerson(rank);

/**
 * The queue with its evergreen runs in the order of what they did before, best first. All others,
 * and the runs that a person has moved, keep their places.
 */
export async function bestFirst(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  account: string,
  deliveries: readonly Delivery[],
): Promise<Delivery[]> {
  const runs = deliveries.filter(isRun);
  if (runs.length < 2) return [...deliveries];
  const samples = await store.listSamples({
    account,
    releasedSince: clock.now() - rememberFor,
    isLatest: true,
  });
  const worth = new Map(
    samples.map(({ post, network, releasedAt, at, counts }) => [
      post,
      scoreOf(counts) / Math.max(leastShare, shareByAge(network, at - releasedAt)),
    ]),
  );
  const best = runs.toSorted((a, b) => (worth.get(b.post) ?? 0) - (worth.get(a.post) ?? 0));
  return deliveries.map((one) => (isRun(one) ? (best.shift() ?? one) : one));
}

/** A post of which less has come in than this share is judged as if it were this share. */
const leastShare = 0.3;
