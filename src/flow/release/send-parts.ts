import type { Delivery } from '../../core/delivery/delivery.ts';
import { within } from '../../ports/deadline.ts';
import { type Publisher, PublishError } from '../../ports/publisher.ts';
import type { Context } from '../context.ts';
import { queueNextRun } from '../plan/evergreen.ts';
import {
  backoffFor,
  clearBackoff,
  holdAccount,
  settleDeferred,
  settleFailed,
  settlePart,
  settleUnknown,
  settleUnrelated,
} from './settle.ts';

/** Sends the parts that have no receipt yet. Undefined: the delivery is somebody else's now. */
export async function sendParts(
  context: Context,
  begun: Delivery,
  publisher: Publisher,
  signal: AbortSignal,
): Promise<Delivery | undefined> {
  let delivery: Delivery | undefined = begun;
  while (
    delivery?.intent &&
    delivery.state === 'releasing' &&
    delivery.claim &&
    delivery.receipts.length < delivery.intent.message.parts.length
  ) {
    delivery = await sendPart(context, delivery, publisher, signal);
  }
  if (delivery?.state === 'released') await finish(context, delivery);
  return delivery;
}

/** What follows from a release; a crash before it is made good at the next start. */
export async function finish(context: Context, released: Delivery): Promise<void> {
  await clearBackoff(context, released.account);
  await queueNextRun(context, released);
}

/**
 * Prepare, write down what will be sent, look at the claim again, send, write down what came of it.
 */
async function sendPart(
  context: Context,
  before: Delivery,
  publisher: Publisher,
  signal: AbortSignal,
): Promise<Delivery | undefined> {
  const { intent, receipts } = before;
  const index = receipts.length;
  const part = intent?.message.parts[index];
  const relation = intent?.message.relation;
  const conversation = relation?.as === 'reply' ? relation.conversation : [];
  if (!intent || !part) return undefined;
  let payload: unknown;
  try {
    payload = await publisher.prepare(
      {
        message: intent.message,
        index,
        part,
        seed: `${before.id}/${before.run}/${index}`,
        createdAt: intent.at,
        before: [...conversation, ...receipts],
      },
      signal,
    );
  } catch (error) {
    return settleError(context, before, error, { hasSent: false });
  }
  return publishPayload(context, before, payload, publisher, signal);
}

/**
 * Also the way in which a payload that did not land is sent again: its first instant stands, since
 * it is what repeating is counted from.
 */
export async function publishPayload(
  context: Context,
  before: Delivery,
  payload: unknown,
  publisher: Publisher,
  signal: AbortSignal,
): Promise<Delivery | undefined> {
  const { clock, timing } = context;
  if (!before.intent || !before.claim) return undefined;
  const isRepeat = before.intent.sending !== undefined;
  const sentAt = before.intent.sending?.at ?? clock.now();
  const until = clock.now() + timing.claimFor;
  const intent = {
    ...before.intent,
    sending: { part: before.receipts.length, at: sentAt, payload },
  };
  const sending = await writeSending(
    context,
    before,
    { ...before, intent, claim: { ...before.claim, until } },
    isRepeat,
  );
  if (!sending) return undefined;
  // Wall and monotonic clock both: a process that was stopped, or whose clock was set, must not
  // send on a claim that has run out.
  const opensBy = clock.monotonic() + timing.claimFor - timing.publishFor;
  const mayOpen = () => {
    if (clock.now() > until - timing.publishFor || clock.monotonic() > opensBy)
      throw new PublishError('not-sent', 'the claim had run out before the request was sent');
  };
  try {
    // A publisher keeps to its own limit; the ledger does not rely on that.
    const receipt = await within({ signal, limitFor: timing.publishFor }, (limited) =>
      publisher.publish(payload, { signal: limited, mayOpen }),
    );
    return await settlePart(context, sending, receipt);
  } catch (error) {
    return settleError(context, sending, error, { hasSent: true, isRepeat });
  }
}

/**
 * Undefined: somebody else has it. Where the store fails here the intent may stand all the same:
 * this process knows that nothing was sent; after a repeat it does not.
 */
async function writeSending(
  context: Context,
  before: Delivery,
  after: Delivery,
  isRepeat: boolean,
): Promise<Delivery | undefined> {
  try {
    const sending = await context.store.changeDelivery(before, after);
    return sending && (await isStillOurs(context, sending)) ? sending : undefined;
  } catch (error) {
    if (!isRepeat) context.unsent.set(before.id, before.fence);
    throw error;
  }
}

async function isStillOurs({ store }: Context, ours: Delivery): Promise<boolean> {
  const now = await store.findDelivery(ours.id);
  return now?.revision === ours.revision && now.fence === ours.fence;
}

async function settleError(
  context: Context,
  before: Delivery,
  thrown: unknown,
  { hasSent, isRepeat = false }: { hasSent: boolean; isRepeat?: boolean },
): Promise<Delivery | undefined> {
  // An error that no publisher should throw says nothing about what landed: taken as the worst.
  const error =
    thrown instanceof PublishError
      ? thrown
      : new PublishError('unknown', thrown instanceof Error ? thrown.message : String(thrown), {
          cause: thrown,
        });
  if (!(thrown instanceof PublishError))
    context.log.warn(`unexpected error while releasing ${before.id}`, { error: error.message });
  if (error.kind === 'unknown' && hasSent) {
    // Ever more rarely where it was sent again in vain.
    const lookAt =
      context.clock.now() + context.timing.lookGapFor * 2 ** Math.min(5, before.repeats ?? 0);
    await context.alarms.set('reconcile', before.id, lookAt);
    return settleUnknown(context, before, error.message, lookAt);
  }
  if (error.isRelationRefused && before.receipts.length === 0)
    return settleUnrelated(context, before, error.message);
  if (error.kind === 'refused')
    return settleFailed(context, before, error.message, { isRefused: true });
  if (error.kind === 'signed-out') await holdAccount(context, before.account, error.message);
  // This one did not land, but the one before it may have: what was frozen stays, and is looked for
  // again.
  if (isRepeat) {
    const attempts = before.attempts + 1;
    const lookAt = Math.max(
      error.until ?? 0,
      context.clock.now() + backoffFor(attempts, context.timing),
    );
    return settleUnknown(context, { ...before, attempts }, error.message, lookAt);
  }
  return settleDeferred(context, before, error);
}
