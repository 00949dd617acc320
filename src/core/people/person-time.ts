import type { Cadence } from '../schedule/cadence.ts';
import { addDays, atLocal, day, type Instant, localDate, weekdayOf } from '../time.ts';

type Timing = Pick<Cadence, 'windows' | 'days'>;

/** A week holds every open hour there is. */
const mostDays = 8;

/** The first instant from here on that lies in a window, on the person's own clock. */
export function nextOpenTime(from: Instant, { windows, days }: Timing, zone: string): Instant {
  let date = localDate(from, zone);
  for (let i = 0; i <= mostDays; i += 1, date = addDays(date, 1)) {
    if (!days.includes(weekdayOf(date))) continue;
    const openings = windows
      .map((window) => ({
        start: atLocal(date, window.from, zone),
        end: atLocal(date, window.to, zone),
      }))
      .filter(({ end, start }) => end > from && end > start)
      .map(({ start }) => Math.max(start, from));
    if (openings.length > 0) return Math.min(...openings);
  }
  return from + mostDays * day;
}

const week = 7 * day;

/** When one more would be no more than so many within any seven days. */
export function afterCap(sentAt: readonly Instant[], perWeek: number, now: Instant): Instant {
  if (perWeek <= 0) return Infinity;
  const recent = sentAt.filter((at) => at > now - week).toSorted((a, b) => b - a);
  const decisive = recent[perWeek - 1];
  return decisive === undefined ? now : decisive + week;
}
