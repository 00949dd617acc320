import { type Delivery, openStates } from '../../core/delivery/delivery.ts';
import { freshFrom, pauseOf } from '../../core/pause-state.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { schedule } from '../../core/schedule/schedule.ts';
import type { Candidate, ScheduleInput } from '../../core/schedule/schedule-input.ts';
import { graceFor } from '../../core/schedule/openings.ts';
import { day, type Instant, second } from '../../core/time.ts';
import { type Clock, onClock } from '../../ports/clock.ts';
import type { Context } from '../context.ts';
import { readAccount, readPause } from '../facts.ts';
import { fitBudget, type Fitted, holdUntil, type OverBudget } from '../spend/budget.ts';
import { capCandidate, type Capped, cappedFor, readCapped, tellCaps } from './campaign-caps.ts';
import { findBefore, toCandidate } from './candidates.ts';
import { bestFirst } from './evergreen.ts';
import { listPast } from './past.ts';
import { readPace, toPace } from './weekly-lesson.ts';

/** Slots this far ahead are stored; what lies beyond is computed when asked for. */
export const horizonFor = 14 * day;

export type Planning = Pick<Context, 'store' | 'clock' | 'settings'>;

export interface AccountPlan extends Fitted {
  deliveries: Map<string, Delivery>;
  /** Campaigns that are at one of their caps. */
  capped: Capped;
}

export interface PlanOptions {
  /** Milliseconds from now. Default: what is stored. */
  ahead?: number;
  /** As it would be without a budget. */
  isUnlimited?: boolean;
}

/** An account's queue as it is, with all that the schedule asks. */
export interface OwnQueue {
  account: string;
  deliveries: Delivery[];
  capped: Capped;
  candidates: Candidate[];
  input: ScheduleInput;
}

/** Undefined: the account has no cadence. */
export async function readOwnQueue(
  context: Planning,
  account: string,
  { ahead = horizonFor }: PlanOptions,
): Promise<OwnQueue | undefined> {
  const cadence = context.settings.cadences[account];
  if (!cadence) return undefined;
  const deliveries = await listInOrder(context, account);
  const capped = await readCapped(context, account, deliveries);
  const before = await findBefore(context, deliveries);
  const { heldBecause: accountHeld } = await readAccount(context.store, account);
  const candidates = deliveries.map((one) =>
    capCandidate(toCandidate(one, { before, accountHeld }), cappedFor(one, capped)),
  );
  const input = { ...(await readInput(context, account, ahead)), cadence, candidates };
  return { account, deliveries, capped, candidates, input };
}

/** The plan of an account by itself. */
export async function planOwn(
  context: Planning,
  { account, deliveries, capped, candidates, input }: OwnQueue,
  { isUnlimited = false }: PlanOptions,
): Promise<AccountPlan> {
  const plan = (over: OverBudget, until: Instant) =>
    schedule({
      ...input,
      candidates: candidates.map((one) => (over.has(one.delivery) ? holdUntil(one, until) : one)),
    });
  const fitted: Fitted = isUnlimited
    ? { schedule: plan(new Map(), input.now), stages: [] }
    : await fitBudget(context, account, { deliveries, plan });
  const byId = new Map(deliveries.map((one) => [one.id, one]));
  return {
    deliveries: byId,
    capped,
    stages: fitted.stages,
    schedule: tellCaps(fitted.schedule, { deliveries: byId, capped, zone: input.cadence.zone }),
  };
}

async function listInOrder(context: Planning, account: string): Promise<Delivery[]> {
  const { store, settings } = context;
  const deliveries = await store.listDeliveries({ account, states: openStates, order: 'rank' });
  return settings.pacing.evergreen === 'best-first'
    ? bestFirst(context, account, deliveries)
    : deliveries;
}

/** All that the schedule asks besides the queue itself. */
async function readInput(
  context: Planning,
  account: string,
  ahead: number,
): Promise<Omit<ScheduleInput, 'cadence' | 'candidates'>> {
  const { store, clock, settings } = context;
  const now = clock.now();
  const [past, pauses, fact, pace] = await Promise.all([
    listPast(context, account),
    readPause(store),
    readAccount(store, account),
    readPace(context, account),
  ]);
  const notBefore = Math.max(pauseOf(pauses, account, now)?.until ?? 0, fact.backoffUntil ?? 0);
  const { min = 0, max = 0 } = settings.cadences[account]?.perDay ?? {};
  return pickDefined({
    account,
    now,
    graceFor: graceOn(clock),
    until: now + ahead,
    perDay: min,
    ceiling: max,
    pace: pace && toPace(pace),
    past,
    freshFrom: freshFrom(pauses, account, now),
    queues: queuesOf(settings, account),
    notBefore: notBefore > now ? notBefore : undefined,
  });
}

function queuesOf({ queues }: Context['settings'], account: string) {
  return Object.fromEntries(
    Object.entries(queues).filter(
      ([, { accounts }]) => accounts === undefined || accounts.includes(account),
    ),
  );
}

/** Where the clock is fast, the same instant is gone sooner than anything could be done. */
export const graceOn = (clock: Clock): number => Math.max(graceFor, onClock(clock, 5 * second));
