import { hour, type Instant } from '../../src/core/time.ts';
import { clockAt, daysOf, startOf } from './calendar.ts';
import type { Policy } from './simulate.ts';
import { openFrom, openTo, type World } from './world.ts';

/** Ten of the 21 slots of a week, each in its turn; the networks begin at different places. */
function rotate(c: number, week: number): Instant[] {
  const hours = [9, 14, 19];
  return Array.from({ length: 10 }, (_, i) => {
    const slot = (Math.floor((i * 21) / 10) + ((week + c) % 2)) % 21;
    return clockAt(week, Math.floor(slot / 3), hours[slot % 3] ?? 9);
  }).sort((a, b) => a - b);
}

const onWeekdays = (week: number): Instant[] =>
  [0, 1, 2, 3, 4].flatMap((weekday) => [clockAt(week, weekday, 9), clockAt(week, weekday, 16)]);

/** Every 16.8 hours; releases that fall into the night wait for its end. */
function evenly(week: number): Instant[] {
  const times: Instant[] = [];
  for (let i = 0; i < 10; i++) {
    const wanted = startOf(week) + (i + 0.3) * 16.8 * hour;
    const day = daysOf(week).find(({ openTimes }) => wanted < startOfNight(openTimes));
    const from = day?.openTimes[0]?.from ?? wanted;
    times.push(Math.max(wanted, from, (times.at(-1) ?? 0) + 3 * hour));
  }
  return times;
}

const startOfNight = (openTimes: { from: Instant }[]) =>
  (openTimes[0]?.from ?? 0) + (openTo - openFrom) * hour;

export const calendars = {
  fixed:
    ({ channels }: World): Policy =>
    ({ week }) =>
      channels.map((_, c) => rotate(c, week)),
  weekday:
    ({ channels }: World): Policy =>
    ({ week }) =>
      channels.map(() => onWeekdays(week)),
  even:
    ({ channels }: World): Policy =>
    ({ week }) =>
      channels.map(() => evenly(week)),
};
