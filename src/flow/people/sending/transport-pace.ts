import { day, hour, type Instant, localDate, second } from '../../../core/time.ts';
import { StoreError } from '../../../ports/store.ts';
import { changeFact, factKey } from '../../facts.ts';
import type { PeopleContext } from '../people-context.ts';

/** What a transport has sent: kept over restarts, and shared by all processes. */
interface PaceFact {
  /** The local day that is counted. */
  date: string;
  count: number;
  /** One more is allowed from here on. */
  freeAt: Instant;
  /** When the first one went out: a warm-up counts from there. */
  since?: Instant;
}

const paceFact = (medium: string) =>
  factKey<PaceFact>(`pace:${medium}`, { date: '', count: 0, freeAt: 0 });

export interface Pace {
  medium: string;
  perSecond: number;
  perDay: number;
  /** A new domain begins with few, and doubles them each week. */
  warmUp: boolean;
}

const firstPerDay = 50;
const week = 7 * day;

function perDayAt({ perDay, warmUp }: Pace, since: Instant, now: Instant): number {
  if (!warmUp) return perDay;
  const weeks = Math.max(0, Math.floor((now - since) / week));
  return Math.min(perDay, firstPerDay * 2 ** Math.min(20, weeks));
}

/** Takes one turn; undefined: now. Else when the next one is. */
export async function takeTurn(
  { store, clock, settings }: Pick<PeopleContext, 'store' | 'clock' | 'settings'>,
  pace: Pace,
): Promise<Instant | undefined> {
  const { medium, perSecond } = pace;
  const now = clock.now();
  const date = localDate(now, settings.zone);
  let waitUntil: Instant | undefined;
  const take = (fact: PaceFact): PaceFact | undefined => {
    const count = fact.date === date ? fact.count : 0;
    // A clock that was set back holds nothing up: the next turn is never farther away than this.
    const freeAt = fact.freeAt > now + second / perSecond ? now : fact.freeAt;
    waitUntil = freeAt > now ? freeAt : undefined;
    const { since = now } = fact;
    if (count >= perDayAt(pace, since, now)) waitUntil = now + hour;
    if (waitUntil !== undefined) return undefined;
    const next = Math.max(freeAt, now - second) + second / perSecond;
    return { date, count: count + 1, freeAt: next, since };
  };
  try {
    await changeFact(store, paceFact(medium), take);
  } catch (error) {
    // Other processes take turns faster than this one: it waits for its own.
    if (!(error instanceof StoreError) || error.kind !== 'unavailable') throw error;
    return now + second;
  }
  return waitUntil;
}
