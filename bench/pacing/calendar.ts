import { openTimes, type OpenTime } from '../../src/core/schedule/cadence.ts';
import { addDays, hour, type Instant } from '../../src/core/time.ts';
import { openFrom, openTo } from './world.ts';

/** All worlds live here: its clock changes in the fourth week. */
export const zone = 'Europe/Berlin';
export const firstDate = '2026-03-02';

export interface CalendarDay {
  date: string;
  openTimes: OpenTime[];
}

const known: CalendarDay[][] = [];

/** The seven dates of a week, Monday first. */
export function daysOf(week: number): CalendarDay[] {
  return (known[week] ??= Array.from({ length: 7 }, (_, i) => {
    const date = addDays(firstDate, week * 7 + i);
    return { date, openTimes: openTimes([{ from: openFrom * 60, to: openTo * 60 }], date, zone) };
  }));
}

/** Midnight at the beginning of a week. */
export const startOf = (week: number): Instant =>
  (daysOf(week)[0]?.openTimes[0]?.from ?? 0) - openFrom * hour;

/** The wall clock's instant on the week's day, from Monday as 0. */
export const clockAt = (week: number, weekday: number, hours: number): Instant =>
  (daysOf(week)[weekday]?.openTimes[0]?.from ?? 0) + (hours - openFrom) * hour;

/** What every policy has to keep to. */
export const rules = { perWeek: 10, perDay: 4, minGapFor: 3 * hour };
