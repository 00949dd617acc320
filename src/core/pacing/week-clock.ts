import { Temporal } from 'temporal-polyfill';
import { day, hour, type Instant, minute } from '../time.ts';

export const hoursOfWeek = 168;

/** Offsets by UTC day, and by quarter of an hour on the days on which a zone changes its clock: asking for each instant is far too slow. */
const caches = new Map<string, Map<number, number>>();

const askOffset = (at: Instant, zone: string) => Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).offsetNanoseconds / 1e6;

/** What the wall clock in `zone` is ahead of UTC, in milliseconds. */
export function offsetOf(at: Instant, zone: string): number {
  let cache = caches.get(zone);
  if (!cache) caches.set(zone, (cache = new Map()));
  const date = Math.floor(at / day);
  const [before, after] = [cached(cache, date * day, zone), cached(cache, (date + 1) * day, zone)];
  return before === after ? before : cached(cache, Math.floor(at / (15 * minute)) * 15 * minute, zone);
}

function cached(cache: Map<number, number>, at: Instant, zone: string): number {
  const known = cache.get(at);
  if (known !== undefined) return known;
  const offset = askOffset(at, zone);
  cache.set(at, offset);
  return offset;
}

// 1970-01-01 was a Thursday.
const mondayBefore = 3 * day;

/** Where the wall clock stands in its week: 0 is Monday 00:00, 167.5 is Sunday 23:30. */
export function hourOfWeek(at: Instant, zone: string): number {
  const local = at + offsetOf(at, zone) + mondayBefore;
  return (((local / hour) % hoursOfWeek) + hoursOfWeek) % hoursOfWeek;
}

/** A curve given by the middle of each hour of the week, at any moment between. */
export function readCurve(curve: ArrayLike<number>, position: number): number {
  const from = position - 0.5;
  const i = Math.floor(from);
  const share = from - i;
  const at = (index: number) => curve[(index + hoursOfWeek) % hoursOfWeek] ?? 0;
  return at(i) * (1 - share) + at(i + 1) * share;
}
