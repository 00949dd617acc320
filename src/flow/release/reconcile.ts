import type { Delivery, Sending } from '../../core/delivery/delivery.ts';
import { repeated, unsent } from '../../core/delivery/release-moves.ts';
import { networkNames } from '../../core/network/network.ts';
import type { Receipt } from '../../core/post/message.ts';
import { day, formatDuration, hour, type Instant } from '../../core/time.ts';
import { PublishError } from '../../ports/publisher.ts';
import { type Context, makeDeliveryEntry, makeEntry } from '../context.ts';
import { readAccount } from '../facts.ts';
import { planAccount } from '../plan/plan.ts';
import { isBeforeRestore } from '../moving/after-restore.ts';
import { backoffFor } from './back-off.ts';
import { meetAccount } from './meet-account.ts';
import { claim } from './release.ts';
import { rewriteRest } from './rest-of-thread.ts';
import { finish, publishPayload, type Route, sendParts } from './send-parts.ts';
import {
  settleFailed,
  settlePart,
  settleReturned,
  settleUncertain,
  settleUnknown,
} from './settle-release.ts';

/**
 * Finds out what became of a release that was left between intent and receipt, and continues from
 * there. Never sends blindly.
 */
export async function reconcile(context: Context, id: string, signal: AbortSignal): Promise<void> {
  const left = await context.store.findDelivery(id);
  const publisher = left && context.publishers.get(left.account);
  if (!publisher || !isDue(context, left) || !(await isSame(context, left.account, signal))) return;
  const ours = await claim(context, left);
  if (!ours) return;
  const isUnsent = context.unsent.get(id) === left.fence;
  const settled = await settleLeft(context, isUnsent ? unsent(ours) : ours, { publisher, signal });
  context.unsent.delete(id);
  if (settled?.state === 'releasing' && settled.lookAt !== undefined)
    await context.alarms.set('reconcile', id, settled.lookAt);
  else await planAccount(context, left.account);
}

const isDue = ({ hold, clock }: Context, { state, lookAt = 0 }: Delivery) =>
  hold.because === undefined && state === 'releasing' && lookAt <= clock.now();

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
  route: Route,
): Promise<Delivery | undefined> {
  const sending = ours.intent?.sending;
  if (!ours.intent || (!sending && ours.receipts.length === 0))
    return settleReturned(context, ours, 'the release was interrupted before anything was sent');
  if (!sending) return sendRest(context, ours, route);
  let receipt: Receipt | undefined;
  try {
    const { publisher, signal } = route;
    const isTaken = openTaken(context, ours);
    receipt = await publisher.lookUp(sending.payload, { sentAt: sending.at, isTaken, signal });
  } catch (error) {
    if (!(error instanceof PublishError)) throw error;
    return settleUnsearched(context, ours, { ...route, sending, error });
  }
  if (!receipt) return settleAbsent(context, ours, { ...route, sending });
  const settled = await settlePart(context, ours, { receipt, isReconciled: true });
  return goOn(context, settled, route);
}

/**
 * Where repeating the very same request is safe it needs no search; else it is searched for again,
 * and someone is told when that does not work for an hour.
 */
async function settleUnsearched(
  context: Context,
  ours: Delivery,
  { sending, error, ...route }: Route & { sending: Sending; error: PublishError },
): Promise<Delivery | undefined> {
  const { clock } = context;
  const { message, until, kind } = error;
  const age = clock.now() - sending.at;
  const { repeatFor } = route.publisher.reconciling(sending.payload);
  const isBroken = kind === 'not-sent' || kind === 'refused';
  const mayRepeat =
    isBroken &&
    age >= 0 &&
    age <= repeatFor &&
    (ours.repeats ?? 0) < maxRepeats &&
    !(await isBeforeRestore(context, sending.at));
  if (mayRepeat && ours.attempts > 0 && !(await mustWait(context, ours.account)))
    return sendAgain(context, ours, { ...route, payload: sending.payload });
  if (age >= hour) await tellUnsearched(context, ours, { sending, message });
  return settleUnknown(context, ours, {
    reason: `cannot search for it: ${message}`,
    lookAt: Math.ceil(Math.max(until ?? 0, clock.now() + searchGap(context, ours))),
    attempts: ours.attempts + 1,
  });
}

/** Once for each attempt at a part: the journal knows its entry by the id. */
async function tellUnsearched(
  context: Context,
  { id, account, network, post, receipts }: Delivery,
  { sending, message }: { sending: Sending; message: string },
): Promise<void> {
  const since = `For an hour Dripline could not find out whether ${id} was published`;
  const text = `${since}: ${message}. Dripline keeps trying; look at the account if it is urgent`;
  await context.store.appendJournal([
    makeEntry(context, 'notice', {
      id: `unsearched:${id}:${receipts.length}:${sending.at}`,
      account,
      network,
      delivery: id,
      post,
      text,
    }),
  ]);
}

/** A receipt that is older than this by the start of its release is no longer minded. */
const takenFor = 7 * day;

/** Whether what was found on the network is a receipt already; read once, where it is asked. */
function openTaken({ store }: Context, { account, intent }: Delivery) {
  let taken: Promise<Set<string>> | undefined;
  const read = async () => {
    const startedSince = (intent?.sending?.at ?? 0) - takenFor;
    const states = ['released', 'releasing', 'uncertain', 'failed'] as const;
    const others = await store.listDeliveries({ account, states, startedSince });
    return new Set(others.flatMap(({ receipts }) => receipts.map(({ id }) => id)));
  };
  return async (id: string) => (await (taken ??= read())).has(id);
}

/** The instant until which the account's network is left alone. */
async function mustWait({ store, clock }: Context, account: string): Promise<Instant | undefined> {
  const { backoffUntil = 0 } = await readAccount(store, account);
  return backoffUntil > clock.now() ? backoffUntil : undefined;
}

/** What is left of a thread, when the wait of its account is over. */
async function sendRest(
  context: Context,
  ours: Delivery,
  route: Route,
): Promise<Delivery | undefined> {
  const lookAt = await mustWait(context, ours.account);
  if (lookAt === undefined) {
    const rest = await rewriteRest(context, ours, route);
    return rest && sendParts(context, rest, route);
  }
  const reason = 'its thread continues when the wait of its account is over';
  return settleUnknown(context, ours, { reason, lookAt });
}

/** A network that cannot be searched is asked again within ten gaps. */
function searchGap({ timing }: Context, { attempts }: Delivery): number {
  const backoff = Math.min(backoffFor(attempts + 1, timing), 10 * timing.lookGapFor);
  return Math.max(timing.lookGapFor, backoff);
}

async function goOn(
  context: Context,
  settled: Delivery | undefined,
  route: Route,
): Promise<Delivery | undefined> {
  if (settled?.state === 'releasing' && settled.claim) return sendRest(context, settled, route);
  if (settled?.state === 'released') await finish(context, settled);
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
  { sending, ...route }: Route & { sending: Sending },
): Promise<Delivery | undefined> {
  const { clock, timing } = context;
  const rule = route.publisher.reconciling(sending.payload);
  const age = clock.now() - sending.at;
  const looks = ours.looks + 1;
  // An age below zero says that the clock was set back, and nothing about how long ago it was.
  const isOld = await isBeforeRestore(context, sending.at);
  const mayRepeat = age >= 0 && age <= rule.repeatFor && !isOld;
  if (!mayRepeat && looks < rule.looks)
    return settleUnknown(context, ours, {
      reason: `sent ${formatAge(sending.at, clock.now())} ago and not found yet`,
      lookAt: clock.now() + timing.lookGapFor,
      looks,
    });
  const doubt = findDoubt(ours, {
    looks,
    isPersons: isOld || (!mayRepeat && rule.whenAbsent === 'person'),
  });
  if (doubt !== undefined && sending.answer?.isDuplicate)
    return settleFailed(context, ours, {
      reason: `${sending.answer.said}. The account has the same text already: change the text`,
      isRefused: true,
    });
  if (doubt !== undefined) return settleUncertain(context, ours, doubt);
  const wait = await mustWait(context, ours.account);
  if (wait !== undefined)
    return settleUnknown(context, ours, {
      reason: 'it had not arrived, and is sent again when the wait of its account is over',
      lookAt: wait,
    });
  return sendAgain(context, ours, { ...route, payload: mayRepeat ? sending.payload : undefined });
}

/** Why a person has to look; undefined: it may be sent again. */
function findDoubt(
  { network, repeats = 0, reason, intent }: Delivery,
  { looks, isPersons }: { looks: number; isPersons: boolean },
): string | undefined {
  const name = networkNames[network];
  const times = looks === 1 ? '1 search' : `${looks} searches`;
  const answer = intent?.sending?.answer?.said ?? `${name} did not answer`;
  if (isPersons) return `${answer}, and the post is not on the account's timeline after ${times}`;
  if (repeats < maxRepeats) return undefined;
  const last = reason === undefined ? '' : `. The last answer: ${reason}`;
  return `it was sent ${repeats + 1} times, and ${name} shows nothing of it${last}`;
}

/**
 * Within the time for which the network knows its idempotency key the very same request; later a
 * fresh one, since uploads may have gone.
 */
async function sendAgain(
  context: Context,
  ours: Delivery,
  { payload, ...route }: Route & { payload: unknown },
): Promise<Delivery | undefined> {
  const noted = await context.store.changeDelivery(ours, repeated(ours), [
    makeDeliveryEntry(context, ours, {
      type: 'reconciled',
      text: `${ours.id} had not arrived: sent again`,
    }),
  ]);
  if (!noted) return undefined;
  if (payload === undefined) return sendParts(context, unsent(noted), route);
  return goOn(context, await publishPayload(context, noted, { ...route, payload }), route);
}

const formatAge = (sentAt: Instant, now: Instant): string =>
  now - sentAt > hour ? formatDuration(now - sentAt) : `${Math.round((now - sentAt) / 1000)} s`;

/**
 * What other workers hold, and since when this one has seen it unchanged, on its own steady clock.
 */
export type Observed = Map<string, { fence: number; until: number; since: number }>;

/**
 * Releases that no worker has in hand any more. A claim of another worker is believed to be dead
 * when this process has itself seen it unchanged for as long as a claim lasts: the wall clocks of
 * two machines are never compared. With one service for each store (`isAlone`) it is dead at once.
 */
export async function findLeft(
  context: Context,
  observed: Observed,
  { inHand, isAlone }: { inHand: ReadonlySet<string>; isAlone: boolean },
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
