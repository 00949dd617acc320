import { day, type Instant } from '../time.ts';

export interface BrakeInput {
  now: Instant;
  /** Counts of followers as they were looked at. */
  followers: readonly { at: Instant; count: number }[];
  /** What the network said against us: rate limits, spam warnings, reports. */
  warnings: readonly { at: Instant; text: string }[];
}

export interface Brake {
  /** What the rate is multiplied by until then. */
  factor: number;
  until: Instant;
  why: string;
}

const brakeFor7Days = 7 * day;
const week = 7 * day;
const fewestWeeks = 4;

/**
 * Half the rate for a week after a warning, or after a week that lost more followers than eight
 * weeks before it can explain.
 */
export function brakeOf({ now, followers, warnings }: BrakeInput): Brake | undefined {
  const warning = warnings
    .filter(({ at }) => at <= now && now - at < brakeFor7Days)
    .sort((a, b) => b.at - a.at)[0];
  if (warning)
    return {
      factor: 0.5,
      until: warning.at + brakeFor7Days,
      why: `half the rate for a week, since the network warned: ${warning.text}`,
    };
  const weeks = weeklyChanges(now, followers);
  const [last, ...before] = weeks;
  if (last === undefined || before.length < fewestWeeks) return undefined;
  const mean = before.reduce((sum, one) => sum + one, 0) / before.length;
  // An account that hardly moves has no spread to speak of; followers come and go like counts.
  const spread = Math.max(
    Math.sqrt(before.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (before.length - 1)),
    1,
    Math.sqrt(Math.abs(mean)),
  );
  if (last >= 0 || last >= mean - 3 * spread) return undefined;
  const usual = `${mean >= 0 ? '+' : ''}${Math.round(mean)}`;
  return {
    factor: 0.5,
    until: now + brakeFor7Days,
    why: `half the rate for a week, since ${-last} followers left in seven days (a usual week: ${usual}, give or take ${Math.round(spread)})`,
  };
}

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
