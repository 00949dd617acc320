import { compose } from '../../core/post/compose.ts';
import type { Delivery, Intent } from '../../core/delivery/delivery.ts';
import type { Message } from '../../core/post/message.ts';
import { pauseOf } from '../../core/pause.ts';
import { Refusal } from '../../core/problem.ts';
import type { Instant } from '../../core/time.ts';
import { type Publisher, PublishError } from '../../ports/publisher.ts';
import { meetAccount } from './meet-account.ts';
import { type Context, makeDeliveryEntry } from '../context.ts';
import { readAccount, readPause } from '../facts.ts';
import { findPostOf } from '../ingest/find-post.ts';
import { stepsAside } from './by-hand.ts';
import { findRelation } from './find-relation.ts';
import { isStale, planAccount, setReleaseAlarm } from '../plan/plan.ts';
import { sendParts } from './send-parts.ts';
import {
  backOff,
  backoffFor,
  holdAccount,
  settleDeferred,
  settleFailed,
  settleUnrelated,
} from './settle.ts';

export interface Signals {
  /** Nothing new is begun. */
  stopping: AbortSignal;
  /** Requests under way are cut off: a moment after `stopping`. */
  cutOff: AbortSignal;
}

/**
 * Releases what is due on the account, one after the other, and sets the alarm for what comes next.
 */
export async function releaseDue(
  context: Context,
  account: string,
  { stopping, cutOff }: Signals,
): Promise<void> {
  const publisher = context.publishers.get(account);
  let hasReleased = false;
  while (publisher && !stopping.aborted) {
    if (await isHeld(context, account)) return;
    const [next] = await context.store.listDeliveries({
      account,
      states: ['planned'],
      order: 'at',
      limit: 1,
    });
    // The last slot is used up: what its releases have put into the queue is planned.
    if (next?.at === undefined) return hasReleased ? planAccount(context, account) : undefined;
    const now = context.clock.now();
    if (next.at > now) return setReleaseAlarm(context, account);
    if (!(await isMet(context, account, cutOff))) return planAccount(context, account);
    if (isStale(next.at, now) || (await isTooSoon(context, next, now)))
      return planAccount(context, account);
    if (await stepsAside(context, next, publisher, cutOff)) return planAccount(context, account);
    if (!(await release(context, next, publisher, cutOff))) return planAccount(context, account);
    hasReleased = true;
  }
}

async function isHeld({ store, clock, hold }: Context, account: string): Promise<boolean> {
  if (hold.because !== undefined) return true;
  const [pauses, fact] = await Promise.all([readPause(store), readAccount(store, account)]);
  return (
    pauseOf(pauses, account, clock.now()) !== undefined ||
    fact.heldBecause !== undefined ||
    (fact.backoffUntil ?? 0) > clock.now()
  );
}

/**
 * Who the account is, and what stands on it already, is known before the first release: a network
 * that did not tell at the start is asked again.
 */
async function isMet(context: Context, account: string, signal: AbortSignal): Promise<boolean> {
  const { store, clock, timing, met } = context;
  if (met.has(account)) return true;
  await meetAccount(context, account, signal);
  const fact = await readAccount(store, account);
  if (!met.has(account))
    await backOff(
      context,
      account,
      clock.now() + backoffFor(fact.failures + 1, timing),
      fact.lastError ?? 'the network does not show the account',
    );
  // What stands there may have changed the queue.
  return false;
}

/**
 * The plan keeps minGap; this keeps it even where the plan is older than the last release. A user's
 * own word is obeyed.
 */
async function isTooSoon(
  { store, settings }: Context,
  next: Delivery,
  now: Instant,
): Promise<boolean> {
  if (next.pinnedAt !== undefined || (next.terms.pin && 'at' in next.terms.pin)) return false;
  const gap = settings.cadences[next.account]?.minGapFor ?? 0;
  const [last] = await store.listDeliveries({
    account: next.account,
    states: ['released', 'releasing', 'uncertain'],
    startedSince: now - gap + 1000,
    order: '-startedAt',
    limit: 1,
  });
  return last !== undefined;
}

/** False: it did not go out, and the account has to be planned anew. */
async function release(
  context: Context,
  planned: Delivery,
  publisher: Publisher,
  signal: AbortSignal,
): Promise<boolean> {
  const claimed = await claim(context, planned, {
    state: 'releasing',
    startedAt: context.clock.now(),
  });
  if (!claimed) return false;
  const prepared = await prepare(context, claimed, publisher, signal);
  if (!prepared) return false;
  const done = await sendParts(context, prepared, publisher, signal);
  return done?.state === 'released';
}

/** One conditional write: whoever makes it has the delivery until the claim runs out. */
export function claim(
  { store, clock, timing, worker }: Context,
  before: Delivery,
  change: Partial<Delivery> = {},
): Promise<Delivery | undefined> {
  const fence = before.fence + 1;
  return store.changeDelivery(before, {
    ...before,
    ...change,
    fence,
    claim: { by: worker, fence, until: clock.now() + timing.claimFor },
  });
}

/** Composes and renders, and journals the intent: from here on all parts are frozen. */
async function prepare(
  context: Context,
  claimed: Delivery,
  publisher: Publisher,
  signal: AbortSignal,
): Promise<Delivery | undefined> {
  try {
    const message = await composeFor(context, claimed, publisher, signal);
    const intent: Intent = { at: context.clock.now(), message, postHash: claimed.terms.hash };
    return await context.store.changeDelivery(claimed, { ...claimed, intent }, [
      makeDeliveryEntry(context, 'intent', claimed, { text: `releasing ${claimed.id}` }),
    ]);
  } catch (error) {
    if (error instanceof PublishError && error.isRelationRefused)
      await settleUnrelated(context, claimed, error.message);
    else if (error instanceof Refusal)
      await settleFailed(context, claimed, error.message, { isRefused: true });
    else if (error instanceof PublishError) {
      if (error.kind === 'signed-out') await holdAccount(context, claimed.account, error.message);
      await settleDeferred(context, claimed, error);
    } else throw error;
    return undefined;
  }
}

/**
 * The message with its renditions. Throws Refusal where the post cannot be said there, PublishError
 * where the network does not tell its limits.
 */
async function composeFor(
  { store, images, settings }: Context,
  delivery: Delivery,
  publisher: Publisher,
  signal: AbortSignal,
): Promise<Message> {
  const stored = await findPostOf(store, delivery.post);
  const account = settings.accounts.find(({ name }) => name === delivery.account);
  if (!stored || !account) throw new Refusal(`the post ${delivery.post} is not in the store`);
  const limits = await publisher.limits(signal);
  const isRepost = delivery.terms.followUp?.as === 'repost';
  const { message, problems } = compose({
    post: stored.post,
    account,
    limits,
    run: delivery.run,
    campaigns: settings.campaigns,
    isRepost,
  });
  if (problems.length) throw new Refusal(problems.join('; '));
  for (const part of message.parts) {
    for (const picture of part.media)
      picture.rendition = await images.render(picture.file, limits.media);
  }
  const relation = await findRelation(store, delivery);
  return relation ? { ...message, relation } : message;
}
