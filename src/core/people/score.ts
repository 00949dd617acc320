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

/** An act that came late counts as much as it would by now. */
export function withAct(person: Scored, act: Act, points: ScorePoints): Scored {
  const gained = pointsOf(act, points);
  const now = Math.max(person.scoredAt, act.at);
  const fresh = scoreAt({ score: gained, scoredAt: act.at }, now);
  return { score: scoreAt(person, now) + fresh, scoredAt: now };
}

function pointsOf({ kind, name = '', verdict }: Act, points: ScorePoints): number {
  if (verdict === 'unsure') return 0;
  if (kind === 'clicked') return points.click;
  if (kind === 'visited') return points.visit;
  if (kind === 'replied') return points.reply;
  if (kind === 'bought') return points.bought;
  return kind === 'event' && /^cart([._-]|$)/.test(name) ? points.cart : 0;
}
