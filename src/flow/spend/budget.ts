import type { Delivery } from '../../core/delivery/delivery.ts';
import type { Schedule, Unplaced } from '../../core/schedule/slot.ts';
import type { Candidate } from '../../core/schedule/schedule-input.ts';
import { type Cost, formatUsd } from '../../core/network/x-prices.ts';
import { day, formatLocal, type Instant } from '../../core/time.ts';
import type { Context } from '../context.ts';
import { costsOf } from './cost.ts';
import { budgetOf, nextMonth, readSpend, type Stage } from './spend.ts';

type Planning = Pick<Context, 'store' | 'clock' | 'settings'>;

/** Deliveries that the budget keeps out of this month. */
export type OverBudget = ReadonlyMap<string, HeldStage>;

export interface Fitted {
  schedule: Schedule;
  stages: Stage[];
}

interface Fitting {
  deliveries: readonly Delivery[];
  plan: (over: OverBudget, until: Instant) => Schedule;
}

/**
 * Plans until all that stands in this month's slots fits into what is left of the account's budget:
 * first what has no link, then, in the order of the slots, what has one. Whatever does not fit
 * waits for the next month, and others may come into its place.
 */
export async function fitBudget(
  context: Planning,
  account: string,
  { deliveries, plan }: Fitting,
): Promise<Fitted> {
  const now = context.clock.now();
  const until = nextMonth(now);
  const held = new Map<string, HeldStage>();
  const budget = budgetOf(context.settings, account);
  if (budget === undefined) return { schedule: plan(held, until), stages: [] };
  const { microUsd } = await readSpend(context.store, account, now);
  const moved = new Set<string>();
  const costs = new Map<string, Cost>();
  const learn = async (some: readonly Delivery[]) => {
    const unknown = some.filter(({ id }) => !costs.has(id));
    for (const [id, cost] of await costsOf(context, account, unknown)) costs.set(id, cost);
  };
  for (;;) {
    const schedule = plan(held, until);
    const slots = new Set(
      schedule.slots.flatMap(({ delivery, at }) => (at < until ? [delivery] : [])),
    );
    await learn(deliveries.filter(({ id }) => slots.has(id)));
    const { over, left } = findOver(slots, costs, budget - microUsd);
    if (over.every((id) => moved.has(id)))
      return {
        schedule: tellWhy(schedule, { held, moved, budget, until }),
        stages: [...new Set([...moved].flatMap((id) => held.get(id) ?? []))],
      };
    for (const id of over) moved.add(id);
    // Nothing that is dearer than what is left may come into their places.
    await learn(deliveries);
    for (const [id, cost] of costs)
      if (over.includes(id) || (!slots.has(id) && cost.microUsd > left))
        held.set(id, stageOf(cost));
  }
}

type HeldStage = 'links' | 'everything';

const stageOf = ({ hasLink }: Cost): HeldStage => (hasLink ? 'links' : 'everything');

function findOver(
  slots: ReadonlySet<string>,
  costs: ReadonlyMap<string, Cost>,
  room: number,
): { over: string[]; left: number } {
  const over: string[] = [];
  let left = room;
  for (const isAboutLinks of [false, true]) {
    for (const id of slots) {
      const { microUsd = 0, hasLink = false } = costs.get(id) ?? {};
      if (hasLink !== isAboutLinks) continue;
      if (microUsd > left) over.push(id);
      else left -= microUsd;
    }
  }
  return { over, left };
}

const overBudget = { because: 'budget', text: 'over the budget' } as const;

/**
 * A pin that falls into this month waits with its reason; what goes by cadence is planned into the
 * next.
 */
export function holdUntil(candidate: Candidate, until: Instant): Candidate {
  // In the east a date begins before it does in UTC.
  const isPinned =
    (candidate.pinnedAt ?? Infinity) < until ||
    Date.parse(candidate.pinnedDate ?? '9999-12-31') - day / 2 < until;
  return isPinned
    ? { ...candidate, held: overBudget }
    : { ...candidate, notBefore: Math.max(candidate.notBefore ?? 0, until) };
}

interface Telling {
  held: OverBudget;
  /** Those that would have a slot this month without the budget. */
  moved: ReadonlySet<string>;
  budget: number;
  until: Instant;
}

function tellWhy({ slots, unplaced }: Schedule, { held, moved, budget, until }: Telling): Schedule {
  const state: Record<HeldStage, string> = {
    links: 'has no room for another post with a link',
    everything: 'is used up',
  };
  const why = (id: string) =>
    `this month's X budget of ${formatUsd(budget)} ${state[held.get(id) ?? 'everything']}`;
  const isOver = ({ because }: Unplaced) => because === 'budget' || because === 'not-before';
  return {
    slots: slots.map((slot) =>
      moved.has(slot.delivery) ? { ...slot, why: `${slot.why}; ${why(slot.delivery)}` } : slot,
    ),
    unplaced: unplaced.map((one) =>
      held.has(one.delivery) && isOver(one)
        ? {
            ...one,
            because: 'budget' as const,
            reason: `${why(one.delivery)}: it waits until ${formatLocal(until, 'UTC')} UTC`,
          }
        : one,
    ),
  };
}
