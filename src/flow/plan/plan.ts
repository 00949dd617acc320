import { type Delivery, openStates, withoutSlot } from '../../core/delivery/delivery.ts';
import { freshFrom, pauseOf } from '../../core/pause.ts';
import { schedule, type Slot, type Unplaced } from '../../core/schedule/schedule.ts';
import type { Candidate, Past } from '../../core/schedule/schedule-input.ts';
import { graceFor } from '../../core/schedule/openings.ts';
import { day, type Instant } from '../../core/time.ts';
import type { Change } from '../../ports/store.ts';
import { readByHand } from '../release/by-hand.ts';
import { fitBudget, type Fitted, type Held, holdUntil } from '../spend/budget.ts';
import { type Context, makeDeliveryEntry } from '../context.ts';
import { bestFirst } from './evergreen.ts';
import { readPace, toPace } from './weekly-lesson.ts';
import { readAccount, readPause } from '../facts.ts';
import { tellStage } from '../spend/spend.ts';
import {
  capCandidate,
  type Capped,
  cappedFor,
  readCapped,
  tellCaps,
  tellFull,
} from './campaign-caps.ts';

/** Slots this far ahead are stored; what lies beyond is computed when asked for. */
export const horizonFor = 14 * day;

type Planning = Pick<Context, 'store' | 'clock' | 'settings'>;

export interface AccountPlan extends Fitted {
  deliveries: Map<string, Delivery>;
  /** Campaigns that are at one of their caps. */
  capped: Capped;
}

/**
 * What the account's queue looks like from now on; as it would without a budget, where that is
 * asked. Writes nothing.
 */
export async function computePlan(
  context: Planning,
  account: string,
  ahead = horizonFor,
  { isUnlimited = false } = {},
): Promise<AccountPlan> {
  const { store, clock, settings } = context;
  const now = clock.now();
  const [deliveries, past, pauses, fact, pace] = await Promise.all([
    store.listDeliveries({ account, states: openStates, order: 'rank' }),
    listPast(context, account),
    readPause(store),
    readAccount(store, account),
    readPace(context, account),
  ]);
  const cadence = settings.cadences[account];
  if (!cadence)
    return {
      deliveries: new Map(),
      capped: new Map(),
      schedule: { slots: [], unplaced: [] },
      stages: [],
    };
  if (settings.pacing.evergreen === 'best-first') await bestFirst(context, account, deliveries);
  const after = await findBefore(context, deliveries);
  const pause = pauseOf(pauses, account, now);
  const notBefore = Math.max(pause?.until ?? 0, fact.backoffUntil ?? 0);
  const capped = await readCapped(context, account, deliveries);
  const candidates = deliveries.map((one) =>
    capCandidate(toCandidate(one, after, fact.heldBecause), cappedFor(one, capped)),
  );
  const plan = (held: Held, until: Instant) =>
    schedule({
      account,
      now,
      until: now + ahead,
      cadence,
      perDay: cadence.perDay.min,
      ...(pace ? { pace: toPace(pace) } : {}),
      ceiling: cadence.perDay.max,
      past,
      freshFrom: freshFrom(pauses, account, now),
      queues: queuesOf(settings, account),
      candidates: candidates.map((one) => (held.has(one.delivery) ? holdUntil(one, until) : one)),
      ...(notBefore > now ? { notBefore } : {}),
    });
  const fitted: Fitted = isUnlimited
    ? { schedule: plan(new Map(), now), stages: [] }
    : await fitBudget(context, account, deliveries, plan);
  const byId = new Map(deliveries.map((one) => [one.id, one]));
  return {
    deliveries: byId,
    capped,
    stages: fitted.stages,
    schedule: tellCaps(fitted.schedule, { deliveries: byId, capped, zone: cadence.zone }),
  };
}

function queuesOf({ queues }: Context['settings'], account: string) {
  return Object.fromEntries(
    Object.entries(queues).filter(
      ([, { accounts }]) => accounts === undefined || accounts.includes(account),
    ),
  );
}

/** The releases that `perDay` and `minGap` still have to do with, the uncertain ones included. */
async function listPast({ store, clock, settings }: Planning, account: string): Promise<Past[]> {
  const since = clock.now() - Math.max(2 * day, settings.cadences[account]?.minGapFor ?? 0);
  const released = await store.listDeliveries({
    account,
    states: ['released', 'releasing', 'uncertain'],
    startedSince: since,
    order: '-startedAt',
  });
  const byHand = (await readByHand({ store }, account))
    .filter((at) => at > since)
    .map((at): Past => ({ at, isByHand: true }));
  const own = released.flatMap(({ startedAt, openingAt, queue, terms }) =>
    startedAt === undefined
      ? []
      : [
          {
            at: startedAt,
            ...(openingAt === undefined ? {} : { openingAt }),
            ...(queue === undefined ? {} : { queue }),
            ...(terms.feed ? { feed: terms.feed.url } : {}),
            ...(terms.followUp ? { isFollowUp: true } : {}),
          },
        ],
  );
  return [...own, ...byHand];
}

/**
 * For each post that others wait for: when it was released, on the same account if it goes there,
 * else anywhere.
 */
async function findBefore(
  { store }: Planning,
  deliveries: Delivery[],
): Promise<Map<string, Delivery[]>> {
  const posts = new Set(deliveries.flatMap(({ terms }) => (terms.after ? [terms.after.post] : [])));
  return new Map(
    await Promise.all(
      [...posts].map(async (post): Promise<[string, Delivery[]]> => [
        post,
        await store.listDeliveries({ post }),
      ]),
    ),
  );
}

function toCandidate(
  one: Delivery,
  before: Map<string, Delivery[]>,
  accountHeld: string | undefined,
): Candidate {
  const { terms } = one;
  const pinnedAt = one.pinnedAt ?? (terms.pin && 'at' in terms.pin ? terms.pin.at : undefined);
  const heldBecause =
    terms.heldBecause ??
    approvalMissing(one) ??
    accountHeld ??
    (one.queue === 'none' && pinnedAt === undefined && !terms.followUp
      ? 'queue: none, so it goes only by a follow-up or by `now`'
      : undefined);
  return {
    delivery: one.id,
    ...(one.queue === undefined ? {} : { queue: one.queue }),
    ...(pinnedAt === undefined ? {} : { pinnedAt }),
    ...(one.pinnedAt === undefined ? {} : { isSaid: true }),
    ...(one.pinnedAt === undefined && terms.pin && 'date' in terms.pin
      ? { pinnedDate: terms.pin.date }
      : {}),
    ...toBounds(terms),
    ...(one.retryAt === undefined ? {} : { retryAt: one.retryAt }),
    ...(terms.after
      ? { after: toAfter(one, terms.after, before.get(terms.after.post) ?? []) }
      : {}),
    ...(terms.feed ? { feed: terms.feed } : {}),
    ...(heldBecause === undefined ? {} : { heldBecause }),
  };
}

/** The file's own bounds, and those of the rule that sent it. */
function toBounds({
  notBefore,
  expires,
  followUp,
}: Delivery['terms']): Pick<Candidate, 'notBefore' | 'expires' | 'isFollowUp'> {
  const [from, to] = [
    Math.max(notBefore ?? 0, followUp?.notBefore ?? 0),
    Math.min(expires ?? Infinity, followUp?.expires ?? Infinity),
  ];
  return {
    ...(from > 0 ? { notBefore: from } : {}),
    ...(to < Infinity ? { expires: to } : {}),
    ...(followUp ? { isFollowUp: true } : {}),
  };
}

/** Approval holds for the text that was approved. */
export function approvalMissing({ terms, approvedHash }: Delivery): string | undefined {
  if (!terms.approval || approvedHash === terms.hash) return undefined;
  return approvedHash === undefined
    ? 'waits for approval'
    : 'waits for approval again: its text was changed since';
}

function toAfter(
  one: Delivery,
  after: { post: string; delayFor: number },
  before: Delivery[],
): NonNullable<Candidate['after']> {
  const same = before.find(({ account }) => account === one.account);
  const releasedAt = same
    ? same.state === 'released'
      ? same.startedAt
      : undefined
    : before
        .filter(({ state }) => state === 'released')
        .map(({ startedAt }) => startedAt ?? 0)
        .sort((a, b) => a - b)[0];
  return {
    delivery: same?.id ?? '',
    post: after.post,
    delayFor: after.delayFor,
    ...(releasedAt === undefined ? {} : { releasedAt }),
  };
}

/**
 * Plans the account anew from now: gives slots, tells those that have none why, and sets the alarm
 * for the next one.
 */
export async function planAccount(context: Context, account: string): Promise<void> {
  const { store } = context;
  const { deliveries, capped, schedule: plan, stages } = await computePlan(context, account);
  const changes: Change[] = [];
  for (const slot of plan.slots) {
    const before = deliveries.get(slot.delivery);
    if (before) pushChange(changes, before, withSlot(before, slot));
  }
  for (const one of plan.unplaced) {
    const before = deliveries.get(one.delivery);
    if (!before) continue;
    if (one.state === 'missed' || one.state === 'expired') await end(context, before, one);
    else pushChange(changes, before, withoutSlot(before, one.state, one.reason));
  }
  if (changes.length) {
    await tellFull(context, capped);
    await store.changeDeliveries(changes);
  }
  for (const stage of stages) await tellStage(context, account, stage);
  await setReleaseAlarm(context, account);
}

function pushChange(changes: Change[], before: Delivery, after: Delivery) {
  const isSame =
    before.state === after.state &&
    before.at === after.at &&
    before.openingAt === after.openingAt &&
    before.why === after.why &&
    before.reason === after.reason;
  if (!isSame) changes.push({ before, after });
}

function withSlot(before: Delivery, { delivery: _delivery, ...slot }: Slot): Delivery {
  const { reason: _reason, openingAt: _opening, ...rest } = before;
  return { ...rest, state: 'planned', ...slot };
}

async function end(context: Context, before: Delivery, { state, reason }: Unplaced) {
  const type = state === 'missed' ? 'missed' : 'expired';
  const hint =
    state === 'missed'
      ? `: say \`now ${before.id}\`, \`move ${before.id} WHEN\` or \`withdraw ${before.id}\``
      : '';
  await context.store.changeDelivery(before, withoutSlot(before, state, reason), [
    makeDeliveryEntry(context, type, before, { text: `${before.id} ${type}: ${reason}${hint}` }),
  ]);
}

/** One alarm for each account: its next slot. */
export async function setReleaseAlarm({ store, alarms }: Context, account: string): Promise<void> {
  const [next] = await store.listDeliveries({
    account,
    states: ['planned'],
    order: 'at',
    limit: 1,
  });
  if (next?.at !== undefined) await alarms.set('release', account, next.at);
}

/** Whether a slot is so old that it has to be given anew. */
export const isStale = (at: Instant, now: Instant): boolean => at < now - graceFor;
