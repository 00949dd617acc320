import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatDuration,
  hour,
  isDate,
  isInGap,
  isZone,
  minute,
  parseClock,
  parseDuration,
  parseLocalTime,
  toIso,
} from '../../src/core/time.ts';
import { parseSince, parseWhen, whyNoTime } from '../../src/core/when.ts';

// A Tuesday, nine in the morning in Berlin.
const now = Date.parse('2026-11-24T08:00:00Z');
const when = (text: string, at = now) => {
  const found = parseWhen(text, at, 'Europe/Berlin');
  return found === undefined ? undefined : toIso(found);
};

test('an instant ahead is read as people type it', () => {
  const cases: Record<string, string> = {
    '2h': '2026-11-24T10:00:00Z',
    '90m': '2026-11-24T09:30:00Z',
    'for 1d 12h': '2026-11-25T20:00:00Z',
    '18:00': '2026-11-24T17:00:00Z',
    '8:30': '2026-11-25T07:30:00Z',
    '6pm': '2026-11-24T17:00:00Z',
    'at 12am': '2026-11-24T23:00:00Z',
    'until fri 9am': '2026-11-27T08:00:00Z',
    Friday: '2026-11-27T08:00:00Z',
    'thurs 14:00': '2026-11-26T13:00:00Z',
    'tue 10:00': '2026-11-24T09:00:00Z',
    'tue 8am': '2026-12-01T07:00:00Z',
    tuesday: '2026-12-01T08:00:00Z',
    tomorrow: '2026-11-25T08:00:00Z',
    'tomorrow at 8:30': '2026-11-25T07:30:00Z',
    'today 23:59': '2026-11-24T22:59:00Z',
    noon: '2026-11-24T11:00:00Z',
    'sat midnight': '2026-11-27T23:00:00Z',
    '2026-12-01': '2026-12-01T08:00:00Z',
    '2026-12-01 7:15': '2026-12-01T06:15:00Z',
    '2026-12-01T07:15:00Z': '2026-12-01T07:15:00Z',
    'in 45s': '2026-11-24T08:00:45Z',
  };
  for (const [text, at] of Object.entries(cases)) expect([text, when(text)]).toEqual([text, at]);
});

test('what is not understood is nothing, rather than a guess', () => {
  for (const text of [
    '',
    'soon',
    'fr',
    'friendly',
    '25:00',
    '13pm',
    '0am',
    'fri 9',
    'tomorrow soon',
    '2026-13-01',
    '2026-02-30',
    '-2h',
    '2 fortnights',
    'fri 9am please',
    'until',
  ])
    expect([text, when(text)]).toEqual([text, undefined]);
});

test('an hour in the gap of the clocks moves on', () => {
  expect(when('2027-03-28 02:30')).toBe('2027-03-28T01:30:00Z');
  expect(when('sun 02:30', Date.parse('2027-03-27T12:00Z'))).toBe('2027-03-28T01:30:00Z');
});

test('an instant in the past is read too', () => {
  const since = (text: string) => {
    const found = parseSince(text, now, 'Europe/Berlin');
    return found === undefined ? undefined : toIso(found);
  };
  expect(['1d', 'today', 'Yesterday', '2026-11-01', '2026-11-01 12:00'].map(since)).toEqual([
    '2026-11-23T08:00:00Z',
    '2026-11-23T23:00:00Z',
    '2026-11-22T23:00:00Z',
    '2026-10-31T23:00:00Z',
    '2026-11-01T11:00:00Z',
  ]);
  expect(['', 'ever', 'fri'].map(since)).toEqual([undefined, undefined, undefined]);
});

test('durations in words are what people type', () => {
  expect(
    ['2 hours', '1 hour', '90 min', '1 hour and 30 min', '1 day, 2 hrs', '2weeks', '45 secs'].map(
      parseDuration,
    ),
  ).toEqual([2 * hour, hour, 90 * minute, 90 * minute, 26 * hour, 336 * hour, 45_000]);
  expect(['101y', '99999999d', '9'.repeat(190) + 'w'].map(parseDuration)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(['2 fortnights', '1 hourly', 'two hours', '3 and 4 min'].map(parseDuration)).toEqual(
    Array(4).fill(undefined),
  );
});

test('durations, clocks, dates and zones are read strictly', () => {
  expect(
    ['90m', '2h', '1d12h', '1.5h', '0', ' 2 H ', '1w', '45s', '2y', '1 year'].map(parseDuration),
  ).toEqual([
    90 * minute,
    2 * hour,
    36 * hour,
    90 * minute,
    0,
    2 * hour,
    168 * hour,
    45_000,
    2 * 365 * 24 * hour,
    365 * 24 * hour,
  ]);
  expect(['', '90', 'h', '2h3', '-2h', '1yy', '2 months', 'soon'].map(parseDuration)).toEqual(
    Array(8).fill(undefined),
  );
  expect(['8:30', '08:30', '24:00', '00:00'].map(parseClock)).toEqual([510, 510, 1440, 0]);
  expect(['24:01', '8', '8:3', '8:60', 'a:00'].map(parseClock)).toEqual(Array(5).fill(undefined));
  expect(['2028-02-29', '2026-02-29', '2026-1-1', '20260101'].map(isDate)).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect(
    ['Europe/Berlin', 'UTC', 'Mars/Phobos', '+02:00', '', 'europe/berlin'].map(isZone),
  ).toEqual([true, true, false, false, false, true]);
  expect(['2026-11-24 24:00', '2026-11-24 9', '2026-11-24 09:60'].map(parseLocalTime)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(isInGap('2026-10-04', 135, 'Australia/Lord_Howe')).toBe(true);
});

test('a duration that was written is read again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), (minutes) => {
      const again = parseDuration(formatDuration(minutes * minute)) ?? 0;
      // Two units are written, so a day and some hours lose their minutes.
      expect(minutes * minute - again).toBeLessThan(minutes < 1440 ? 1 : hour);
      expect(again).toBeLessThanOrEqual(minutes * minute);
    }),
  );
  expect([0, 500, 59_000, 3 * hour, 26.5 * hour].map(formatDuration)).toEqual([
    '0s',
    '1s',
    '59s',
    '3h',
    '1d 2h',
  ]);
});

test.each([
  ['3 nov', '2027-11-03'],
  ['Nov 3 09:00', '2027-11-03'],
  ['3rd november', '2027-11-03'],
  ['11-03', '2027-11-03'],
  ['3.11.', '2027-11-03'],
  ['until dec 24', '2026-12-24'],
  ['29 feb', '2028-02-29'],
])('a date without its year (%s) is told with its next one', (text, date) => {
  const now = Date.parse('2026-11-24T10:00:00Z');
  expect(parseWhen(text, now, 'Europe/Berlin')).toBeUndefined();
  expect(whyNoTime(text, now, 'Europe/Berlin')).toBe(
    `"${text}" has no year. The next one is ${date}: write it so`,
  );
});

test.each(['', 'whenever', '31 nov', '0 dec', '13-40', 'marsh 3', '3 decade'])(
  '"%s" is not a time',
  (text) => {
    const now = Date.parse('2026-11-24T10:00:00Z');
    expect(whyNoTime(text, now, 'UTC')).toBe(`"${text}" is not a time`);
  },
);
