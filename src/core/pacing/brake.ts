import { plural } from '../plural.ts';
import { day, type Instant } from '../time.ts';

export interface BrakeInput {
  now: Instant;
  /** Counts of followers, at the instants when they were read. */
  followers: readonly { at: Instant; count: number }[];
  /** Rate limits, spam warnings and reports. */
  warnings: readonly { at: Instant; text: string }[];
}

export interface Brake {
  /** The rate is multiplied by it. */
  factor: number;
  until: Instant;
  why: string;
}

const brakeFor = 7 * day;
const week = 7 * day;
const fewestWeeks = 4;

/**
 * Half the rate for a week after a warning, or after a week that lost more followers than eight
 * weeks before it can explain.
 */
export function brakeOf({ now, followers, warnings }: BrakeInput): Brake | undefined {
  const warning = warnings
    .filter(({ at }) => at <= now && now - at < brakeFor)
    .sort((a, b) => b.at - a.at)[0];
  if (warning) return halfRate(warning.at, `the network warned: ${warning.text}`);
  const [last, ...before] = weeklyChanges(now, followers);
  if (last === undefined || before.length < fewestWeeks) return undefined;
  const mean = before.reduce((sum, one) => sum + one, 0) / before.length;
  // The spread of an account that hardly changes says little: followers come and go like counts.
  const spread = Math.max(
    Math.sqrt(before.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (before.length - 1)),
    1,
    Math.sqrt(Math.abs(mean)),
  );
  if (last >= 0 || last >= mean - 3 * spread) return undefined;
  const usual = `a usual week: ${mean >= 0 ? '+' : ''}${Math.round(mean)}`;
  const left = `${plural(-last, 'follower')} left in seven days`;
  return halfRate(now, `${left} (${usual}, give or take ${Math.round(spread)})`);
}

const halfRate = (from: Instant, reason: string): Brake => ({
  factor: 0.5,
  until: from + brakeFor,
  why: `half the rate for a week, since ${reason}`,
});

/** Newest first, as long as there are counts: at most the last week and the eight before. */
function weeklyChanges(
  now: Instant,
  followers: readonly { at: Instant; count: number }[],
): number[] {
  const sorted = followers.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
  const countAt = (at: Instant) => sorted.findLast((one) => one.at <= at)?.count;
  const changes: number[] = [];
  for (let i = 0; i < 9; i++) {
    const [from, to] = [countAt(now - (i + 1) * week), countAt(now - i * week)];
    if (from === undefined || to === undefined) break;
    changes.push(to - from);
  }
  return changes;
}
