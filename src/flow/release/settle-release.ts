import type { Delivery } from '../../core/delivery/delivery.ts';
import {
  cutShort,
  deferred,
  dropped,
  failed,
  left,
  type Left,
  partOut,
  type Refused,
  returned,
  separated,
  uncertain,
} from '../../core/delivery/release-moves.ts';
import { nextLookAge } from '../../core/measuring.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Receipt } from '../../core/post/message.ts';
import { turningAges } from '../../core/post/series.ts';
import { type Instant, toIso } from '../../core/time.ts';
import type { PublishError } from '../../ports/publisher.ts';
import { type Context, makeDeliveryEntry } from '../context.ts';
import { findPostOf } from '../ingest/find-post.ts';
import { backOff, backoffFor } from './back-off.ts';

type Settling = Pick<Context, 'store' | 'clock' | 'timing'>;

/**
 * Ends and turns of a release. Each is one conditional write of a move with its entry; undefined:
 * another worker has the delivery now.
 */
type Settled = Promise<Delivery | undefined>;

export interface Landed {
  receipt: Receipt;
  /** It was found afterwards, rather than answered. */
  isReconciled?: boolean;
  /** Of the last part, where it was read while the request was under way. */
  firstLookAt?: Instant;
}

/** The part is out. The last one ends the release; the sweep sets the alarm for its numbers. */
export async function settlePart(
  context: Settling,
  before: Delivery,
  { receipt, isReconciled = false, firstLookAt }: Landed,
): Settled {
  const { id, receipts, intent } = before;
  const number = receipts.length + 1;
  const total = intent?.message.parts.length ?? 1;
  const isLast = number >= total;
  const measureAt = isLast ? (firstLookAt ?? (await readFirstLook(context, before))) : 0;
  const url = isLast ? (receipts[0] ?? receipt).url : receipt.url;
  const text = isLast
    ? `published ${id}: ${url}`
    : `part ${number} of ${total} of ${id} was published: ${url}`;
  const type = isLast ? ('released' as const) : ('part' as const);
  const data = isReconciled ? ({ reconciled: true } as const) : undefined;
  return context.store.changeDelivery(before, partOut(before, receipt, { measureAt }), [
    makeDeliveryEntry(context, before, pickDefined({ type, url, text, data })),
  ]);
}

/** The rest of a thread was taken out of its file: it ends with the parts that are out. */
export async function settleShort(context: Settling, before: Delivery): Settled {
  const measureAt = await readFirstLook(context, before);
  const url = before.receipts[0]?.url;
  const text = `published ${before.id}: its file asks for no further part`;
  return context.store.changeDelivery(before, cutShort(before, { measureAt }), [
    makeDeliveryEntry(context, before, pickDefined({ type: 'released' as const, url, text })),
  ]);
}

/** The first age at which its numbers are read, or at which one of its rules may turn. */
export async function readFirstLook(
  { store, clock, timing }: Settling,
  { post, startedAt }: Delivery,
): Promise<Instant> {
  const followUps = (await findPostOf(store, post))?.post.followUps ?? [];
  const turning = turningAges(followUps);
  const age = nextLookAge({ ages: timing.measureAges, age: 0, turning, unchanged: 0 });
  return (startedAt ?? clock.now()) + (age ?? 0);
}

/**
 * The network allows no such reply, quote or repost, and nothing of it landed: it is published on
 * its own, or not at all, as its rule says.
 */
export function settleUnrelated(context: Settling, before: Delivery, why: string): Settled {
  const { id } = before;
  const { followUp } = before.terms;
  if (!followUp) return settleFailed(context, before, { reason: why, isRefused: true });
  if (followUp.else === 'post') {
    const text = `${id} is published on its own, since the network takes no ${followUp.as}: ${why}`;
    return context.store.changeDelivery(before, separated(before), [
      makeDeliveryEntry(context, before, { type: 'deferred', text }),
    ]);
  }
  const reason = `the network takes no ${followUp.as} there: ${why}`;
  const todo = 'To publish such a follow-up on its own, add `else: post` to its rule';
  return context.store.changeDelivery(before, dropped(before, reason), [
    makeDeliveryEntry(context, before, {
      type: 'skipped',
      text: `${id} is skipped: ${reason}. ${todo}`,
    }),
  ]);
}

/** A definite no. What is out of a thread stays out, and is kept. */
export function settleFailed(context: Settling, before: Delivery, no: Refused): Settled {
  const { id, receipts, intent } = before;
  const isThread = receipts.length > 0;
  const total = intent?.message.parts.length ?? '?';
  const partly = isThread ? ` after ${receipts.length} of ${total} parts` : '';
  const todo = isThread
    ? `Correct the parts that are not out, or say \`retry ${id}\` to continue the thread`
    : `Correct the post, or say \`retry ${id}\``;
  return context.store.changeDelivery(before, failed(before, no), [
    makeDeliveryEntry(context, before, {
      type: 'failed',
      text: `${id} failed${partly}: ${no.reason}. ${todo}`,
    }),
  ]);
}

/**
 * Nothing landed: back to the queue, to be tried again. A thread that has begun stays in hand and
 * is continued then.
 */
export async function settleDeferred(
  context: Settling,
  before: Delivery,
  error: PublishError,
): Settled {
  const attempts = before.attempts + 1;
  const retryAt = retryInstant(context, attempts, error.until);
  const next = `Dripline will try again at ${toIso(retryAt)} (attempt ${attempts + 1})`;
  // When it will is known here.
  const why = error.message.replace(/[.,]?(?: and)? Dripline will try again(?: later)?$/, '');
  const text = `${before.id} could not be published: ${why}. ${next}`;
  const data = isWarning(error) ? ({ isWarning: true } as const) : undefined;
  const after = deferred(before, { retryAt, reason: error.message });
  const settled = await context.store.changeDelivery(before, after, [
    makeDeliveryEntry(context, before, pickDefined({ type: 'deferred' as const, text, data })),
  ]);
  const isAsked = error.until !== undefined;
  // Payment Required: credits that are used up come back by nobody's waiting.
  const needsPerson = error.status === 402;
  const wait = { until: retryAt, lastError: error.message, isAsked, needsPerson };
  if (settled) await backOff(context, before.account, wait);
  return settled;
}

export const retryInstant = (
  { clock, timing }: Pick<Context, 'clock' | 'timing'>,
  attempts: number,
  until = 0,
): Instant => Math.ceil(Math.max(until, clock.now() + backoffFor(attempts, timing)));

/** The network says that we ask or post too much: the pace answers to that. */
const isWarning = ({ kind, status }: PublishError) => kind === 'wait' && status === 429;

/** The network is searched before anything else happens to it. */
export function settleUnknown(context: Settling, before: Delivery, how: Left): Settled {
  return context.store.changeDelivery(before, left(before, how));
}

/** Nobody can tell: a person has to look. */
export function settleUncertain(context: Settling, before: Delivery, why: string): Settled {
  const { id } = before;
  const reason = `${why}; it may or may not be out`;
  const truths = `\`settle ${id} released URL\` or \`settle ${id} not-released\``;
  return context.store.changeDelivery(before, uncertain(before, reason), [
    makeDeliveryEntry(context, before, {
      type: 'uncertain',
      text: `${id} is uncertain: ${reason}. Look at the account, then say ${truths}`,
    }),
  ]);
}

/** A claim ended before anything was sent. */
export function settleReturned(context: Settling, before: Delivery, why: string): Settled {
  return context.store.changeDelivery(before, returned(before), [
    makeDeliveryEntry(context, before, {
      type: 'reconciled',
      text: `${before.id} goes back to the queue: ${why}`,
    }),
  ]);
}
