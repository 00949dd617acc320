import { day, type Instant } from '../time.ts';
import type { Act } from './act.ts';
import type { Person } from './person.ts';

/** Points for what people do. */
export type ScorePoints = Readonly<Record<'click' | 'visit' | 'reply' | 'cart' | 'bought', number>>;

export const defaultPoints: ScorePoints = { click: 1, visit: 1, reply: 10, cart: 5, bought: 0 };

const halfLife = 30 * day;

type Scored = Pick<Person, 'score' | 'scoredAt'>;

/** What is left of it by now. */
export function scoreAt({ score, scoredAt }: Scored, now: Instant): number {
  const age = Math.max(0, now - scoredAt);
  return score * 2 ** (-age / halfLife);
}

/** Of all that somebody did: the same acts give the same score, in whatever order they came. */
export const scoreOf = (acts: readonly Act[], points: ScorePoints, now: Instant): number =>
  acts.reduce(
    (sum, act) => sum + scoreAt({ score: pointsOf(act, points), scoredAt: act.at }, now),
    0,
  );

function pointsOf({ kind, name = '', verdict }: Act, points: ScorePoints): number {
  if (verdict === 'unsure') return 0;
  if (kind === 'clicked') return points.click;
  if (kind === 'visited') return points.visit;
  if (kind === 'replied') return points.reply;
  if (kind === 'bought') return points.bought;
  return kind === 'event' && /^cart([._-]|$)/.test(name) ? points.cart : 0;
}
