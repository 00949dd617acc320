import type { Delivery } from '../../core/delivery/delivery.ts';
import { measured as measuredMove } from '../../core/delivery/release-moves.ts';
import { type Counts, measures, type Sample } from '../../core/engagement.ts';
import { countUnchanged, nextLookAge } from '../../core/measuring.ts';
import type { Post } from '../../core/post/post.ts';
import { turningAges } from '../../core/post/series.ts';
import { hour, type Instant, minute } from '../../core/time.ts';
import { onClock } from '../../ports/clock.ts';
import { type Measured, type Publisher, PublishError } from '../../ports/publisher.ts';
import { type Context, makeDeliveryEntry } from '../context.ts';
import { findPostOf } from '../ingest/find-post.ts';
import { planAccount } from '../plan/plan.ts';
import { backoffFor, holdAccount } from '../release/back-off.ts';
import { countOwn, decideFollowUp, queueFollowUp, settleFollowed } from './follow-up.ts';
import { readOwnClicks, withClicks } from './own-clicks.ts';
import { openTypical, type Typical } from './typical-of-account.ts';

/** What this process remembers of an account's reads: nothing that a restart must know. */
export interface Looking {
  /**
   * Not before this: the last read was just now, or the network asked to wait, or cannot be
   * reached.
   */
  until: Instant;
  failures: number;
}

/** One request reads so many at most; what is left comes right after. */
const batch = 100;

/**
 * A network that says so this often, one read after the other, is believed: it was deleted. Fewer
 * may be a copy that lags behind.
 */
const missesForGone = 2;

export interface MeasureOptions {
  looking: Looking;
  signal: AbortSignal;
  /** Runs what plans the account when nothing else does. */
  withAccount: (work: () => Promise<void>) => Promise<void>;
}

/**
 * Reads the numbers of what is due on the account, keeps them, and decides what follows. A read
 * that fails leaves a gap, and is made again later.
 */
export async function measureDue(
  context: Context,
  account: string,
  { looking, signal, withAccount }: MeasureOptions,
): Promise<void> {
  const { store, clock, timing, publishers } = context;
  const publisher = publishers.get(account);
  const now = clock.now();
  if (!publisher || now < looking.until) return;
  const due = await store.listDeliveries({
    account,
    measureBy: now,
    order: 'measureAt',
    limit: batch,
  });
  if (!due.length) return;
  looking.until = now + timing.measureEvery;
  let measured: Measured;
  try {
    measured = await readNumbers(due, publisher, signal);
    looking.failures = 0;
  } catch (error) {
    if (!(error instanceof PublishError)) throw error;
    return defer(context, account, { looking, error });
  }
  // Read for follow-ups alone: it goes through half a year of numbers.
  let opened: Promise<Typical> | undefined;
  const typical = () => (opened ??= openTypical(context, account));
  const clicks = await readOwnClicks(store, due);
  const { hasFollowUps, failures } = await keepLooks(context, due, { measured, typical, clicks });
  if (hasFollowUps) await withAccount(() => planAccount(context, account));
  if (failures.length > 0) throw failures[0];
}

/** What goes wrong with one delivery ends the look at no other. */
async function keepLooks(
  context: Context,
  due: Delivery[],
  look: Look,
): Promise<{ hasFollowUps: boolean; failures: unknown[] }> {
  const failures: unknown[] = [];
  let hasFollowUps = false;
  for (const one of due) {
    try {
      hasFollowUps = (await keepLook(context, one, look)) || hasFollowUps;
    } catch (error) {
      context.log.warn(`the numbers of ${one.id} could not be kept: ${String(error)}`);
      failures.push(error);
    }
  }
  return { hasFollowUps, failures };
}

async function readNumbers(due: Delivery[], publisher: Publisher, signal: AbortSignal) {
  const receipts = due.flatMap(({ receipts: [first] }) => first ?? []);
  if (!receipts.length) return { counts: new Map(), absent: [] };
  return publisher.measure(receipts, signal);
}

/**
 * Soon at first, since a deadline may be near; a network that is away is asked every few minutes.
 */
async function defer(
  context: Context,
  account: string,
  { looking, error }: { looking: Looking; error: PublishError },
) {
  const { clock, timing, log } = context;
  looking.failures++;
  const gap = backoffFor(looking.failures, { retryAfter: timing.measureEvery });
  looking.until = Math.max(error.until ?? 0, clock.now() + gap);
  log.info(`the numbers of ${account} could not be read: ${error.message}`);
  if (error.kind === 'signed-out') await holdAccount(context, account, { because: error.message });
}

interface Look {
  measured: Measured;
  /** Counted at our own door, by delivery. */
  clicks: ReadonlyMap<string, number>;
  typical: () => Promise<Typical>;
}

/** True: something follows, and has to be planned. */
async function keepLook(
  context: Context,
  due: Delivery,
  { measured, clicks, typical }: Look,
): Promise<boolean> {
  const { store, clock } = context;
  const id = due.receipts[0]?.id ?? '';
  const told = measured.counts.get(id);
  const counts = told && withClicks(told, clicks.get(due.id));
  const at = clock.now();
  if (counts)
    await store.addSamples([toSample(due, at, withoutOwn(counts, await countOwn(context, due)))]);
  const isSeen = counts !== undefined;
  const seen = await noteAbsence(context, due, { isSeen, isAbsent: measured.absent.includes(id) });
  if (!seen) return false;
  const post = (await findPostOf(store, due.post))?.post;
  const samples = await store.listSamples({ delivery: due.id });
  const followed = await follow(context, seen, { post, samples, typical });
  if (!followed) return false;
  await setNextLook(context, followed, { post, samples, isSeen });
  return followed.followed?.delivery !== undefined && seen.followed === undefined;
}

function toSample(
  { id, post, account, network, startedAt = 0 }: Delivery,
  at: Instant,
  counts: Counts,
): Sample {
  return { delivery: id, post, account, network, releasedAt: startedAt, at, counts };
}

function withoutOwn(counts: Counts, own: Partial<Record<keyof Counts, number>>): Counts {
  return Object.fromEntries(
    measures.flatMap((one) =>
      counts[one] === undefined ? [] : [[one, Math.max(0, counts[one] - (own[one] ?? 0))]],
    ),
  );
}

/** Undefined: another worker has the delivery now. */
async function noteAbsence(
  context: Context,
  before: Delivery,
  { isSeen, isAbsent }: { isSeen: boolean; isAbsent: boolean },
): Promise<Delivery | undefined> {
  const { misses = 0, goneAt, measureAt } = before;
  const counted = isAbsent ? misses + 1 : misses;
  const now = isSeen && !isAbsent ? 0 : counted;
  const isNew = goneAt === undefined && now >= missesForGone;
  if (now === misses && !isNew) return before;
  const rest = 'Nothing follows it, and the pace learns nothing from it';
  const text = `${before.id} is no longer there: it was deleted on the network. ${rest}`;
  return context.store.changeDelivery(
    before,
    measuredMove(before, {
      measureAt,
      misses: now,
      goneAt: isNew ? context.clock.now() : goneAt,
    }),
    isNew ? [makeDeliveryEntry(context, before, { type: 'deleted', text })] : [],
  );
}

interface Known {
  post: Post | undefined;
  samples: Sample[];
}

/** Decides first, in one write, and then acts on what is decided, however often. */
async function follow(
  context: Context,
  seen: Delivery,
  { post, samples, typical }: Known & Pick<Look, 'typical'>,
): Promise<Delivery | undefined> {
  if (!post?.followUps.length) return seen;
  const followed = seen.followed
    ? seen
    : await decide(context, seen, { post, samples, typical: await typical() });
  if (followed?.followed) await queueFollowUp(context, followed, post);
  return followed;
}

async function decide(
  context: Context,
  seen: Delivery,
  { post, samples, typical }: { post: Post; samples: Sample[]; typical: Typical },
): Promise<Delivery | undefined> {
  const decision = decideFollowUp(context, seen, {
    post,
    samples,
    known: (sample) => typical.known(seen, sample),
  });
  return decision ? settleFollowed(context, seen, decision) : seen;
}

async function setNextLook(
  context: Context,
  before: Delivery,
  known: Known & { isSeen: boolean },
): Promise<void> {
  const { misses, goneAt } = before;
  const measureAt = goneAt === undefined ? nextLookAt(context, before, known) : undefined;
  await context.store.changeDelivery(before, measuredMove(before, { measureAt, misses, goneAt }));
}

/** Undefined: its numbers rest, and nothing is decided by them any more. */
function nextLookAt(
  { clock, timing }: Context,
  { startedAt, followed }: Delivery,
  { post, samples, isSeen }: Known & { isSeen: boolean },
): Instant | undefined {
  const now = clock.now();
  const releasedAt = startedAt ?? now;
  const turning = followed ? [] : turningAges(post?.followUps ?? []);
  const age = nextLookAge({
    ages: timing.measureAges,
    age: now - releasedAt,
    turning,
    unchanged: countUnchanged(samples),
  });
  // The network told nothing: it is asked again soon, for as long as that may matter.
  const gap = Math.min(6 * hour, Math.max(timing.measureEvery, (now - releasedAt) / 8));
  const again = isSeen ? undefined : Math.ceil(now + gap);
  if (age !== undefined) return Math.min(releasedAt + age, again ?? Infinity);
  return turning.length > 0 ? (again ?? now + hour) : undefined;
}

/** One alarm for each account: its next look. */
export async function setMeasureAlarm(
  { store, alarms, clock }: Pick<Context, 'store' | 'alarms' | 'clock'>,
  account: string,
  looking: Looking,
): Promise<void> {
  const [next] = await store.listDeliveries({
    account,
    measureBy: Number.MAX_SAFE_INTEGER,
    order: 'measureAt',
    limit: 1,
  });
  if (next?.measureAt === undefined) return;
  const at = Math.max(next.measureAt, looking.until);
  if (at < clock.now() + onClock(clock, 10 * minute)) await alarms.set('measure', account, at);
}
