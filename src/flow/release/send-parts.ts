import type { Delivery, Releasing } from '../../core/delivery/delivery.ts';
import { sending as sendingMove } from '../../core/delivery/release-moves.ts';
import type { JournalEntry } from '../../core/journal.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Receipt } from '../../core/post/message.ts';
import { within } from '../../ports/deadline.ts';
import { type PartRequest, type Publisher, PublishError } from '../../ports/publisher.ts';
import { type Context, makeDeliveryEntry } from '../context.ts';
import { queueNextRun } from '../plan/evergreen.ts';
import { clearBackoff, holdAccount } from './back-off.ts';
import {
  readFirstLook,
  retryInstant,
  settleDeferred,
  settleFailed,
  settlePart,
  settleUnknown,
  settleUnrelated,
} from './settle-release.ts';
import { dropUploads } from '../uploads/uploads-fact.ts';
import { uploadsFor } from '../uploads/wait-for-uploads.ts';
import { onClock } from '../../ports/clock.ts';

/** How a delivery gets to its network. */
export interface Route {
  publisher: Publisher;
  signal: AbortSignal;
}

/**
 * Sends the parts that have no receipt yet. Undefined: another worker has the delivery now.
 */
export async function sendParts(
  context: Context,
  begun: Delivery,
  route: Route,
): Promise<Delivery | undefined> {
  let delivery: Delivery | undefined = begun;
  while (delivery && hasPartToSend(delivery)) delivery = await sendPart(context, delivery, route);
  if (delivery?.state === 'released') await finish(context, delivery);
  return delivery;
}

const hasPartToSend = ({ state, claim, intent, receipts }: Delivery) =>
  state === 'releasing' &&
  claim !== undefined &&
  receipts.length < (intent?.message.parts.length ?? 0);

/** What follows from a release; a crash before it is made good by `queueMissingRuns`. */
export async function finish(context: Context, released: Delivery): Promise<void> {
  await clearBackoff(context, released.account);
  if (released.terms.moves) await dropUploads(context.store, released.id);
  await queueNextRun(context, released);
}

/** What its next part takes; undefined: nothing is left to be sent. */
export function nextRequest({ id, run, intent, receipts }: Delivery): PartRequest | undefined {
  const index = receipts.length;
  const part = intent?.message.parts[index];
  if (!intent || !part) return undefined;
  const { message, at: createdAt } = intent;
  const { relation } = message;
  const conversation = relation?.as === 'reply' ? relation.conversation : [];
  const seed = `${id}/${run}/${index}`;
  return { message, index, part, seed, createdAt, before: [...conversation, ...receipts] };
}

/** Prepares the next part, and publishes it. */
async function sendPart(
  context: Context,
  before: Delivery,
  route: Route,
): Promise<Delivery | undefined> {
  const request = nextRequest(before);
  if (!request) return undefined;
  const notes: JournalEntry[] = [];
  // Prepared again it is the same note.
  const note = (text: string) => {
    const id = `${before.id}:noted:${notes.length}`;
    notes.push(makeDeliveryEntry(context, before, { type: 'noted', id, text }));
  };
  let payload: unknown;
  try {
    const uploads = await uploadsFor(context, before, request);
    payload = await route.publisher.prepare({ ...request, ...uploads, note }, route.signal);
  } catch (error) {
    return settleError(context, before, { thrown: error, hasSent: false, isRepeat: false });
  }
  return publishPayload(context, before, { ...route, payload, notes });
}

interface Publishing extends Route {
  payload: unknown;
  /** Where the claim is not written yet: what it and the intent make of the delivery. */
  begun?: Begun;
  /** What its author should know. */
  notes?: JournalEntry[];
}

export interface Begun {
  delivery: Releasing;
  entries: JournalEntry[];
}

/**
 * Writes down what will be sent, looks at the claim again, sends, and writes down what came of it.
 * Also the way in which a payload that did not land is sent again: its first instant stands, since
 * it is what repeating is counted from.
 */
export async function publishPayload(
  context: Context,
  before: Delivery,
  { payload, publisher, signal, begun, notes = [] }: Publishing,
): Promise<Delivery | undefined> {
  const { clock, timing } = context;
  const ours = begun?.delivery ?? before;
  if (!ours.intent || !ours.claim) return undefined;
  const isRepeat = ours.intent.sending !== undefined;
  const until = clock.now() + onClock(clock, timing.claimFor);
  const after = sendingMove(ours, { payload, at: clock.now(), until });
  const entries = [...(begun?.entries ?? []), ...notes];
  const sending = await writeSending(context, { before, after, entries, isRepeat });
  if (!sending) return undefined;
  const gate = openGate(guardClaim(context, until));
  // Read beside the request. Where that fails it is read again, with the receipt in hand.
  const look = readFirstLook(context, sending).catch(() => undefined);
  let receipt: Receipt;
  try {
    // A publisher keeps to its own limit; the ledger does not rely on that.
    receipt = await within({ signal, limitFor: timing.publishFor }, (limited) =>
      publisher.publish(payload, { signal: limited, mayOpen: gate.mayOpen }),
    );
  } catch (error) {
    return settleError(context, sending, { thrown: error, hasSent: gate.close(), isRepeat });
  }
  return settlePart(context, sending, pickDefined({ receipt, firstLookAt: await look }));
}

/**
 * Whether a socket was opened for the request. Once closed, what still runs behind a limit that has
 * passed opens none.
 */
function openGate(guard: () => void): { mayOpen: () => void; close: () => boolean } {
  let hasOpened = false;
  let isClosed = false;
  return {
    mayOpen() {
      if (isClosed) throw new PublishError('not-sent', 'the time for the request had passed');
      guard();
      hasOpened = true;
    },
    close() {
      isClosed = true;
      return hasOpened;
    },
  };
}

/**
 * By the wall clock and the monotonic one: a process that was stopped, or whose clock was set, must
 * not send on a claim that has expired.
 */
function guardClaim({ clock, timing }: Context, until: number): () => void {
  const opensBy = clock.monotonic() + timing.claimFor - timing.publishFor;
  return () => {
    if (clock.now() > until - onClock(clock, timing.publishFor) || clock.monotonic() > opensBy)
      throw new PublishError('not-sent', 'the claim had expired before the request was sent');
  };
}

interface Writing {
  before: Delivery;
  after: Releasing;
  entries: JournalEntry[];
  isRepeat: boolean;
}

/**
 * Undefined: another worker has it. Where the store fails here the write may have been made anyway;
 * this process remembers that nothing was sent, unless an earlier attempt may have landed.
 */
async function writeSending(
  context: Context,
  { before, after, entries, isRepeat }: Writing,
): Promise<Delivery | undefined> {
  try {
    const sending = await context.store.changeDelivery(before, after, entries);
    if (!sending) return await findWritten(context, { before, after });
    return (await isStillOurs(context, sending)) ? sending : undefined;
  } catch (error) {
    if (!isRepeat) context.unsent.set(before.id, after.fence);
    throw error;
  }
}

/**
 * A write that was sent again after its answer was lost finds itself made already: it is ours where
 * what stands there is what was written, on our own claim.
 */
async function findWritten(
  { store }: Context,
  { before, after }: Pick<Writing, 'before' | 'after'>,
): Promise<Delivery | undefined> {
  const now = await store.findDelivery(before.id);
  const isOurs =
    now?.revision === before.revision + 1 &&
    now.fence === after.fence &&
    now.claim?.by === after.claim?.by &&
    JSON.stringify(now.intent?.sending) === JSON.stringify(after.intent?.sending);
  return isOurs ? now : undefined;
}

async function isStillOurs({ store }: Context, ours: Delivery): Promise<boolean> {
  const now = await store.findDelivery(ours.id);
  return now?.revision === ours.revision && now.fence === ours.fence;
}

interface Trouble {
  thrown: unknown;
  hasSent: boolean;
  isRepeat: boolean;
}

async function settleError(
  context: Context,
  before: Delivery,
  { thrown, hasSent, isRepeat }: Trouble,
): Promise<Delivery | undefined> {
  const error = toPublishError(context, before, thrown);
  const { message, until } = error;
  if (error.isUploadLost) await dropUploads(context.store, before.id);
  if (error.kind === 'unknown' && hasSent)
    return settleSearched(context, before, { error, isFirst: !isRepeat });
  if (error.isRelationRefused && before.receipts.length === 0)
    return settleUnrelated(context, before, message);
  if (error.kind === 'refused')
    return settleFailed(context, before, { reason: message, isRefused: true });
  if (error.kind === 'signed-out') await holdAccount(context, before.account, { because: message });
  if (!isRepeat) return settleDeferred(context, before, error);
  // This one did not land, but the one before it may have: what was frozen stays, and is searched
  // for again.
  const attempts = before.attempts + 1;
  const lookAt = retryInstant(context, attempts, until);
  return settleUnknown(context, before, { reason: message, lookAt, attempts });
}

/** An error that no publisher should throw says nothing about what landed: taken as the worst. */
function toPublishError({ log }: Context, { id }: Delivery, thrown: unknown): PublishError {
  if (thrown instanceof PublishError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  log.warn(`unexpected error while releasing ${id}`, { error: text });
  return new PublishError('unknown', text, { cause: thrown });
}

/** It may have landed: ever more rarely searched for where it was sent again in vain. */
async function settleSearched(
  context: Context,
  before: Delivery,
  { error, isFirst }: { error: PublishError; isFirst: boolean },
) {
  const isDuplicate = error.isDuplicate && isFirst ? (true as const) : undefined;
  const answer = pickDefined({ said: error.said, isDuplicate });
  const { clock, timing, alarms } = context;
  const lookAt = clock.now() + timing.lookGapFor * 2 ** Math.min(5, before.repeats ?? 0);
  await alarms.set('reconcile', before.id, lookAt);
  return settleUnknown(context, before, { reason: error.message, lookAt, answer });
}
