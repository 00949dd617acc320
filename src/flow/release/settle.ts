import type { Delivery } from '../../core/delivery/delivery.ts';
import type { Receipt } from '../../core/post/message.ts';
import { day, formatDuration, hour, type Instant, toIso } from '../../core/time.ts';
import type { PublishError } from '../../ports/publisher.ts';
import { type About, type Context, makeDeliveryEntry, type Timing } from '../context.ts';
import { changeAccount } from '../facts.ts';

type Settling = Pick<Context, 'store' | 'clock'>;

/**
 * Ends and turns of a release. Each is one conditional write with its entry; undefined: somebody
 * else has the delivery now.
 */
type Settled = Promise<Delivery | undefined>;

/** The part is out. The last one ends the release. */
export function settlePart(
  context: Settling,
  before: Delivery,
  receipt: Receipt,
  about: About = {},
): Settled {
  const receipts = [...before.receipts, receipt];
  const total = before.intent?.message.parts.length ?? 1;
  const isLast = receipts.length >= total;
  const {
    reason: _reason,
    lookAt: _lookAt,
    retryAt: _retryAt,
    repeats: _repeats,
    ...rest
  } = before;
  const intent = before.intent && withoutSending(before.intent);
  const after: Delivery = {
    ...rest,
    ...(intent ? { intent } : {}),
    receipts,
    looks: 0,
    attempts: 0,
    ...(isLast ? { state: 'released' } : {}),
  };
  if (isLast) delete after.claim;
  // A repost has no numbers of its own. When the others are looked at first, their rules tell.
  if (isLast && before.terms.followUp?.as !== 'repost')
    after.measureAt = before.startedAt ?? context.clock.now();
  const first = receipts[0] ?? receipt;
  const text = isLast
    ? `released ${before.id}: ${first.url}`
    : `part ${receipts.length} of ${total} of ${before.id} is out: ${receipt.url}`;
  return context.store.changeDelivery(before, after, [
    makeDeliveryEntry(context, isLast ? 'released' : 'part', before, {
      url: isLast ? first.url : receipt.url,
      text,
      ...about,
    }),
  ]);
}

/**
 * The network allows no such reply, quote or repost: it is posted on its own, or not at all, as its
 * rule says. Nothing of it landed.
 */
export function settleUnrelated(context: Settling, before: Delivery, why: string): Settled {
  const { followUp } = before.terms;
  if (!followUp) return settleFailed(context, before, why, { isRefused: true });
  const after: Delivery = { ...before, looks: 0 };
  for (const key of [
    'claim',
    'at',
    'openingAt',
    'why',
    'intent',
    'startedAt',
    'lookAt',
    'reason',
  ] as const)
    delete after[key];
  if (followUp.else === 'post') {
    const text = `${before.id} goes out on its own, since the network takes no ${followUp.as}: ${why}`;
    return context.store.changeDelivery(
      before,
      {
        ...after,
        state: 'queued',
        terms: { ...before.terms, followUp: { ...followUp, as: 'post' } },
      },
      [makeDeliveryEntry(context, 'deferred', before, { text })],
    );
  }
  const reason = `the network takes no ${followUp.as} there: ${why}`;
  return context.store.changeDelivery(before, { ...after, state: 'skipped', reason }, [
    makeDeliveryEntry(context, 'skipped', before, {
      text: `${before.id} is skipped: ${reason}. To post such a follow-up on its own say \`else: post\` in its rule`,
    }),
  ]);
}

function withoutSending(intent: NonNullable<Delivery['intent']>) {
  const { sending: _sending, ...rest } = intent;
  return rest;
}

/** A definite no. What is out of a thread stays out, and is kept. */
export function settleFailed(
  context: Settling,
  before: Delivery,
  reason: string,
  { isRefused }: { isRefused: boolean },
): Settled {
  const after: Delivery = { ...before, state: 'failed', reason, isRefused };
  delete after.claim;
  delete after.at;
  if (before.receipts.length === 0) delete after.intent;
  else if (after.intent) after.intent = withoutSending(after.intent);
  const partly = before.receipts.length
    ? ` after ${before.receipts.length} of ${before.intent?.message.parts.length ?? '?'} parts`
    : '';
  const todo = before.receipts.length
    ? `say \`retry ${before.id}\` to go on with the thread`
    : `correct the post, or say \`retry ${before.id}\``;
  return context.store.changeDelivery(before, after, [
    makeDeliveryEntry(context, 'failed', before, {
      text: `${before.id} failed${partly}: ${reason}. To go on: ${todo}`,
    }),
  ]);
}

/**
 * Nothing landed: back to the queue, to be tried again. A thread that has begun stays in hand and
 * is continued then.
 */
export async function settleDeferred(
  context: Settling & Pick<Context, 'timing'>,
  before: Delivery,
  error: Pick<PublishError, 'kind' | 'message' | 'until'>,
): Settled {
  const now = context.clock.now();
  const attempts = before.attempts + 1;
  const retryAt = Math.max(error.until ?? 0, now + backoffFor(attempts, context.timing));
  const after: Delivery = { ...before, attempts, retryAt, looks: 0 };
  delete after.claim;
  if (after.intent) after.intent = withoutSending(after.intent);
  if (before.receipts.length) Object.assign(after, { lookAt: retryAt, reason: error.message });
  else {
    Object.assign(after, { state: 'queued', reason: error.message });
    for (const key of ['at', 'openingAt', 'why', 'intent', 'startedAt', 'lookAt'] as const)
      delete after[key];
  }
  const text = `${before.id} could not go out: ${error.message}. Tried again ${toIso(retryAt)} (attempt ${attempts + 1})`;
  const settled = await context.store.changeDelivery(before, after, [
    makeDeliveryEntry(context, 'deferred', before, {
      text,
      ...(isWarning(error) ? { data: { isWarning: true } } : {}),
    }),
  ]);
  if (settled) await backOff(context, before.account, retryAt, error.message);
  return settled;
}

/** The network says that we ask or post too much: the pace answers to that. */
const isWarning = ({ kind, message }: Pick<PublishError, 'kind' | 'message'>) =>
  kind === 'wait' && message.includes('answered 429');

/**
 * 1, 2, 4 … minutes, at most half an hour: a network that is down for a day is asked fifty times.
 */
export function backoffFor(attempts: number, { retryAfter }: Pick<Timing, 'retryAfter'>): number {
  return retryAfter * Math.min(30, 2 ** Math.min(10, attempts - 1));
}

export async function backOff(
  context: Settling,
  account: string,
  until: Instant,
  lastError: string,
) {
  await changeAccount(context.store, account, (fact) => ({
    ...fact,
    backoffUntil: until,
    failures: fact.failures + 1,
    lastError,
  }));
}

/** A success shows that the network is there again. */
export async function clearBackoff(context: Settling, account: string) {
  await changeAccount(context.store, account, (fact) => {
    if (!fact.failures && fact.backoffUntil === undefined) return undefined;
    const { backoffUntil: _until, lastError: _error, ...rest } = fact;
    return { ...rest, failures: 0 };
  });
}

/** The network is to be looked at before anything else happens to it. */
export function settleUnknown(
  context: Settling,
  before: Delivery,
  reason: string,
  lookAt: Instant,
): Settled {
  const after: Delivery = { ...before, reason, lookAt };
  delete after.claim;
  return context.store.changeDelivery(before, after);
}

/** Nobody can tell: a person has to. */
export function settleUncertain(context: Settling, before: Delivery, why: string): Settled {
  const reason = `${why}; it may or may not be out`;
  const after: Delivery = { ...before, state: 'uncertain', reason };
  delete after.claim;
  delete after.lookAt;
  const text = `${before.id} is uncertain: ${reason}. Look at the account, then say \`settle ${before.id} released URL\` or \`settle ${before.id} not-released\``;
  return context.store.changeDelivery(before, after, [
    makeDeliveryEntry(context, 'uncertain', before, { text }),
  ]);
}

/** A claim ended before anything was sent. */
export function settleReturned(context: Settling, before: Delivery, why: string): Settled {
  const after: Delivery = { ...before, state: 'queued', looks: 0 };
  for (const key of [
    'claim',
    'at',
    'openingAt',
    'why',
    'intent',
    'startedAt',
    'lookAt',
    'reason',
  ] as const)
    delete after[key];
  return context.store.changeDelivery(before, after, [
    makeDeliveryEntry(context, 'reconciled', before, {
      text: `${before.id} goes back to the queue: ${why}`,
    }),
  ]);
}

/** The credential is no longer good: everything of this account waits for a person. */
export async function holdAccount(
  context: Settling & Pick<Context, 'log'>,
  account: string,
  because: string,
) {
  const before = await context.store.findFact<{ heldBecause?: string }>(`account:${account}`);
  if (before?.value.heldBecause === because) return;
  await changeAccount(context.store, account, (fact) => ({ ...fact, heldBecause: because }));
  const at = context.clock.now();
  await context.store.appendJournal([
    {
      id: `held:${account}:${Math.floor(at / day)}:${because}`,
      at,
      type: 'held',
      by: 'dripline',
      account,
      text: `${account} is held: ${because}`,
    },
  ]);
}

export const looksPassedFor = (sentAt: Instant, now: Instant): string =>
  now - sentAt > hour ? formatDuration(now - sentAt) : `${Math.round((now - sentAt) / 1000)} s`;
