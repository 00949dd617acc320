import { pickDefined } from '../../core/pick-defined.ts';
import { traitsOf } from '../../core/network/traits-of.ts';
import { formatUsd } from '../../core/network/x-prices.ts';
import type { Context } from '../context.ts';
import { costsOf } from './cost.ts';
import { computePlan } from '../plan/plan.ts';
import { budgetOf, nextMonth, readSpend } from './spend.ts';

/** An account's month at X, in millionths of a USD. */
export interface Forecast {
  account: string;
  /** `2026-11`, UTC. */
  month: string;
  microUsd: number;
  /** What is planned until the month ends would cost, were there no budget. */
  plannedMicroUsd: number;
  budget?: number;
}

/** One for each account at X. */
export async function readForecasts(
  context: Pick<Context, 'store' | 'clock' | 'settings'>,
): Promise<Forecast[]> {
  const { store, clock, settings } = context;
  const now = clock.now();
  const until = nextMonth(now);
  return Promise.all(
    settings.accounts
      .filter(({ network }) => traitsOf(network).billing)
      .map(async ({ name: account }) => {
        const { deliveries, schedule } = await computePlan(context, account, {
          ahead: until - now,
          isUnlimited: true,
        });
        const planned = schedule.slots.flatMap(({ delivery, at }) =>
          at < until ? (deliveries.get(delivery) ?? []) : [],
        );
        const costs = await costsOf(context, account, planned);
        const plannedMicroUsd = [...costs.values()].reduce(
          (sum, { microUsd }) => sum + microUsd,
          0,
        );
        const { month, microUsd } = await readSpend(store, account, now);
        const budget = budgetOf(settings, account);
        return {
          account,
          month,
          microUsd,
          plannedMicroUsd,
          ...pickDefined({ budget }),
        };
      }),
  );
}

/** What a person should know before the budget says it; undefined: it will do. */
export function warnOf({
  account,
  month,
  microUsd,
  plannedMicroUsd,
  budget,
}: Forecast): string | undefined {
  if (budget === undefined || microUsd + plannedMicroUsd <= budget) return undefined;
  const total = formatUsd(microUsd + plannedMicroUsd);
  const limit = formatUsd(budget);
  return `as scheduled, ${account} comes to ${total} in ${month}, over its budget of ${limit}`;
}

export const overBudgetHint =
  'posts with links wait for the next month first: raise the budget, or leave links out';
