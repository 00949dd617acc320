import type { Settings } from '../../core/settings.ts';
import type { Post } from '../../core/post/post.ts';
import { errorAt, type Problem } from '../../core/problem.ts';
import { isOpenDay, type Window } from '../../core/schedule/cadence.ts';
import { type Instant, localDate } from '../../core/time.ts';
import { accountsFor } from '../../flow/ingest/ingest.ts';

/** What stands against the times that the post asks for. */
export const noteTimes = (post: Post, config: Settings, now = Date.now()): Problem[] => [
  ...noteClosedDay(post, config, now),
  ...noteNoCommonTime(post, config),
];

/** What becomes a post now would only be missed. A post that is out keeps its day in its file. */
export function refusePast(post: Post, config: Settings, now: Instant): Problem[] {
  const { pin, file: where } = post;
  if (!pin || ('at' in pin && pin.at >= now)) return [];
  const zones = accountsFor(post, config).map(({ name }) => config.cadences[name]?.zone);
  const today = [config.zone, ...zones].map((zone) => localDate(now, zone ?? config.zone)).sort();
  if ('date' in pin && pin.date >= (today[0] ?? '')) return [];
  const what = 'date' in pin ? `its day, ${pin.date},` : 'its time';
  return [
    errorAt(where, `${what} has passed`, 'choose a later one, or none for the next free slot'),
  ];
}

/** A post for a day on which the cadence has no slot: the day is kept, and the rule broken. */
function noteClosedDay(post: Post, config: Settings, now = Date.now()): Problem[] {
  const { pin, draft, file, queue } = post;
  if (draft || !pin || !('date' in pin)) return [];
  const closed = accountsFor(post, config).filter(({ name }) => {
    const cadence = config.cadences[name];
    if (!cadence || pin.date < localDate(now, cadence.zone)) return false;
    const days = config.queues[queue ?? '']?.days ?? cadence.days;
    return !isOpenDay({ days, blackout: cadence.blackout }, pin.date);
  });
  if (!closed.length) return [];
  const names = closed.map(({ name }) => name).join(', ');
  return [
    {
      where: file,
      what: `its day, ${pin.date}, is one that the cadence leaves out on ${names}`,
      hint: 'it is published on that day anyway, unless you choose another one',
      severity: 'note',
    },
  ];
}

/** Each account would then be published by itself, and its reason would say so. */
function noteNoCommonTime(post: Post, config: Settings): Problem[] {
  const { pin, queue = '', file } = post;
  if (pin && 'at' in pin) return [];
  const own = config.queues[queue];
  const members = accountsFor(post, config).flatMap(({ name }) => {
    const cadence = config.cadences[name];
    const isIn = cadence !== undefined && (post.together ?? cadence.together ?? false);
    if (!isIn) return [];
    return [{ windows: own?.windows ?? cadence.windows, days: own?.days ?? cadence.days, cadence }];
  });
  const zones = new Set(members.map(({ cadence }) => cadence.zone));
  if (members.length < 2 || zones.size > 1) return [];
  const hours = members.map(({ windows }) => windows).reduce(overlap);
  const days = members.map((one) => one.days).reduce((a, b) => a.filter((day) => b.includes(day)));
  if (hours.length && days.length) return [];
  const missing = days.length ? 'hour' : 'day';
  return [
    {
      where: file,
      what: `is to be published together, but its accounts have no ${missing} in common`,
      hint: 'each account is published by itself, unless you change their windows or days',
      severity: 'note',
    },
  ];
}

const overlap = (some: Window[], others: Window[]): Window[] =>
  some.flatMap((a) =>
    others.flatMap((b) => {
      const [from, to] = [Math.max(a.from, b.from), Math.min(a.to, b.to)];
      return from < to ? [{ from, to }] : [];
    }),
  );
