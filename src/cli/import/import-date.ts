import { atLocal, type Instant, isDate, localDate, parseLocalTime } from '../../core/time.ts';

export type DayOrder = 'day-first' | 'month-first';

export interface DateOptions {
  zone: string;
  now: Instant;
  /** How to read 03/04/2026; absent: such a date is refused. */
  order?: DayOrder | undefined;
}

/** The `date` of a post, or why it cannot be read. */
export type ReadDate = { date: string; isPast: boolean } | { what: string; hint: string };

const hint = 'write it as 2026-11-24 09:30';
const monthNames = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

/**
 * `2026-11-24 09:30`, `24.11.2026`, `11/24/2026 9:30 AM`, `Nov 24, 2026`, with or without an
 * offset. A date that can be read in two ways is refused.
 */
export function readDate(text: string, { zone, now, order }: DateOptions): ReadDate {
  const iso = text.trim().replaceAll(/\s+/g, ' ');
  const exact = parseLocalTime(
    iso.replace(/ (?=[+-]\d\d:?\d\d$)/, '').replace(/ ?(UTC|GMT)$/i, 'Z'),
  );
  const read = exact ? { date: iso.replace(/ ?(UTC|GMT)$/i, 'Z') } : readOther(iso, order);
  if ('what' in read) return read;
  const time = parseLocalTime(read.date);
  if (!time) return { what: `the date "${text}" does not exist`, hint };
  const isPast =
    time.minutes === undefined
      ? time.date < localDate(now, zone)
      : (time.at ?? atLocal(time.date, time.minutes, zone)) < now;
  return { date: read.date, isPast };
}

/** Day, month and year in some order, then perhaps a time. */
function readOther(
  text: string,
  order: DayOrder | undefined,
): { date: string } | { what: string; hint: string } {
  const named = readNamed(text);
  const numbers = named ?? readNumbers(text, order);
  if (!numbers) return { what: `cannot read the date "${text}"`, hint };
  if ('what' in numbers) return numbers;
  const { year, month, dayOfMonth, rest } = numbers;
  const date = `${year}-${two(month)}-${two(dayOfMonth)}`;
  if (!isDate(date)) return { what: `the date "${text}" does not exist`, hint };
  const time = readTime(rest);
  if (time === undefined) return { what: `cannot read the time in "${text}"`, hint };
  return { date: time === '' ? date : `${date} ${time}` };
}

interface Numbers {
  year: number;
  month: number;
  dayOfMonth: number;
  rest: string;
}

/** `26` is 2026: a date of an earlier century has passed, and is refused. */
const fullYear = (digits: string) => Number(digits) + (digits.length === 2 ? 2000 : 0);

const two = (n: number) => String(n).padStart(2, '0');

/** `Nov 24, 2026`, `24 November 2026`, `Tue, 24 Nov 2026`. */
function readNamed(text: string): Numbers | undefined {
  const words = text.replace(/^[a-z]{3,9},? (?=\S)/i, (word) => (isWeekday(word) ? '' : word));
  const monthFirst = /^([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\b(.*)$/i.exec(words);
  const dayFirst =
    /^(\d{1,2})(?:st|nd|rd|th)?\.?[ -]([a-z]{3,9})\.?,?[ -](\d{4}|\d\d)\b(.*)$/i.exec(words);
  const [, name = '', dayOfMonth = '', year = '', rest = ''] =
    monthFirst ??
    (dayFirst ? [dayFirst[0], dayFirst[2], dayFirst[1], dayFirst[3], dayFirst[4]] : []);
  const month = monthNames.findIndex((one) => name.toLowerCase().startsWith(one)) + 1;
  return month > 0 && year !== ''
    ? { year: fullYear(year), month, dayOfMonth: Number(dayOfMonth), rest }
    : undefined;
}

const isWeekday = (word: string) => /^(mon|tue|wed|thu|fri|sat|sun)[a-z]*,? $/i.test(word);

function readNumbers(
  text: string,
  order: DayOrder | undefined,
): Numbers | { what: string; hint: string } | undefined {
  const yearFirst = /^(\d{4})([/.])(\d{1,2})\2(\d{1,2})\b(.*)$/.exec(text);
  if (yearFirst)
    return {
      year: Number(yearFirst[1]),
      month: Number(yearFirst[3]),
      dayOfMonth: Number(yearFirst[4]),
      rest: yearFirst[5] ?? '',
    };
  const yearLast = /^(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d\d)\b(.*)$/.exec(text);
  if (!yearLast) return undefined;
  const [first, second] = [Number(yearLast[1]), Number(yearLast[3])];
  const numbers = (isDayFirst: boolean): Numbers => ({
    year: fullYear(yearLast[4] ?? ''),
    dayOfMonth: isDayFirst ? first : second,
    month: isDayFirst ? second : first,
    rest: yearLast[5] ?? '',
  });
  // With dots the day always comes first.
  if (yearLast[2] === '.' || first > 12) return numbers(true);
  if (second > 12 || first === second) return numbers(false);
  if (order !== undefined) return numbers(order === 'day-first');
  return {
    what: `"${text}" may be ${dayOf(first, second)} or ${dayOf(second, first)}`,
    hint: `add --dates day-first or --dates month-first, or ${hint}`,
  };
}

const dayOf = (dayOfMonth: number, month: number) => {
  const name = monthNames[month - 1] ?? '';
  return `${dayOfMonth} ${name.charAt(0).toUpperCase()}${name.slice(1)}`;
};

const clock =
  /^(\d{1,2})(?:[:.h](\d\d))?(?:[:.]\d\d)?\s*([ap])?\.?(?:m\.?)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?$/i;

/** As 24 hours. Empty: there is none. Undefined: it cannot be read. */
function readTime(text: string): string | undefined {
  const rest = text
    .replace(/^[,T]?\s*(at\s+)?/i, '')
    .replace(/\s*uhr$/i, '')
    .trim();
  if (rest === '') return '';
  const match = clock.exec(rest);
  if (!match) return undefined;
  const [, hours = '', minutes, half, offset = ''] = match;
  if (minutes === undefined && half === undefined) return undefined;
  const hour = Number(hours);
  if (half !== undefined && (hour < 1 || hour > 12)) return undefined;
  const full = half === undefined ? hour : (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
  return full < 24 && Number(minutes ?? 0) < 60
    ? `${two(full)}:${minutes ?? '00'}${offset.replace(/UTC|GMT/i, 'Z')}`
    : undefined;
}
