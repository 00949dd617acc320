import type { Delivery } from '../../core/delivery/delivery.ts';
import { type Counts, measures, type Sample } from '../../core/engagement.ts';
import { countUnchanged, nextLookAge } from '../../core/measuring.ts';
import type { Post } from '../../core/post/post.ts';
import { turningAges } from '../../core/post/series.ts';
import { hour, type Instant, minute } from '../../core/time.ts';
import { type Measured, PublishError } from '../../ports/publisher.ts';
import { type Context, makeDeliveryEntry } from '../context.ts';
import { countOwn, decideFollowUp, queueFollowUp, settleFollowed } from './follow-up.ts';
import { planAccount } from '../plan/plan.ts';
import { findPostOf } from '../ingest/find-post.ts';
import { backoffFor, holdAccount } from '../release/settle.ts';
import { openTypical, type Typical } from './typical-of-account.ts';

/** What this process remembers of an account's looks: nothing that a restart must know. */
export interface Looking {
  /**
   * Not before this: the last look was just now, or the network asked to wait, or cannot be
   * reached.
   */
  until: Instant;
  failures: number;
}

/** A look at the network takes so many at most; what is left comes right after. */
const batch = 100;

/**
 * A network that says so this often, one look after the other, is believed: it was deleted. Fewer
 * may be a copy that lags behind.
 */
const missesForGone = 2;

/**
 * Looks at the numbers of what is due on the account, keeps them, and decides what follows. A look
 * that fails leaves a gap, and is made again later.
 */
export async function measureDue(
  context: Context,
  account: string,
  looking: Looking,
  signal: AbortSignal,
  withAccount: (work: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const { store, clock, timing, publishers } = context;
  const publisher = publishers.get(account);
  if (!publisher || clock.now() < looking.until) return;
  const due = await withoutFresh(
    context,
    await store.listDeliveries({
      account,
      measureBy: clock.now(),
      order: 'measureAt',
      limit: batch,
    }),
  );
  if (!due.length) return;
  looking.until = clock.now() + timing.measureEvery;
  let measured: Measured;
  try {
    const receipts = due.flatMap(({ receipts: [first] }) => first ?? []);
    measured = receipts.length
      ? await publisher.measure(receipts, signal)
      : { counts: new Map(), absent: [] };
    looking.failures = 0;
  } catch (error) {
    if (!(error instanceof PublishError)) throw error;
    return defer(context, account, looking, error);
  }
  // Read for follow-ups alone: it goes through half a year of numbers.
  let opened: Promise<Typical> | undefined;
  const typical = () => (opened ??= openTypical(context, account));
  let hasFollowUps = false;
  for (const one of due)
    hasFollowUps = (await keepLook(context, one, measured, typical)) || hasFollowUps;
  if (hasFollowUps) await withAccount(() => planAccount(context, account));
}

/** What has just gone out has no numbers yet: it is told when to be looked at first. */
async function withoutFresh(context: Context, due: Delivery[]): Promise<Delivery[]> {
  const { store, clock, timing } = context;
  const rest: Delivery[] = [];
  for (const one of due) {
    const { startedAt, measureAt } = one;
    const post = startedAt === measureAt ? (await findPostOf(store, one.post))?.post : undefined;
    const age =
      nextLookAge({
        ages: timing.measureAges,
        age: 0,
        turning: turningAges(post?.followUps ?? []),
        unchanged: 0,
      }) ?? 0;
    if (startedAt === undefined || startedAt !== measureAt || startedAt + age <= clock.now())
      rest.push(one);
    else await store.changeDelivery(one, { ...one, measureAt: startedAt + age });
  }
  return rest;
}

/**
 * Soon at first, since a deadline may be near; a network that is away is asked every few minutes.
 */
async function defer(context: Context, account: string, looking: Looking, error: PublishError) {
  looking.failures++;
  looking.until = Math.max(
    error.until ?? 0,
    context.clock.now() + backoffFor(looking.failures, { retryAfter: context.timing.measureEvery }),
  );
  context.log.info(`the numbers of ${account} could not be read: ${error.message}`);
  if (error.kind === 'signed-out') await holdAccount(context, account, error.message);
}

/** True: something follows, and has to be planned. */
async function keepLook(
  context: Context,
  due: Delivery,
  measured: Measured,
  typical: () => Promise<Typical>,
): Promise<boolean> {
  const { store, clock } = context;
  const id = due.receipts[0]?.id ?? '';
  const counts = measured.counts.get(id);
  const at = clock.now();
  if (counts)
    await store.addSamples([toSample(due, at, withoutOwn(counts, await countOwn(context, due)))]);
  const seen = await noteAbsence(context, due, {
    isSeen: counts !== undefined,
    isAbsent: measured.absent.includes(id),
  });
  if (!seen) return false;
  const stored = await findPostOf(store, due.post);
  const samples = await store.listSamples({ delivery: due.id });
  const followed = await follow(context, seen, stored?.post, samples, typical);
  if (!followed) return false;
  await setNextLook(context, followed, stored?.post, samples, counts !== undefined);
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

/** Undefined: somebody else has the delivery now. */
async function noteAbsence(
  context: Context,
  before: Delivery,
  { isSeen, isAbsent }: { isSeen: boolean; isAbsent: boolean },
): Promise<Delivery | undefined> {
  const { misses = 0, goneAt, ...rest } = before;
  const now = isAbsent ? misses + 1 : isSeen ? 0 : misses;
  const isGone = goneAt !== undefined || now >= missesForGone;
  if (now === misses && isGone === (goneAt !== undefined)) return before;
  const after: Delivery = {
    ...rest,
    ...(now ? { misses: now } : {}),
    ...(isGone ? { goneAt: goneAt ?? context.clock.now() } : {}),
  };
  const text = `${before.id} is no longer there: somebody has deleted it on the network. Nothing follows it, and it teaches the pace nothing`;
  return context.store.changeDelivery(
    before,
    after,
    isGone && goneAt === undefined ? [makeDeliveryEntry(context, 'deleted', before, { text })] : [],
  );
}

/** Decides first, in one write, and then acts on what is decided, however often. */
async function follow(
  context: Context,
  seen: Delivery,
  post: Post | undefined,
  samples: Sample[],
  typical: () => Promise<Typical>,
): Promise<Delivery | undefined> {
  if (!post?.followUps.length) return seen;
  const followed = seen.followed
    ? seen
    : await decide(context, seen, post, samples, await typical());
  if (followed?.followed) await queueFollowUp(context, followed, post);
  return followed;
}

async function decide(
  context: Context,
  seen: Delivery,
  post: Post,
  samples: Sample[],
  typical: Typical,
): Promise<Delivery | undefined> {
  const decision = decideFollowUp(context, seen, post, {
    samples,
    known: (sample) => typical.known(seen, sample),
  });
  return decision ? settleFollowed(context, seen, decision) : seen;
}

async function setNextLook(
  context: Context,
  before: Delivery,
  post: Post | undefined,
  samples: Sample[],
  isSeen: boolean,
): Promise<void> {
  const { store, clock, timing } = context;
  const now = clock.now();
  const releasedAt = before.startedAt ?? now;
  const { measureAt: _measureAt, ...rest } = before;
  const turning = post?.followUps.length && !before.followed ? turningAges(post.followUps) : [];
  const age = nextLookAge({
    ages: timing.measureAges,
    age: now - releasedAt,
    turning,
    unchanged: countUnchanged(samples),
  });
  const isWaiting = turning.length > 0;
  // Nothing was told: it is asked again soon, at its own pace, for as long as it may matter.
  const again = isSeen
    ? undefined
    : now + Math.min(6 * hour, Math.max(timing.measureEvery, (now - releasedAt) / 8));
  const next =
    before.goneAt !== undefined
      ? undefined
      : age === undefined
        ? isWaiting
          ? (again ?? now + hour)
          : undefined
        : Math.min(releasedAt + age, again ?? Infinity);
  await store.changeDelivery(before, next === undefined ? rest : { ...rest, measureAt: next });
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
  if (at < clock.now() + 10 * minute) await alarms.set('measure', account, at);
}
