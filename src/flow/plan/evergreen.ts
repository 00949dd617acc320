import {
  type Delivery,
  deliveryId,
  isOpen,
  rankForRun,
  withoutSlot,
} from '../../core/delivery/delivery.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import type { Post } from '../../core/post/post.ts';
import type { Context } from '../context.ts';
import { scoreOf } from '../../core/engagement.ts';
import { shareByAge } from '../../core/pacing/age-curve.ts';
import { rememberFor } from '../measure/typical-of-account.ts';

/**
 * An evergreen post's next run joins the end of the queue when it is due. Made at the release, so
 * that it is never made twice.
 */
export async function queueNextRun(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  released: Delivery,
): Promise<void> {
  if (!released.terms.isEvergreen) return;
  const stored = await store.findPost(released.post);
  const next = stored && nextRun(stored.post, released, clock.now());
  if (next) await store.addDeliveries([next]);
}

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
  const {
    pin: _pin,
    after: _after,
    expires: _expires,
    followUp: _followUp,
    ...terms
  } = released.terms;
  const fresh: Delivery = {
    ...withoutSlot(released, 'queued'),
    id: deliveryId(released.post, released.account, run),
    run,
    rank: rankForRun(dueAt),
    terms: { ...terms, notBefore: dueAt },
    receipts: [],
    attempts: 0,
    looks: 0,
    fence: 0,
    createdAt: now,
    revision: 0,
  };
  for (const key of [
    'pinnedAt',
    'retryAt',
    'claim',
    'startedAt',
    'intent',
    'lookAt',
    'approvedHash',
    'isRefused',
    'byPerson',
    'repeats',
    'measureAt',
    'misses',
    'goneAt',
    'followed',
  ] as const)
    delete fresh[key];
  return fresh;
}

/**
 * Puts the evergreen runs among these, which are in the queue's order, so that what did best comes
 * round first. The others keep their places.
 */
export async function bestFirst(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  account: string,
  deliveries: Delivery[],
): Promise<void> {
  const places = deliveries.flatMap(({ run, state, terms }, i) =>
    run > 1 && terms.isEvergreen && isOpen(state) ? [i] : [],
  );
  if (places.length < 2) return;
  const samples = await store.listSamples({
    account,
    releasedSince: clock.now() - rememberFor,
    isLatest: true,
  });
  const youngest = 0.3;
  const worth = new Map(
    samples.map(({ post, network, releasedAt, at, counts }) => [
      post,
      scoreOf(counts) / Math.max(youngest, shareByAge(network, at - releasedAt)),
    ]),
  );
  const runs = places.flatMap((i) => deliveries[i] ?? []);
  runs.sort((a, b) => (worth.get(b.post) ?? 0) - (worth.get(a.post) ?? 0));
  places.forEach((place, i) => {
    const run = runs[i];
    if (run) deliveries[place] = run;
  });
}
