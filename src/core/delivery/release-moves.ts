import { pickDefined } from '../pick-defined.ts';
import type { Receipt } from '../post/message.ts';
import type { Instant } from '../time.ts';
import {
  type Answer,
  type Claim,
  type Delivery,
  type Ended,
  type Failed,
  type Followed,
  type Intent,
  openStates,
  type Queued,
  type Released,
  type Releasing,
  type Uncertain,
} from './delivery.ts';
import { asEnded, asFresh, asLeft, asQueued, common, expectState, slotOf } from './state-shapes.ts';

/*
 * Moves of a release: from the claim to the last receipt, and what becomes of it afterwards. Each
 * builds the new state from what that state may hold.
 */

export interface Claiming extends Omit<Claim, 'fence'> {
  now: Instant;
}

/** A worker takes it in hand; a release that was left keeps the instant at which it began. */
export function claimed(before: Delivery, { by, until, now }: Claiming): Releasing {
  const one = expectState(before, 'claimed', ['planned', 'releasing']);
  const fence = one.fence + 1;
  const claim = { by, fence, until };
  if (one.state === 'releasing') return { ...one, fence, claim };
  return pickDefined({
    ...common(one),
    ...slotOf(one),
    state: 'releasing' as const,
    startedAt: now,
    retryAt: one.retryAt,
    looks: one.looks,
    fence,
    claim,
  });
}

/** Everything that will be said is frozen. */
export function intended(before: Delivery, intent: Intent): Releasing {
  return { ...expectState(before, 'intended', ['releasing']), intent };
}

/** What is sent next, written before the socket opens. The first instant of a part stands. */
export function sending(
  before: Delivery,
  { payload, at, until }: { payload: unknown; at: Instant; until: Instant },
): Releasing {
  const one = expectState(before, 'sending', ['releasing']);
  if (!one.intent || !one.claim) return one;
  const part = { part: one.receipts.length, at: one.intent.sending?.at ?? at, payload };
  return { ...one, intent: { ...one.intent, sending: part }, claim: { ...one.claim, until } };
}

/** A fresh request takes the place of the frozen one, of which nothing landed. */
export function unsent(before: Delivery): Releasing {
  const one = expectState(before, 'unsent', ['releasing']);
  return one.intent ? { ...one, intent: betweenParts(one.intent) } : one;
}

function betweenParts({ sending: _sending, ...intent }: Intent): Intent {
  return intent;
}

const partsOf = ({ intent }: Delivery) => intent?.message.parts.length ?? 1;

/** A part has its receipt; the last one ends the release. */
export function partOut(
  before: Delivery,
  receipt: Receipt,
  { measureAt }: { measureAt: Instant },
): Releasing | Released {
  const one = expectState(before, 'partOut', ['releasing']);
  const receipts = [...one.receipts, receipt];
  if (receipts.length >= partsOf(one)) return asReleased(one, { receipts, measureAt });
  return pickDefined({
    ...common(one),
    ...slotOf(one),
    state: 'releasing' as const,
    startedAt: one.startedAt,
    claim: one.claim,
    intent: one.intent && betweenParts(one.intent),
    attempts: 0,
    receipts,
  });
}

interface Out {
  receipts: Receipt[];
  measureAt: Instant;
  startedAt?: Instant;
  reason?: string;
}

/** A repost has no numbers of its own, so that it is never measured. */
function asReleased(one: Delivery, { receipts, measureAt, startedAt, reason }: Out): Released {
  return pickDefined({
    ...common(one),
    ...slotOf(one),
    state: 'released' as const,
    startedAt: one.startedAt ?? startedAt ?? measureAt,
    attempts: 0,
    receipts,
    intent: one.intent && betweenParts(one.intent),
    measureAt: one.terms.followUp?.as === 'repost' ? undefined : measureAt,
    reason,
  });
}

/** Nothing landed, to be tried again at `retryAt`: a thread that has begun stays in hand. */
export function deferred(
  before: Delivery,
  { retryAt, reason }: { retryAt: Instant; reason: string },
): Queued | Releasing {
  const one = expectState(before, 'deferred', ['releasing']);
  const tried = { ...one, attempts: one.attempts + 1, retryAt };
  if (one.receipts.length === 0) return asQueued(tried, reason);
  return asLeft({ ...unsent(tried), looks: 0 }, retryAt, reason);
}

/** The claim ended before anything was sent. */
export function returned(before: Delivery): Queued {
  return asQueued(expectState(before, 'returned', ['releasing']));
}

/** The network allows no such reply, quote or repost: it is published on its own. */
export function separated(before: Delivery): Queued {
  const one = asQueued(expectState(before, 'separated', ['releasing']));
  const { followUp, ...terms } = one.terms;
  return {
    ...one,
    terms: pickDefined({ ...terms, followUp: followUp && { ...followUp, as: 'post' as const } }),
  };
}

/** The network allows no such relation, and its rule says `else: skip`. */
export function dropped(before: Delivery, reason: string): Ended {
  return asEnded(expectState(before, 'dropped', ['releasing']), { state: 'skipped', reason });
}

/** A definite no. What is out of a thread stays out, and is kept with what it takes to go on. */
export function failed(before: Delivery, no: Refused): Failed {
  return asFailed(expectState(before, 'failed', ['releasing']), no);
}

export type Refused = Pick<Failed, 'reason' | 'isRefused'>;

function asFailed(one: Delivery, { reason, isRefused }: Refused): Failed {
  const isThread = one.receipts.length > 0;
  return pickDefined({
    ...common(one),
    state: 'failed' as const,
    reason,
    isRefused,
    startedAt: one.startedAt,
    openingAt: isThread ? one.openingAt : undefined,
    intent: isThread && one.intent ? betweenParts(one.intent) : undefined,
  });
}

export interface Left {
  reason: string;
  lookAt: Instant;
  /** As before where absent. */
  looks?: number;
  attempts?: number;
  /** What the network said to the part that is looked for; as before where absent. */
  answer?: Answer | undefined;
}

/** The network is searched before anything else happens to it. */
export function left(before: Delivery, { reason, lookAt, ...how }: Left): Releasing {
  const one = expectState(before, 'left', ['releasing']);
  const { looks = one.looks, attempts = one.attempts, answer } = how;
  const { intent } = one;
  const sending = answer && intent?.sending && { ...intent.sending, answer };
  const noted = { ...one, looks, attempts, ...(sending && { intent: { ...intent, sending } }) };
  return asLeft(noted, lookAt, reason);
}

/** Nothing of it was found, and it is sent again. */
export function repeated(before: Delivery): Releasing {
  const one = expectState(before, 'repeated', ['releasing']);
  return { ...one, looks: 0, repeats: (one.repeats ?? 0) + 1 };
}

/** Nobody can tell what became of it: a person has to look. */
export function uncertain(before: Delivery, reason: string): Uncertain {
  const one = expectState(before, 'uncertain', ['releasing']);
  return asUncertain(one, { reason, startedAt: one.startedAt });
}

function asUncertain(
  one: Delivery,
  { reason, startedAt }: { reason: string; startedAt: Instant },
): Uncertain {
  return pickDefined({
    ...common(one),
    ...slotOf(one),
    state: 'uncertain' as const,
    startedAt,
    reason,
    intent: one.intent,
    looks: one.looks,
  });
}

/** A store that was lost or restored: the account's timeline shows the post already. */
export function foundStanding(
  before: Delivery,
  { receipt, reason, now }: { receipt: Receipt; reason: string; now: Instant },
): Released {
  const open = expectState(before, 'foundStanding', openStates);
  return asReleased(open, { receipts: [receipt], measureAt: now, startedAt: receipt.at, reason });
}

/** The same of a thread, of which only the first part was found. */
export function foundBegun(
  before: Delivery,
  { at, reason, intent }: { at: Instant; reason: string; intent: Intent },
): Uncertain {
  const open = expectState(before, 'foundBegun', openStates);
  return { ...asUncertain(open, { reason, startedAt: at }), intent };
}

/**
 * `retry` of a broken thread, or its corrected file: it continues behind its last part, as soon as
 * the service looks. What it has not said yet is composed again.
 */
export function continued(before: Delivery, now: Instant): Releasing {
  const one = asContinued(expectState(before, 'continued', ['failed']), now);
  return one.intent ? { ...one, intent: { ...one.intent, isReopened: true } } : one;
}

/** What the file says now takes the place of the parts that have no receipt. */
export function rewritten(
  before: Delivery,
  { message, postHash }: Pick<Intent, 'message' | 'postHash'>,
): Releasing {
  const one = expectState(before, 'rewritten', ['releasing']);
  if (!one.intent) return one;
  const { isReopened: _reopened, ...intent } = one.intent;
  const count = one.receipts.length;
  const parts = [...intent.message.parts.slice(0, count), ...message.parts.slice(count)];
  return { ...one, intent: { ...intent, message: { ...intent.message, parts }, postHash } };
}

/** The corrected file asks for no further part: what is out is the whole of it. */
export function cutShort(before: Delivery, { measureAt }: { measureAt: Instant }): Released {
  const one = expectState(before, 'cutShort', ['releasing']);
  return asReleased(one, { receipts: one.receipts, measureAt });
}

function asContinued(one: Delivery, now: Instant): Releasing {
  return pickDefined({
    ...common(one),
    ...slotOf(one),
    state: 'releasing' as const,
    startedAt: one.startedAt ?? now,
    attempts: 0,
    intent: one.intent && betweenParts(one.intent),
    lookAt: now,
  });
}

export interface Truth {
  now: Instant;
  /** Where the part is; absent: it is not out. */
  receipt?: Receipt | undefined;
  /** Nothing may be published on the account: a thread waits for `retry`. */
  isHeld: boolean;
}

/** `settle`: a person has looked. */
export function settled(before: Delivery, { now, receipt, isHeld }: Truth): Delivery {
  const one = expectState(before, 'settled', ['uncertain']);
  if (!receipt && one.receipts.length === 0) return asFresh(one);
  const receipts = receipt ? [...one.receipts, receipt] : one.receipts;
  if (receipt && receipts.length >= partsOf(one))
    return asReleased(one, { receipts, measureAt: now });
  const thread = { ...one, receipts };
  return isHeld
    ? asFailed(thread, { reason: brokenThread, isRefused: false })
    : asContinued(thread, now);
}

const brokenThread = 'the thread broke, and nothing may be published just now';

/** What a read of its numbers came to. */
export interface Measured {
  measureAt?: Instant | undefined;
  misses?: number | undefined;
  goneAt?: Instant | undefined;
}

export function measured(before: Delivery, { measureAt, misses, goneAt }: Measured): Released {
  const one = expectState(before, 'measured', ['released']);
  return pickDefined({
    ...common(one),
    ...slotOf(one),
    state: 'released' as const,
    startedAt: one.startedAt,
    intent: one.intent,
    reason: one.reason,
    followed: one.followed,
    measureAt,
    misses: misses || undefined,
    goneAt,
  });
}

/** Its follow-ups are decided, once. */
export function followed(before: Delivery, decision: Followed): Released {
  return { ...expectState(before, 'followed', ['released']), followed: decision };
}
