import type { Delivery, Sending } from '../../core/delivery/delivery.ts';
import type { Receipt } from '../../core/post/message.ts';
import { networkNames } from '../../core/network/network.ts';
import { type Publisher, PublishError } from '../../ports/publisher.ts';
import { meetAccount } from './meet-account.ts';
import { type Context, makeDeliveryEntry } from '../context.ts';
import { readAccount } from '../facts.ts';
import { planAccount } from '../plan/plan.ts';
import { claim } from './release.ts';
import { finish, publishPayload, sendParts } from './send-parts.ts';
import {
  backoffFor,
  looksPassedFor,
  settlePart,
  settleReturned,
  settleUncertain,
  settleUnknown,
} from './settle.ts';

/**
 * Finds out what became of a release that was left between intent and receipt, and goes on from
 * there. Never sends blindly.
 */
export async function reconcile(context: Context, id: string, signal: AbortSignal): Promise<void> {
  const left = await context.store.findDelivery(id);
  const publisher = left && context.publishers.get(left.account);
  if (!left || !publisher || context.hold.because !== undefined || left.state !== 'releasing')
    return;
  if ((left.lookAt ?? 0) > context.clock.now() || !(await isSame(context, left.account, signal)))
    return;
  const claimed = await claim(context, left);
  if (!claimed) return;
  const isUnsent = context.unsent.get(id) === left.fence;
  const settled = await settleLeft(
    context,
    isUnsent ? dropSending(claimed) : claimed,
    publisher,
    signal,
  );
  context.unsent.delete(id);
  if (settled?.lookAt !== undefined && settled.state === 'releasing')
    await context.alarms.set('reconcile', id, settled.lookAt);
  else await planAccount(context, left.account);
}

/**
 * On another identity's timeline nothing would be found, and everything be sent again: the account
 * is met first, and waits while it is held.
 */
async function isSame(context: Context, account: string, signal: AbortSignal): Promise<boolean> {
  if (!context.met.has(account)) await meetAccount(context, account, signal);
  return (
    context.met.has(account) &&
    (await readAccount(context.store, account)).heldBecause === undefined
  );
}

async function settleLeft(
  context: Context,
  ours: Delivery,
  publisher: Publisher,
  signal: AbortSignal,
): Promise<Delivery | undefined> {
  const sending = ours.intent?.sending;
  if (!ours.intent || (!sending && ours.receipts.length === 0))
    return settleReturned(context, ours, 'the release was interrupted before anything was sent');
  if (!sending) return sendParts(context, ours, publisher, signal);
  let receipt: Receipt | undefined;
  try {
    receipt = await publisher.lookUp(sending.payload, { sentAt: sending.at, signal });
  } catch (error) {
    if (!(error instanceof PublishError)) throw error;
    const lookAt = Math.max(
      error.until ?? 0,
      context.clock.now() +
        Math.max(
          context.timing.lookGapFor,
          Math.min(backoffFor(ours.attempts + 1, context.timing), 10 * context.timing.lookGapFor),
        ),
    );
    return settleUnknown(
      context,
      { ...ours, attempts: ours.attempts + 1 },
      `cannot look for it: ${error.message}`,
      lookAt,
    );
  }
  if (!receipt) return settleAbsent(context, ours, sending, publisher, signal);
  const settled = await settlePart(context, ours, receipt, { data: { reconciled: true } });
  if (settled?.state === 'releasing') return sendParts(context, settled, publisher, signal);
  if (settled) await finish(context, settled);
  return settled;
}

/**
 * Over about three hours; a network that takes a post again and again and never shows it is a
 * person's matter then.
 */
const maxRepeats = 10;

/** It is not there now. Whether that means that it never was is the network's own rule. */
async function settleAbsent(
  context: Context,
  ours: Delivery,
  sending: Sending,
  publisher: Publisher,
  signal: AbortSignal,
): Promise<Delivery | undefined> {
  const { clock, timing, store } = context;
  const rule = publisher.reconciling(sending.payload);
  const age = clock.now() - sending.at;
  const looks = ours.looks + 1;
  // An age below zero says that the clock was set back, and nothing about how long ago it was.
  const mayRepeat = age >= 0 && age <= rule.repeatFor;
  if (!mayRepeat && looks < rule.looks)
    return settleUnknown(
      context,
      { ...ours, looks },
      `sent ${looksPassedFor(sending.at, clock.now())} ago and not found yet`,
      clock.now() + timing.lookGapFor,
    );
  if (!mayRepeat && rule.whenAbsent === 'person') {
    return settleUncertain(
      context,
      ours,
      `${networkNames[ours.network]} did not answer, and the post is not on the account's timeline after ${looks} ${looks === 1 ? 'look' : 'looks'}`,
    );
  }
  const repeats = (ours.repeats ?? 0) + 1;
  if (repeats > maxRepeats) {
    const last = ours.reason === undefined ? '' : `. The last answer: ${ours.reason}`;
    return settleUncertain(
      context,
      ours,
      `it was sent ${repeats} times, and ${networkNames[ours.network]} shows nothing of it${last}`,
    );
  }
  const noted = await store.changeDelivery(ours, { ...ours, looks: 0, repeats }, [
    makeDeliveryEntry(context, 'reconciled', ours, {
      text: `${ours.id} had not arrived: sent again`,
    }),
  ]);
  if (!noted) return undefined;
  // Within the time for which the network knows its key the very same request; later a fresh one
  // (uploads may have gone).
  const sent = mayRepeat
    ? await publishPayload(context, noted, sending.payload, publisher, signal)
    : await sendParts(context, dropSending(noted), publisher, signal);
  if (sent?.state === 'released') await finish(context, sent);
  return sent?.state === 'releasing' && sent.claim
    ? sendParts(context, sent, publisher, signal)
    : sent;
}

function dropSending(delivery: Delivery): Delivery {
  if (!delivery.intent) return delivery;
  const { sending: _sending, ...intent } = delivery.intent;
  return { ...delivery, intent };
}

/**
 * What other workers hold, and since when this one has seen it unchanged, on its own steady clock.
 */
export type Observed = Map<string, { fence: number; until: number; since: number }>;

/**
 * Releases that nobody has in hand any more. A claim of another worker is believed to be dead when
 * this process has itself seen it unchanged for as long as a claim lasts: the wall clocks of two
 * machines are never compared. With one service for each store (`isAlone`) it is dead at once.
 */
export async function findLeft(
  context: Context,
  observed: Observed,
  inHand: ReadonlySet<string>,
  isAlone: boolean,
): Promise<Delivery[]> {
  const { store, clock, timing, worker } = context;
  const releasing = await store.listDeliveries({ states: ['releasing'] });
  const ids = new Set(releasing.map(({ id }) => id));
  for (const id of observed.keys()) if (!ids.has(id)) observed.delete(id);
  return releasing.filter((one) => {
    if (inHand.has(one.account)) return false;
    if (!one.claim) return (one.lookAt ?? 0) <= clock.now();
    if (isAlone || one.claim.by === worker) return true;
    const seen = observed.get(one.id);
    if (seen?.fence === one.claim.fence && seen.until === one.claim.until)
      return clock.monotonic() - seen.since >= timing.claimFor;
    observed.set(one.id, {
      fence: one.claim.fence,
      until: one.claim.until,
      since: clock.monotonic(),
    });
    return false;
  });
}
