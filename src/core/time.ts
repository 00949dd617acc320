import { plural } from './plural.ts';
/** Milliseconds since 1970-01-01T00:00Z. */
export type Instant = number;

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;
export const minutesPerDay = 1440;

export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return /^[A-Za-z]/.test(zone);
  } catch {
    return false;
  }
}

/** `2026-11-24T08:30:00Z`; milliseconds only where there are some. */
export function toIso(at: Instant): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}

/**
 * Offsets by UTC day, and by minute on the days on which a zone changes its clock (one has done so
 * at 00:01): asking for each instant is far too slow.
 */
const caches = new Map<string, Map<number, number>>();
const formats = new Map<string, Intl.DateTimeFormat>();

/** From `GMT`, `GMT+05:45`, and before there were zones `GMT+00:53:28`. */
function askOffset(at: Instant, zone: string): number {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    formats.set(zone, format);
  }
  const match = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(format.format(at));
  if (!match) return 0;
  const [, sign, hours, minutes, seconds = 0] = match;
  const offset = Number(hours) * hour + Number(minutes) * minute + Number(seconds) * second;
  return sign === '-' ? -offset : offset;
}

/** What the wall clock in `zone` is ahead of UTC, in milliseconds. */
export function offsetOf(at: Instant, zone: string): number {
  let cache = caches.get(zone);
  if (!cache) caches.set(zone, (cache = new Map()));
  const date = Math.floor(at / day);
  const [before, after] = [cached(cache, date * day, zone), cached(cache, (date + 1) * day, zone)];
  return before === after ? before : cached(cache, Math.floor(at / minute) * minute, zone);
}

function cached(cache: Map<number, number>, at: Instant, zone: string): number {
  const known = cache.get(at);
  if (known !== undefined) return known;
  const offset = askOffset(at, zone);
  cache.set(at, offset);
  return offset;
}

/** `YYYY-MM-DD` of the wall calendar there. */
export function localDate(at: Instant, zone: string): string {
  return new Date(at + offsetOf(at, zone)).toISOString().slice(0, 10);
}

/** Minutes since local midnight, as the wall clock shows them. */
export function localMinutes(at: Instant, zone: string): number {
  const local = at + offsetOf(at, zone);
  return Math.floor((local - Math.floor(local / day) * day) / minute);
}

/** `Tue 24 Nov 08:30`, for people. */
export function formatLocal(at: Instant, zone: string): string {
  const local = new Date(at + offsetOf(at, zone));
  const clock = formatClock(local.getUTCHours() * 60 + local.getUTCMinutes());
  return `${formatDate(local.toISOString().slice(0, 10))} ${clock}`;
}

/** With its year where half a year or more lies between: `Fri 31 Dec 2032 23:59`. */
export function formatFar(at: Instant, zone: string, now: Instant): string {
  if (Math.abs(at - now) < 180 * day) return formatLocal(at, zone);
  const date = localDate(at, zone);
  return `${formatDate(date)} ${date.slice(0, -6)} ${formatLocal(at, zone).slice(-5)}`;
}

/** `Tue 24 Nov`, for people. */
export function formatDate(date: string): string {
  const weekday = weekdayOf(date).replace(/^./, (letter) => letter.toUpperCase());
  return `${weekday} ${formatDay(date)}`;
}

/** `24 Nov`. */
export function formatDay(date: string): string {
  const [, month, number] = date.split('-');
  return `${Number(number)} ${months[Number(month) - 1] ?? ''}`;
}
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

export function weekdayOf(date: string): Weekday {
  // 1970-01-01 was a Thursday.
  return weekdays[(((dayNumber(date) + 3) % 7) + 7) % 7] as Weekday;
}

export function addDays(date: string, days: number): string {
  return new Date((dayNumber(date) + days) * day).toISOString().slice(0, 10);
}

/** The Monday of the date's week. */
export const mondayOf = (date: string): string => addDays(date, -weekdays.indexOf(weekdayOf(date)));

/** Days since 1970-01-01: a date as a number. */
export function dayNumber(date: string): number {
  return Math.round(Date.parse(`${date}T00:00Z`) / day);
}

export function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00Z`);
  // The 30th of February would be a day in March.
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

/**
 * The instant at which a wall clock in `zone` shows this. A time inside a spring gap moves later by
 * the gap's length; a time that happens twice in autumn is the first of the two. `minutes` may be
 * 1440: midnight at the end of the day.
 */
export function atLocal(date: string, minutes: number, zone: string): Instant {
  const local = Date.parse(`${date}T00:00Z`) + minutes * minute;
  const before = offsetOf(local - day, zone);
  const after = offsetOf(local + day, zone);
  // Before a change of the clock first: of the two times in autumn, it is the earlier one.
  const found = [before, after].find((offset) => offsetOf(local - offset, zone) === offset);
  return local - (found ?? before);
}

/** Whether the wall clock in `zone` never shows this minute. */
export function isInGap(date: string, minutes: number, zone: string): boolean {
  return localMinutes(atLocal(date, minutes, zone), zone) !== minutes % minutesPerDay;
}

export interface LocalTime {
  date: string;
  /** Absent where only a day was named. */
  minutes?: number;
  /** Where an offset or Z was written: the instant itself. */
  at?: Instant;
}

/**
 * Reads `2026-11-24`, `2026-11-24 09:30`, `2026-11-24T09:30:00`, and the same with `Z` or `+01:00`.
 */
export function parseLocalTime(text: string): LocalTime | undefined {
  const match =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d{1,2}):(\d\d)(?::\d\d(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?$/i.exec(
      text.trim(),
    );
  if (!match?.[1] || !isDate(match[1])) return undefined;
  const [, date, hours, mins, offset] = match;
  if (hours === undefined) return { date };
  const minutes = Number(hours) * 60 + Number(mins);
  if (Number(hours) > 23 || Number(mins) > 59) return undefined;
  if (!offset) return { date, minutes };
  const shift = /^z$/i.test(offset) ? 'Z' : offset.replace(/^([+-]\d\d):?(\d\d)$/, '$1:$2');
  const at = Date.parse(`${date}T${hours.padStart(2, '0')}:${mins}:00${shift}`);
  return Number.isNaN(at) ? undefined : { date, minutes, at };
}

const units: Record<string, number> = {
  s: second,
  m: minute,
  h: hour,
  d: day,
  w: 7 * day,
  y: 365 * day,
};

/** Units as people write them: `2 hours`, `90 min`. */
const unitWords =
  /(?<=\d)(?:sec(?:ond)?s?|min(?:ute)?s?|hours?|hrs?|days?|weeks?|wks?|years?|yrs?)(?![a-z])/g;

/**
 * `90m`, `2h`, `1d12h`, `45s`, `2y`, `2 hours`, `1 hour and 30 min`; a bare `0` too. In
 * milliseconds.
 */
export function parseDuration(text: string): number | undefined {
  const compact = text
    .slice(0, 200)
    .trim()
    .toLowerCase()
    .replace(/(?<=[a-z])(?:\s*,\s*|\s+)(?:and\s+)?(?=\d)/g, '')
    .replace(/\s+/g, '')
    .replace(unitWords, (word) => word.slice(0, 1));
  if (compact === '0') return 0;
  if (!/^(\d+(\.\d+)?[smhdwy])+$/.test(compact)) return undefined;
  let total = 0;
  for (const [, amount, unit] of compact.matchAll(/(\d+(?:\.\d+)?)([smhdwy])/g))
    total += Number(amount) * (units[unit ?? ''] ?? 0);
  return total > longestDuration ? undefined : Math.round(total);
}

/** Beyond a century, what it ends in is no date that could be shown. */
const longestDuration = 36_525 * day;

/** `1h 30m`, for people; the two largest units. */
export function formatDuration(ms: number): string {
  const parts: string[] = [];
  let rest = Math.max(0, Math.round(ms / 1000)) * 1000;
  for (const [unit, size] of [
    ['d', day],
    ['h', hour],
    ['m', minute],
    ['s', second],
  ] as const) {
    const amount = Math.floor(rest / size);
    if (amount > 0 && parts.length < 2) parts.push(`${amount}${unit}`);
    rest -= amount * size;
  }
  return parts.length ? parts.join(' ') : '0s';
}

/** For sentences: `2 days`, `1 hour and 30 minutes`. */
export function tellDuration(ms: number): string {
  const names = { d: 'day', h: 'hour', m: 'minute', s: 'second' };
  const parts = formatDuration(ms)
    .split(' ')
    .map((part) => {
      const unit = part.slice(-1) as keyof typeof names;
      return plural(Number(part.slice(0, -1)), names[unit]);
    });
  return parts.join(' and ');
}

/** `08:30` as minutes since midnight; `24:00` is the end of the day. */
export function parseClock(text: string): number | undefined {
  const match = /^(\d{1,2}):(\d\d)$/.exec(text.trim());
  if (!match) return undefined;
  const minutes = Number(match[1]) * 60 + Number(match[2]);
  return Number(match[2]) < 60 && minutes <= minutesPerDay ? minutes : undefined;
}

export function formatClock(minutes: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** What people are told of the sandbox's clock. */
export function tellSpeed(speed: number): string {
  const seconds = Math.round(day / speed / second);
  return `The sandbox's clock runs ${speed} times faster: a day takes ${seconds} seconds.`;
}
