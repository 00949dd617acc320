import { day, hour, type Instant, offsetOf } from '../../time.ts';

export const hoursOfWeek = 168;

// 1970-01-01 was a Thursday.
const mondayBefore = 3 * day;

/** Hours of the wall clock since Monday 00:00: Sunday 23:30 is 167.5. */
export function hourOfWeek(at: Instant, zone: string): number {
  const local = at + offsetOf(at, zone) + mondayBefore;
  return (((local / hour) % hoursOfWeek) + hoursOfWeek) % hoursOfWeek;
}

/** A curve with a value for the middle of each hour of the week, linearly interpolated. */
export function readCurve(curve: ArrayLike<number>, position: number): number {
  const from = position - 0.5;
  const i = Math.floor(from);
  const share = from - i;
  const at = (index: number) => curve[(index + hoursOfWeek) % hoursOfWeek] ?? 0;
  return at(i) * (1 - share) + at(i + 1) * share;
}
