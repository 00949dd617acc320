import type { Post } from '../../core/post/post.ts';
import { errorAt, noteAt, type Problem } from '../../core/problem.ts';
import {
  atLocal,
  formatClock,
  formatLocal,
  hour,
  type Instant,
  isInGap,
  type LocalTime,
  minutesPerDay,
  parseLocalTime,
} from '../../core/time.ts';
import type { FrontMatter, ReadFrontMatter } from './front-matter.ts';

export interface Dates {
  pin?: Post['pin'];
  notBefore?: Instant | undefined;
  expires?: Instant | undefined;
  /** The end of `evergreen`. */
  until?: Instant | undefined;
}

/** The dates of a post as instants, and what is wrong with them. */
export function readDates(
  value: FrontMatter,
  locate: ReadFrontMatter['locate'],
  zone: string,
): { dates: Dates; problems: Problem[] } {
  const problems: Problem[] = [];
  const read = (path: string[], text: string | undefined, dayAt: number): Instant | undefined => {
    const time = text === undefined ? undefined : parseLocalTime(text);
    if (!time) return undefined;
    problems.push(...checkGap(time, locate(path), zone));
    return time.at ?? atLocal(time.date, time.minutes ?? dayAt, zone);
  };
  const day = value.date === undefined ? undefined : parseLocalTime(value.date);
  const pinned = read(['date'], value.date, 0);
  const dates: Dates = {
    // A day alone counts from its beginning for "not before", and to its end for "expires".
    notBefore: read(['notBefore'], value.notBefore, 0),
    expires: read(['expires'], value.expires, minutesPerDay),
    until: read(['evergreen', 'until'], value.evergreen?.until, minutesPerDay),
  };
  if (day && pinned !== undefined)
    dates.pin = day.minutes === undefined ? { date: day.date } : { at: pinned };
  problems.push(...checkOrder(dates, locate, pinned));
  return { dates, problems };
}

/** A post whose dates leave no moment for it would only wait until one of them has passed. */
function checkOrder(
  { notBefore, expires, pin }: Dates,
  locate: ReadFrontMatter['locate'],
  pinned: Instant | undefined,
): Problem[] {
  if (notBefore !== undefined && expires !== undefined && expires <= notBefore)
    return [
      errorAt(
        locate(['expires']),
        'the post expires before it may be published',
        'expires has to be later than notBefore',
      ),
    ];
  if (pinned === undefined) return [];
  const what = pin && 'date' in pin ? 'its day' : 'its minute';
  // A day may be an hour longer.
  const last = pin && 'date' in pin ? pinned + 25 * hour : pinned + 1;
  if (expires !== undefined && expires <= pinned)
    return [errorAt(locate(['expires']), `the post expires before ${what}`, laterOrNone)];
  if (notBefore !== undefined && notBefore >= last)
    return [errorAt(locate(['notBefore']), `${what} is before notBefore`, earlierOrNone)];
  return [];
}

const laterOrNone = 'set expires later than date, or remove it';
const earlierOrNone = 'set notBefore earlier than date, or remove it';

/** A note where a local time is skipped because the clocks go forward. */
function checkGap(time: LocalTime, where: string, zone: string): Problem[] {
  const { date, minutes, at } = time;
  if (minutes === undefined || at !== undefined || !isInGap(date, minutes, zone)) return [];
  const clock = formatClock(minutes);
  return [
    noteAt(
      where,
      `${clock} does not exist on ${date} in ${zone}, where the clocks go forward`,
      `read as ${formatLocal(atLocal(date, minutes, zone), zone)}`,
    ),
  ];
}
