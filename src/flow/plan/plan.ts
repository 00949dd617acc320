import { chunksOf } from '../../core/chunks.ts';
import type { Delivery } from '../../core/delivery/delivery.ts';
import { planned, unplaced } from '../../core/delivery/moves.ts';
import type { Schedule, Unplaced } from '../../core/schedule/slot.ts';
import type { Instant } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import { ownTurn } from '../../ports/own-turn.ts';
import type { Change } from '../../ports/store.ts';
import { type Context, makeDeliveryEntry } from '../context.ts';
import { tellStage } from '../spend/spend.ts';
import { tellFull } from './campaign-caps.ts';
import {
  type AccountPlan,
  graceOn,
  type Planning,
  type PlanOptions,
  planOwn,
  readOwnQueue,
} from './own-plan.ts';
import { findCommon, tellAlone, withCommon } from './together.ts';

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
  options: PlanOptions = {},
): Promise<AccountPlan> {
  return (await computeWithPartners(context, account, options)).plan;
}

/** Also the accounts whose stored slots no longer are those that they share with this one. */
async function computeWithPartners(
  context: Planning,
  account: string,
  options: PlanOptions,
): Promise<{ plan: AccountPlan; partners: string[] }> {
  const own = await readOwnQueue(context, account, options);
  if (!own) return { plan: emptyPlan, partners: [] };
  const common = await findCommon(context, own, options);
  const candidates = own.candidates.map((one) => withCommon(one, common));
  const plan = await planOwn(context, { ...own, candidates }, options);
  return { plan: tellAlone(plan, common), partners: common.partners };
}

/**
 * Reschedules the account from now: gives slots, says of those that have none why, and sets the
 * alarm for the next one.
 */
export async function planAccount(context: Context, account: string): Promise<void> {
  const { plan, partners } = await computeWithPartners(context, account, {});
  await storePlan(context, account, plan);
  for (const partner of partners)
    await storePlan(context, partner, await computePlan(context, partner));
}

async function storePlan(
  context: Context,
  account: string,
  { deliveries, capped, schedule: plan, stages }: AccountPlan,
): Promise<void> {
  const { store } = context;
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

/** One alarm for each account: its next slot, or this one. */
export async function setReleaseAlarm(
  { store, alarms }: Pick<Context, 'store' | 'alarms'>,
  account: string,
  at?: Instant,
): Promise<void> {
  if (at !== undefined) return alarms.set('release', account, at);
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
