import { hoursOfWeek } from './slots/week-clock.ts';

/**
 * Where most of the audience lives: in the account's own zone, so many hours ahead of it, or
 * everywhere.
 */
export type AudiencePlace = 'mostly-here' | 'worldwide' | number;

/**
 * Per cent more or less than usual by the hour, on a working day: a plateau from eight to eight, a
 * little more at nine, one, and after work.
 */
const workday = [
  -15, -15, -15, -15, -15, -15, -14, -9, -1, 4, 3, 2, 4, 5, 4, 3, 4, 7, 9, 9, 7, 1, -6, -12,
];
const weekend = [
  -15, -15, -15, -15, -15, -15, -15, -14, -11, -6, -4, -4, -4, -4, -5, -5, -4, -2, 0, 1, 0, -4, -9,
  -14,
];

/**
 * The prior, before anything is known of an account: for each hour of the week (Monday 00:00 first,
 * wall clock of the account) the logarithm of how many times the usual echo a post gets. Mild on
 * purpose: it is right for the average account, and wrong for many.
 */
export function priorCurve(place: AudiencePlace): number[] {
  const ahead = typeof place === 'number' ? Math.round(place) : 0;
  if (place === 'worldwide') return Array.from({ length: hoursOfWeek }, () => 0);
  return Array.from({ length: hoursOfWeek }, (_, i) => {
    const theirs = (((i + ahead) % hoursOfWeek) + hoursOfWeek) % hoursOfWeek;
    const table = theirs >= 120 ? weekend : workday;
    return Math.log1p((table[theirs % 24] ?? 0) / 100);
  });
}
