import { chunksOf } from '../../core/chunks.ts';
import { type Delivery, openStates } from '../../core/delivery/delivery.ts';
import { planned, unplaced } from '../../core/delivery/moves.ts';
import { freshFrom, pauseOf } from '../../core/pause-state.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { graceFor } from '../../core/schedule/openings.ts';
import { schedule } from '../../core/schedule/schedule.ts';
import type { ScheduleInput } from '../../core/schedule/schedule-input.ts';
import type { Schedule, Unplaced } from '../../core/schedule/slot.ts';
import { day, type Instant, second } from '../../core/time.ts';
import { type Clock, onClock } from '../../ports/clock.ts';
import { ownTurn } from '../../ports/own-turn.ts';
import type { Change } from '../../ports/store.ts';
import { type Context, makeDeliveryEntry } from '../context.ts';
import { readAccount, readPause } from '../facts.ts';
import { fitBudget, type Fitted, type OverBudget, holdUntil } from '../spend/budget.ts';
import { tellStage } from '../spend/spend.ts';
import {
  capCandidate,
  type Capped,
  cappedFor,
  readCapped,
  tellCaps,
  tellFull,
} from './campaign-caps.ts';
import { findBefore, toCandidate } from './candidates.ts';
import { bestFirst } from './evergreen.ts';
import { listPast } from './past.ts';
import { readPace, toPace } from './weekly-lesson.ts';

/** Slots this far ahead are stored; what lies beyond is computed when asked for. */
export const horizonFor = 14 * day;

type Planning = Pick<Context, 'store' | 'clock' | 'settings'>;

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

const emptyPlan: AccountPlan = {
  deliveries: new Map(),
  capped: new Map(),
  schedule: { slots: [], unplaced: [] },
  stages: [],
};

/** What the account's queue looks like from now on. Writes nothing. */
export async function computePlan(
  context: Planning,
  account: string,
  { ahead = horizonFor, isUnlimited = false }: PlanOptions = {},
): Promise<AccountPlan> {
  const cadence = context.settings.cadences[account];
  if (!cadence) return emptyPlan;
  const deliveries = await listInOrder(context, account);
  const capped = await readCapped(context, account, deliveries);
  const before = await findBefore(context, deliveries);
  const { heldBecause: accountHeld } = await readAccount(context.store, account);
  const candidates = deliveries.map((one) =>
    capCandidate(toCandidate(one, { before, accountHeld }), cappedFor(one, capped)),
  );
  const input = await readInput(context, account, ahead);
  const plan = (over: OverBudget, until: Instant) =>
    schedule({
      ...input,
      cadence,
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
    schedule: tellCaps(fitted.schedule, { deliveries: byId, capped, zone: cadence.zone }),
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

/**
 * Reschedules the account from now: gives slots, says of those that have none why, and sets the
 * alarm for the next one.
 */
export async function planAccount(context: Context, account: string): Promise<void> {
  const { store } = context;
  const { deliveries, capped, schedule: plan, stages } = await computePlan(context, account);
  for (const one of plan.unplaced) {
    const before = deliveries.get(one.delivery);
    if (before && isOver(one)) await end(context, before, one);
  }
  let isTold = false;
  for (const some of chunksOf(changesOf(deliveries, plan), mostAtOnce)) {
    if (!isTold) await tellFull(context, capped);
    isTold = true;
    await store.changeDeliveries(some);
    // A queue of thousands holds up no release and no page.
    await ownTurn();
  }
  for (const stage of stages) await tellStage(context, account, stage);
  await setReleaseAlarm(context, account);
}

/** What is written at a time. */
const mostAtOnce = 200;

const isOver = ({ state }: Unplaced) => state === 'missed' || state === 'expired';

function* changesOf(
  deliveries: ReadonlyMap<string, Delivery>,
  { slots, unplaced: rest }: Schedule,
): Generator<Change> {
  for (const slot of slots)
    yield* changeTo(deliveries.get(slot.delivery), (before) => planned(before, slot));
  for (const one of rest)
    if (!isOver(one)) yield* changeTo(deliveries.get(one.delivery), (open) => unplaced(open, one));
}

/** No change where the move changes nothing that planning decides. */
function changeTo(before: Delivery | undefined, move: (before: Delivery) => Delivery): Change[] {
  if (!before) return [];
  const after = move(before);
  const isSame = (['state', 'at', 'openingAt', 'why', 'reason', 'because'] as const).every(
    (key) => before[key] === after[key],
  );
  return isSame ? [] : [{ before, after }];
}

async function end(context: Context, before: Delivery, over: Unplaced) {
  const type = over.state === 'missed' ? 'missed' : 'expired';
  const { id } = before;
  const hint =
    type === 'missed' ? `. Say \`now ${id}\`, \`move ${id} WHEN\` or \`withdraw ${id}\`` : '';
  await context.store.changeDelivery(before, unplaced(before, over), [
    makeDeliveryEntry(context, before, { type, text: `${id} ${type}: ${over.reason}${hint}` }),
  ]);
}

/** One alarm for each account: its next slot. */
export async function setReleaseAlarm(
  { store, alarms }: Pick<Context, 'store' | 'alarms'>,
  account: string,
): Promise<void> {
  const [next] = await store.listDeliveries({
    account,
    states: ['planned'],
    order: 'at',
    limit: 1,
  });
  if (next?.at !== undefined) await alarms.set('release', account, next.at);
}

/** Whether a slot is so old that it has to be given again. */
export const isStale = (at: Instant, clock: Clock): boolean => at < clock.now() - graceOn(clock);

/** Where the clock is fast, the same instant is gone sooner than anything could be done. */
const graceOn = (clock: Clock): number => Math.max(graceFor, onClock(clock, 5 * second));
