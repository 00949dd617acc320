import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { expect, test } from 'vitest';
import {
  addDays,
  atLocal,
  formatFar,
  formatLocal,
  hour,
  localDate,
  localMinutes,
  minute,
  offsetOf,
  weekdayOf,
  weekdays,
} from '../../src/core/time.ts';

// Half an hour of summer time, odd quarters, none at all, a month of winter time within the summer,
// a date that never was.
const zones = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'UTC',
  'Africa/Casablanca',
  'Pacific/Apia',
  'America/St_Johns',
  'America/Goose_Bay',
];
const instants = fc.integer({
  min: Date.parse('1995-01-01T00:00Z'),
  max: Date.parse('2035-01-01T00:00Z'),
});
const zoned = (at: number, zone: string) =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);

const judge = (at: number, zone: string) => {
  const there = zoned(at, zone);
  expect([zone, at, offsetOf(at, zone)]).toEqual([zone, at, there.offsetNanoseconds / 1e6]);
  expect([zone, at, localDate(at, zone)]).toEqual([zone, at, there.toPlainDate().toString()]);
  const [name, date] = [
    there.toLocaleString('en-US', { weekday: 'short' }),
    `${there.day} ${there.toLocaleString('en-US', { month: 'short' })}`,
  ];
  expect(formatLocal(at, zone)).toBe(
    `${name} ${date} ${there.toPlainTime().toString().slice(0, 5)}`,
  );
  expect([zone, at, localMinutes(at, zone)]).toEqual([zone, at, there.hour * 60 + there.minute]);
};

const judgeLocal = (date: Temporal.PlainDate, minutes: number, zone: string) => {
  const wanted = date
    .toPlainDateTime()
    .add({ minutes })
    .toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds;
  expect([zone, date.toString(), minutes, atLocal(date.toString(), minutes, zone)]).toEqual([
    zone,
    date.toString(),
    minutes,
    wanted,
  ]);
};

test('dates, minutes and instants of a wall clock are those of the zone’s own rules, at any time', () => {
  fc.assert(
    fc.property(instants, fc.constantFrom(...zones), (at, zone) => judge(at, zone)),
    { numRuns: 1500 },
  );
  fc.assert(
    fc.property(
      instants,
      fc.integer({ min: 0, max: 1440 }),
      fc.constantFrom(...zones),
      (at, minutes, zone) => judgeLocal(zoned(at, zone).toPlainDate(), minutes, zone),
    ),
    { numRuns: 1500 },
  );
});

test('days of the week and sums of days are the calendar’s own', () => {
  fc.assert(
    fc.property(instants, fc.integer({ min: -800, max: 800 }), (at, days) => {
      const date = zoned(at, 'UTC').toPlainDate();
      expect(addDays(date.toString(), days)).toBe(date.add({ days }).toString());
      expect(weekdays.indexOf(weekdayOf(date.toString())) + 1).toBe(date.dayOfWeek);
    }),
  );
});

test('around each change of a clock it is right to the minute', () => {
  for (const zone of zones) {
    let change = zoned(Date.parse('2025-01-01T00:00Z'), zone).getTimeZoneTransition('next');
    for (let i = 0; change && i < 4; i++) {
      const at = change.epochMilliseconds;
      for (let shift = -2 * hour; shift <= 2 * hour; shift += 5 * minute)
        judge(at + shift - 1, zone);
      for (let minutes = 0; minutes <= 1440; minutes += 10)
        for (const days of [-1, 0, 1])
          judgeLocal(change.toPlainDate().add({ days }), minutes, zone);
      change = change.getTimeZoneTransition('next');
    }
  }
});

test.each([
  ['2026-12-01T10:00:00Z', 'Tue 1 Dec 11:00'],
  ['2027-12-31T23:30:00Z', 'Sat 1 Jan 2028 00:30'],
  ['9999-12-31T20:59:00Z', 'Fri 31 Dec 9999 21:59'],
  ['2020-07-01T10:00:00Z', 'Wed 1 Jul 2020 12:00'],
])('a time that is far away is told with its year: %s', (at, told) => {
  expect(formatFar(Date.parse(at), 'Europe/Berlin', Date.parse('2026-11-28T12:00:00Z'))).toBe(told);
});
