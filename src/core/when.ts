import {
  addDays,
  atLocal,
  isDate,
  type Instant,
  localDate,
  parseClock,
  parseDuration,
  parseLocalTime,
  weekdayOf,
  weekdays,
} from './time.ts';

/**
 * A future instant, as people type it: `2h`, `fri 9am`, `tomorrow 8:30`, `18:00`, `2026-12-01
 * 09:00`, `until` before any of them. A weekday or an hour means the next one; a day alone begins
 * at nine. Undefined: not understood.
 */
export function parseWhen(text: string, now: Instant, zone: string): Instant | undefined {
  const words = text
    .trim()
    .toLowerCase()
    .replace(/^(until|till|for|in|at|on)\s+/, '')
    .split(/\s+/)
    .filter((word) => word !== 'at');
  const joined = words.join(' ');
  const duration = parseDuration(joined);
  if (duration !== undefined) return now + duration;
  const exact = parseLocalTime(joined);
  if (exact) return exact.at ?? atLocal(exact.date, exact.minutes ?? nine, zone);
  const date = dateOf(words[0] ?? '', now, zone);
  const rest = date === undefined ? words : words.slice(1);
  const minutes = rest.length ? minutesOf(rest.join('')) : nine;
  if (minutes === undefined || (date === undefined && !rest.length)) return undefined;
  const today = localDate(now, zone);
  const at = atLocal(date ?? today, minutes, zone);
  if (at > now) return at;
  // An hour that has passed means tomorrow; a weekday that is today and has passed, next week.
  if (date === undefined) return atLocal(addDays(today, 1), minutes, zone);
  const isNextWeek = date === today && words[0] !== 'today';
  return isNextWeek ? atLocal(addDays(today, 7), minutes, zone) : at;
}

/** An instant in the past: `1d` ago, or a date. */
export function parseSince(text: string, now: Instant, zone: string): Instant | undefined {
  const duration = parseDuration(text);
  if (duration !== undefined) return now - duration;
  const exact = parseLocalTime(text);
  if (exact) return exact.at ?? atLocal(exact.date, exact.minutes ?? 0, zone);
  const words: Record<string, number> = { today: 0, yesterday: 1 };
  const days = words[text.trim().toLowerCase()];
  return days === undefined ? undefined : atLocal(addDays(localDate(now, zone), -days), 0, zone);
}

const monthNames =
  'jan(?:uary)? feb(?:ruary)? mar(?:ch)? apr(?:il)? may june? july? aug(?:ust)? ' +
  'sept?(?:ember)? oct(?:ober)? nov(?:ember)? dec(?:ember)?';
const monthWords = monthNames.split(' ').map((one) => new RegExp(`^${one}$`));

/** That it is not a time, or how a date without its year has to be written. */
export function whyNoTime(text: string, now: Instant, zone: string): string {
  const words = text.slice(0, 100);
  const date = nextOf(words.toLowerCase().replace(/^(?:until|till|on)\s+/, ''), now, zone);
  return date === undefined
    ? `"${words}" is not a time`
    : `"${words}" has no year. The next one is ${date}: write it so`;
}

/** The next `3 nov`, `Nov 3`, `11-03` or `3.11.`: `2027-11-03`. Undefined: it is no such date. */
function nextOf(text: string, now: Instant, zone: string): string | undefined {
  const found = readDayAndMonth(text);
  if (!found) return undefined;
  const today = localDate(now, zone);
  const year = Number(today.slice(0, 4));
  // Any nine years have a 29 February among them.
  const dates = Array.from({ length: 9 }, (_, i) => `${year + i}-${found}`);
  return dates.find((date) => date > today && isDate(date));
}

const dayAndMonth =
  /^(?:(\d{1,2})(?:\.|st|nd|rd|th)? ([a-z]{3,9})|([a-z]{3,9}) (\d{1,2})(?:st|nd|rd|th)?)\b/;
const numbersOnly = /^(?:(\d\d)-(\d\d)|(\d{1,2})\.(\d{1,2})\.)(?:\s|$)/;

function readDayAndMonth(text: string): string | undefined {
  const [, before, name, other, behind] = dayAndMonth.exec(text) ?? [];
  const [, month, number, numberFirst, monthLast] = numbersOnly.exec(text) ?? [];
  const word = name ?? other ?? '';
  const named = monthWords.findIndex((one) => one.test(word)) + 1;
  const pair = [
    Number(named || (month ?? monthLast)),
    Number(before ?? behind ?? number ?? numberFirst),
  ];
  return pair.every((one) => one > 0)
    ? pair.map((one) => String(one).padStart(2, '0')).join('-')
    : undefined;
}

const nine = 9 * 60;

function dateOf(word: string, now: Instant, zone: string): string | undefined {
  const today = localDate(now, zone);
  if (word === 'today') return today;
  if (word === 'tomorrow') return addDays(today, 1);
  const index = weekdays.findIndex(
    (weekday) =>
      word.length >= 3 &&
      word.startsWith(weekday) &&
      'monday tuesday wednesday thursday friday saturday sunday'.includes(word),
  );
  if (index < 0) return undefined;
  const distance = (index - weekdays.indexOf(weekdayOf(today)) + 7) % 7;
  return addDays(today, distance);
}

function minutesOf(text: string): number | undefined {
  if (text === 'noon') return 12 * 60;
  if (text === 'midnight') return 0;
  const half = /^(\d{1,2})(?::(\d\d))?(am|pm)$/.exec(text);
  if (!half) return parseClock(text);
  const hours = Number(half[1]);
  if (hours < 1 || hours > 12) return undefined;
  return ((hours % 12) + (half[3] === 'pm' ? 12 : 0)) * 60 + Number(half[2] ?? 0);
}
