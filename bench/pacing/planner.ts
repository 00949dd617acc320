import { chooseTimes, shareOverDays } from '../../src/core/pacing/choose.ts';
import type { Instant } from '../../src/core/time.ts';
import { daysOf, rules, zone } from './calendar.ts';

export interface PlanInput {
  scores: readonly number[];
  week: number;
  earlier: readonly { at: Instant }[];
  seed: string;
  probes?: number;
}

/**
 * A channel's week from scores for each hour of it: the product's own planner, for every policy
 * that has scores.
 */
export function planWeek({ scores, week, earlier, seed, probes = 0 }: PlanInput): Instant[] {
  const model = { scores: scores as number[], zone };
  const days = daysOf(week);
  const shares = shareOverDays(model, days, {
    quota: rules.perWeek,
    minGapFor: rules.minGapFor,
  });
  const taken = earlier.slice(-5).map(({ at }) => at);
  for (const { date, openTimes } of days) {
    const count = Math.min(rules.perDay, shares[date] ?? 0);
    taken.push(
      ...chooseTimes({
        model,
        openTimes,
        count,
        minGapFor: rules.minGapFor,
        taken,
        seed: `${seed} ${date}`,
        probes,
      }).map(({ at }) => at),
    );
  }
  return taken.slice(Math.min(5, earlier.length));
}
