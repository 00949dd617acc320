import type { Delivery, Intent } from '../../core/delivery/delivery.ts';
import { composeAtOnce, intentEntry } from './at-once.ts';
import { composeFor } from './compose-for.ts';
import { claimed, intended } from '../../core/delivery/release-moves.ts';
import { pauseOf } from '../../core/pause-state.ts';
import { Refusal } from '../../core/problem.ts';
import { second } from '../../core/time.ts';
import { PublishError } from '../../ports/publisher.ts';
import { meetAccount } from './meet-account.ts';
import type { Context } from '../context.ts';
import { readAccount, readPause } from '../facts.ts';
import { stepsAside } from './by-hand.ts';
import { isStale, planAccount, setReleaseAlarm } from '../plan/plan.ts';
import { backOff, holdAccount } from './back-off.ts';
import { publishPayload, type Route, sendParts } from './send-parts.ts';
import { retryInstant, settleDeferred, settleFailed, settleUnrelated } from './settle-release.ts';
import { requireUploads, waitForUploads } from '../uploads/wait-for-uploads.ts';
import { areUploadsDone } from '../uploads/uploads-fact.ts';
import { onClock } from '../../ports/clock.ts';

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
  // Those whose video is still on its way; whatever comes after goes first.
  const waiting = new Set<string>();
  while (publisher && !stopping.aborted) {
    const [held, next, isCrowded] = await Promise.all([
      isHeld(context, account),
      findNext(context, account, waiting),
      hasJustReleased(context, account),
    ]);
    if (held) return;
    // The last slot is used up: what its releases have put into the queue is planned.
    if (next?.at === undefined) return hasReleased ? planAccount(context, account) : undefined;
    const now = context.clock.now();
    if (next.at > now) return setReleaseAlarm(context, account, next.at);
    if (!(await isMet(context, account, cutOff))) return planAccount(context, account);
    if (!(await areUploadsDone(context.store, next, now))) {
      await waitForUploads(context, next);
      waiting.add(next.id);
      continue;
    }
    const route = { publisher, signal: cutOff };
    const mayGo =
      !isStale(next.at, context.clock) &&
      !(isCrowded && !isUsersWord(next)) &&
      !(await stepsAside(context, next, route));
    if (!mayGo || !(await release(context, next, route))) return planAccount(context, account);
    hasReleased = true;
  }
}

async function findNext(
  { store }: Context,
  account: string,
  waiting: ReadonlySet<string>,
): Promise<Delivery | undefined> {
  const found = await store.listDeliveries({
    account,
    states: ['planned'],
    order: 'at',
    limit: waiting.size + 1,
  });
  return found.find(({ id }) => !waiting.has(id));
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
  const { store, met } = context;
  if (met.has(account)) return true;
  await meetAccount(context, account, signal);
  const { failures, lastError = 'the network does not show the account' } = await readAccount(
    store,
    account,
  );
  const until = retryInstant(context, failures + 1);
  if (!met.has(account)) await backOff(context, account, { until, lastError });
  // What stands there may have changed the queue.
  return false;
}

/**
 * The plan keeps minGap; this keeps it even where the plan is older than the last release.
 */
async function hasJustReleased(
  { store, clock, settings }: Context,
  account: string,
): Promise<boolean> {
  const gap = settings.cadences[account]?.minGapFor ?? 0;
  const [last] = await store.listDeliveries({
    account,
    states: ['released', 'releasing', 'uncertain'],
    startedSince: clock.now() - gap + second,
    order: '-startedAt',
    limit: 1,
  });
  return last !== undefined;
}

/** A user's own word is obeyed, whatever went out just now. */
const isUsersWord = ({ pinnedAt, terms }: Delivery): boolean =>
  pinnedAt !== undefined || (terms.pin !== undefined && 'at' in terms.pin);

/** False: it did not go out, and the account has to be rescheduled. */
async function release(context: Context, next: Delivery, route: Route): Promise<boolean> {
  const ready = await composeAtOnce(context, next, route);
  const begun = ready
    ? await publishPayload(context, next, { ...route, ...ready })
    : await begin(context, next, route);
  const done = begun && (await sendParts(context, begun, route));
  return done?.state === 'released';
}

/** Claims it, and freezes what it will say. */
async function begin(
  context: Context,
  next: Delivery,
  route: Route,
): Promise<Delivery | undefined> {
  const ours = await claim(context, next);
  return ours && prepare(context, ours, route);
}

/** One conditional write: whoever makes it has the delivery until the claim expires. */
export function claim(context: Context, before: Delivery): Promise<Delivery | undefined> {
  const { store, clock, timing, worker } = context;
  const now = clock.now();
  const until = now + onClock(clock, timing.claimFor);
  return store.changeDelivery(before, claimed(before, { by: worker, until, now }));
}

/** Composes and renders, and journals the intent: from here on all parts are frozen. */
async function prepare(
  context: Context,
  ours: Delivery,
  route: Route,
): Promise<Delivery | undefined> {
  try {
    const message = await composeFor(context, ours, route);
    if (ours.terms.moves) await requireUploads(context.store, ours, message);
    const intent: Intent = { at: context.clock.now(), message, postHash: ours.terms.hash };
    return await context.store.changeDelivery(ours, intended(ours, intent), [
      intentEntry(context, ours),
    ]);
  } catch (error) {
    await settleUnprepared(context, ours, error);
    return undefined;
  }
}

/** Nothing was sent yet, whatever went wrong. */
async function settleUnprepared(context: Context, ours: Delivery, error: unknown): Promise<void> {
  if (error instanceof Refusal)
    await settleFailed(context, ours, { reason: error.message, isRefused: true });
  else if (!(error instanceof PublishError)) throw error;
  else if (error.isRelationRefused) await settleUnrelated(context, ours, error.message);
  else {
    if (error.kind === 'signed-out')
      await holdAccount(context, ours.account, { because: error.message });
    await settleDeferred(context, ours, error);
  }
}
