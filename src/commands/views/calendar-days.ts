import type { Delivery } from '../../core/delivery/delivery.ts';
import { planned } from '../../core/delivery/moves.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import {
  addDays,
  atLocal,
  day,
  type Instant,
  localDate,
  minute,
  mondayOf,
} from '../../core/time.ts';
import { horizonFor } from '../../flow/plan/own-plan.ts';
import { computePlan } from '../../flow/plan/plan.ts';
import type { CommandContext } from '../command.ts';
import { passing, type PostFilter } from '../posts-view/post-filter.ts';
import { readTitles, type Titled } from './overview.ts';

export interface CalendarDay {
  date: string;
  /** Only the first ones if there are more. */
  releases: Delivery[];
  count: number;
  /** How many of them are still to come. */
  ahead: number;
}

export interface CalendarView {
  days: CalendarDay[];
  titles: Map<string, Titled>;
  /** It is beyond the stored slots: computed from the queue as it is now. */
  isForecast: boolean;
  /** The Mondays on which the previous and the next page begin. */
  before?: string;
  behind: string;
}

const weeks = 2;
const fewestAhead = 11;
const mostADay = 12;
const mostReleased = 120;
/** Of a day, where something is looked for. */
const mostSearched = 200;

/**
 * This week, with what it has published so far, and the next two weeks; or two weeks from a later
 * Monday.
 */
export async function readCalendar(
  context: CommandContext,
  wanted: string | undefined,
  filter: PostFilter = {},
): Promise<CalendarView> {
  const { settings, clock } = context;
  const today = localDate(clock.now(), settings.zone);
  const given = addDays(today, horizonFor / day);
  const further = mondayOf(given);
  // Whole weeks look better, as long as they show most of the scheduled posts.
  const until = addDays(today, fewestAhead) <= further ? further : given;
  const start = wanted === undefined || wanted < further ? mondayOf(today) : mondayOf(wanted);
  const isForecast = start >= further;
  const end = isForecast ? addDays(start, 7 * weeks) : until;
  const dates = datesBetween(start, end);
  const days = isForecast
    ? await narrowed(context, await recall(context, dates, atLocal(end, 0, settings.zone)), filter)
    : await readGiven(context, dates, { today, filter });
  const titles = await readTitles(
    context,
    days.flatMap(({ releases }) => releases),
  );
  if (!isForecast) return { days, titles, isForecast, behind: further };
  return { days, titles, isForecast, behind: end, before: addDays(start, -7 * weeks) };
}

function datesBetween(start: string, end: string): string[] {
  const dates: string[] = [];
  for (let date = start; date < end; date = addDays(date, 1)) dates.push(date);
  return dates;
}

async function readGiven(
  context: CommandContext,
  dates: string[],
  { today, filter }: { today: string; filter: PostFilter },
): Promise<CalendarDay[]> {
  const { store } = context;
  const { zone } = context.settings;
  const { account } = filter;
  const since = atLocal(dates[0] ?? today, 0, zone);
  const released = await store.listDeliveries(
    pickDefined({
      account,
      states: ['released'] as const,
      startedSince: since,
      order: '-startedAt' as const,
      limit: mostReleased,
    }),
  );
  const seen = await passing(context, released, filter);
  const out = Map.groupBy(seen.toReversed(), ({ startedAt = 0 }) => localDate(startedAt, zone));
  return Promise.all(
    dates.map(async (date): Promise<CalendarDay> => {
      const done = out.get(date) ?? [];
      if (date < today)
        return { date, releases: done.slice(-mostADay), count: done.length, ahead: 0 };
      const { some, count } = await readAhead(context, date, filter);
      const releases = [...done.slice(-mostADay), ...some];
      return { date, releases, count: done.length + count, ahead: count };
    }),
  );
}

async function readAhead(
  context: CommandContext,
  date: string,
  filter: PostFilter,
): Promise<{ some: Delivery[]; count: number }> {
  const { store } = context;
  const { zone } = context.settings;
  const of = pickDefined({
    account: filter.account,
    states: ['planned'] as const,
    dueFrom: atLocal(date, 0, zone),
    dueBy: atLocal(addDays(date, 1), 0, zone) - 1,
  });
  if (Object.keys(filter).length) {
    const all = await store.listDeliveries({ ...of, order: 'at', limit: mostSearched });
    const fit = await passing(context, all, filter);
    return { some: fit.slice(0, mostADay), count: fit.length };
  }
  const some = await store.listDeliveries({ ...of, order: 'at', limit: mostADay });
  return { some, count: some.length < mostADay ? some.length : await store.countDeliveries(of) };
}

/** A forecast keeps the first ones of each day. */
async function narrowed(
  context: CommandContext,
  days: CalendarDay[],
  filter: PostFilter,
): Promise<CalendarDay[]> {
  if (!Object.keys(filter).length) return days;
  return Promise.all(
    days.map(async ({ date, releases }) => {
      const fit = await passing(context, releases, filter);
      return { date, releases: fit, count: fit.length, ahead: fit.length };
    }),
  );
}

const recalled = new WeakMap<
  CommandContext['store'],
  { key: string; days: Promise<CalendarDay[]> }
>();

/**
 * A long queue takes a while to plan: the result is cached until something happens, for at most a
 * minute.
 */
async function recall(
  context: CommandContext,
  dates: string[],
  end: Instant,
): Promise<CalendarDay[]> {
  const { store, clock } = context;
  const [newest] = await store.listJournal({ limit: 1 });
  const key = `${newest?.id} ${Math.floor(clock.now() / minute)} ${end}`;
  const known = recalled.get(store);
  if (known?.key === key) return known.days;
  const days = readForecast(context, dates, end);
  recalled.set(store, { key, days });
  return days;
}

async function readForecast(
  context: CommandContext,
  dates: string[],
  end: Instant,
): Promise<CalendarDay[]> {
  const { settings, clock } = context;
  const plans = await Promise.all(
    settings.accounts.map(({ name }) => computePlan(context, name, { ahead: end - clock.now() })),
  );
  const placed = plans.flatMap(({ schedule, deliveries }) =>
    schedule.slots.flatMap((slot): Delivery[] => {
      const one = deliveries.get(slot.delivery);
      return one ? [planned(one, slot)] : [];
    }),
  );
  const byDate = Map.groupBy(
    placed.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0)),
    ({ at = 0 }) => localDate(at, settings.zone),
  );
  return dates.map((date) => {
    const all = byDate.get(date) ?? [];
    return { date, releases: all.slice(0, mostADay), count: all.length, ahead: all.length };
  });
}
