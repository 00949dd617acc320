import type { Delivery } from '../core/delivery.ts';
import type { Candidate, Schedule, Slot } from '../core/schedule.ts';
import type { Cost } from '../core/x-prices.ts';
import { formatUsd } from '../core/x-prices.ts';
import { formatLocal, type Instant } from '../core/time.ts';
import type { Context } from './context.ts';
import { costsOf } from './cost.ts';
import { budgetOf, nextMonth, readSpend, type Stage } from './spend.ts';

type Planning = Pick<Context, 'store' | 'clock' | 'settings'>;

/** Deliveries that wait for the next month, and since when nothing but that holds them. */
export type Held = ReadonlyMap<string, 'links' | 'everything'>;

export interface Fitted {
  schedule: Schedule;
  stages: Stage[];
}

/**
 * Plans until all that stands in this month's slots fits into what is left of the account's budget: first what has no link, then, in the order of
 * the slots, what has one. Whatever does not fit waits for the next month, and others may come into its place.
 */
export async function fitBudget(
  context: Planning,
  account: string,
  deliveries: readonly Delivery[],
  plan: (held: Held, until: Instant) => Schedule,
): Promise<Fitted> {
  const now = context.clock.now();
  const until = nextMonth(now);
  const held = new Map<string, 'links' | 'everything'>();
  const budget = budgetOf(context.settings, account);
  if (budget === undefined) return { schedule: plan(held, until), stages: [] };
  const { microUsd } = await readSpend(context.store, account, now);
  const byId = new Map(deliveries.map((one) => [one.id, one]));
  const costs = new Map<string, Cost>();
  for (;;) {
    const schedule = plan(held, until);
    const slots = schedule.slots.filter(({ at }) => at < until);
    const unknown = slots.flatMap(({ delivery }) => (costs.has(delivery) ? [] : (byId.get(delivery) ?? [])));
    for (const [id, cost] of await costsOf(context, account, unknown)) costs.set(id, cost);
    const over = findOver(slots, costs, budget - microUsd);
    for (const [id, stage] of over) held.set(id, stage);
    if (over.size === 0) return { schedule: tellWhy(schedule, held, { budget, until }), stages: [...new Set(held.values())] };
  }
}

function findOver(slots: readonly Slot[], costs: ReadonlyMap<string, Cost>, room: number): Map<string, 'links' | 'everything'> {
  const over = new Map<string, 'links' | 'everything'>();
  let left = room;
  for (const stage of ['everything', 'links'] as const) {
    for (const { delivery } of slots) {
      const { microUsd = 0, hasLink = false } = costs.get(delivery) ?? {};
      if (hasLink !== (stage === 'links')) continue;
      if (microUsd > left) over.set(delivery, stage);
      else left -= microUsd;
    }
  }
  return over;
}

/** A pin that falls into this month waits with its reason; what goes by cadence is planned into the next. */
export function holdUntil(candidate: Candidate, until: Instant): Candidate {
  const isPinned = (candidate.pinnedAt ?? Infinity) < until || Date.parse(candidate.pinnedDate ?? '9999-12-31') < until;
  return isPinned ? { ...candidate, heldBecause: 'the budget' } : { ...candidate, notBefore: Math.max(candidate.notBefore ?? 0, until) };
}

function tellWhy({ slots, unplaced }: Schedule, held: Held, { budget, until }: { budget: number; until: Instant }): Schedule {
  const why = (id: string) =>
    held.get(id) === 'links'
      ? `this month's X budget of ${formatUsd(budget)} has no room for another post with a link`
      : `this month's X budget of ${formatUsd(budget)} is used up`;
  return {
    slots: slots.map((slot) => (held.has(slot.delivery) ? { ...slot, why: `${slot.why}; ${why(slot.delivery)}` } : slot)),
    unplaced: unplaced.map((one) =>
      held.has(one.delivery) && one.state === 'waiting' ? { ...one, reason: `${why(one.delivery)}: it waits until ${formatLocal(until, 'UTC')} UTC` } : one,
    ),
  };
}
