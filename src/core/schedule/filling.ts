import { pickDefined } from '../pick-defined.ts';
import { type Instant, localDate } from '../time.ts';
import { countFor } from './cadence.ts';
import { type Opening, streamOf } from './openings.ts';
import { countOn } from './pace.ts';
import type { Candidate, Past, ScheduleInput } from './schedule-input.ts';
import type { Slot } from './slot.ts';

/** The schedule while it is being made. */
export interface Filling {
  input: ScheduleInput;
  /** Candidates without a slot, in the queue's order. */
  rest: Candidate[];
  slots: Slot[];
  /** When each is or was released, for `after`. */
  placed: Map<string, Instant>;
  /** Releases on a local date: the total, those of follow-ups, and by feed. */
  counts: Map<string, number>;
  /** What the cadence gives a date. */
  totals: Map<string, number>;
  /** Instants of pins. */
  pins: Instant[];
  /** How many candidates of `rest` the user has named a local date for, without a time. */
  datePins: Map<string, number>;
  /** Instants that others keep minGap from, sorted. */
  taken: Instant[];
}

export function startFilling(input: ScheduleInput, fixed: Slot[], rest: Candidate[]): Filling {
  const pins = fixed.map(({ at }) => Math.max(at, input.now));
  const filling: Filling = {
    input,
    rest,
    slots: [],
    placed: new Map(fixed.map(({ delivery, at }) => [delivery, at])),
    counts: new Map(),
    totals: new Map(),
    pins,
    datePins: countDatePins(rest),
    taken: [...input.past.map(({ at }) => at), ...pins].sort((a, b) => a - b),
  };
  for (const one of input.past)
    if (!one.isByHand) count(filling, one.at, { ...one, ...shareOf(one, input) });
  for (const at of pins) count(filling, at);
  return filling;
}

function countDatePins(rest: Candidate[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { pinnedDate } of rest)
    if (pinnedDate !== undefined) counts.set(pinnedDate, (counts.get(pinnedDate) ?? 0) + 1);
  return counts;
}

const followUps = 'follow-ups';

function count(
  { counts, input }: Filling,
  at: Instant,
  { feed, isFollowUp, stream }: Pick<Past, 'feed' | 'isFollowUp'> & { stream?: string } = {},
) {
  const date = localDate(at, input.cadence.zone);
  const keys = [date];
  if (feed) keys.push(`${date} ${feed}`);
  if (isFollowUp) keys.push(`${date} ${followUps}`);
  if (stream) keys.push(shareKey(date, stream));
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
}

const shareKey = (date: string, stream: string) => `${date} queue ${stream}`;

/** A pin and a follow-up take nothing of a queue's own number. */
function shareOf(
  { queue, openingAt, isCommon }: Pick<Past, 'queue' | 'openingAt' | 'isCommon'>,
  input: ScheduleInput,
): { stream?: string } {
  if (queue === undefined || (openingAt === undefined && !isCommon)) return {};
  return { stream: streamOf({ queue }, input) };
}

/** A queue's own number for the date is used up. Its openings are no more than that. */
export function isShareFull({ counts, input }: Filling, date: string, stream: string): boolean {
  const own = stream === '' ? undefined : input.queues[stream]?.perDay;
  return own !== undefined && (counts.get(shareKey(date, stream)) ?? 0) >= countFor(own, date);
}

/** How many releases the cadence gives the date. Kept, since each opening asks for it. */
export function totalOn({ totals, input }: Filling, date: string): number {
  const { pace, perDay, cadence } = input;
  const total = totals.get(date) ?? (pace ? countOn(pace, date, cadence) : countFor(perDay, date));
  totals.set(date, total);
  return total;
}

/**
 * The cadence's own releases stop at its number for the day; with follow-ups there may be as many
 * as the ceiling.
 */
export const isFull = (filling: Filling, date: string, opening: Opening): boolean =>
  isFullWith(filling, date, { opening, reserved: 0 });

/**
 * Whether the opening is needed by the posts that the user named this date for and that have no
 * slot yet: they count before they have one, so that nothing else is placed in their stead.
 */
export const isReserved = (filling: Filling, date: string, opening: Opening): boolean =>
  isFullWith(filling, date, { opening, reserved: filling.datePins.get(date) ?? 0 });

function isFullWith(
  filling: Filling,
  date: string,
  { opening: { isFollowUp }, reserved }: { opening: Opening; reserved: number },
): boolean {
  const { counts, input } = filling;
  const all = (counts.get(date) ?? 0) + reserved;
  const regular = all - (counts.get(`${date} ${followUps}`) ?? 0);
  const total = totalOn(filling, date);
  return all >= Math.max(total, countFor(input.ceiling, date)) || (!isFollowUp && regular >= total);
}

export function hasFeedRoom({ counts }: Filling, date: string, { feed }: Candidate): boolean {
  return !feed || (counts.get(`${date} ${feed.url}`) ?? 0) < countFor(feed.perDay, date);
}

/** Gives a slot to the candidate at this index of `rest`. */
export function place(
  filling: Filling,
  index: number,
  { isCommon = false, ...slot }: Omit<Slot, 'delivery'> & { isCommon?: boolean },
) {
  const [candidate] = filling.rest.splice(index, 1);
  if (!candidate) return;
  const { delivery, feed, isFollowUp, pinnedDate, queue } = candidate;
  if (pinnedDate !== undefined)
    filling.datePins.set(pinnedDate, (filling.datePins.get(pinnedDate) ?? 1) - 1);
  filling.slots.push({ delivery, ...slot });
  filling.placed.set(delivery, slot.at);
  // A slot of a moment ago is released now: the next one keeps its distance from now.
  const at = Math.max(slot.at, filling.input.now);
  insertSorted(filling.taken, at);
  const { openingAt } = slot;
  const share = shareOf(pickDefined({ queue, openingAt, isCommon }), filling.input);
  count(filling, at, { ...pickDefined({ feed: feed?.url, isFollowUp }), ...share });
}

function insertSorted(list: Instant[], at: Instant) {
  let i = list.length;
  while (i > 0 && (list[i - 1] ?? 0) > at) i--;
  list.splice(i, 0, at);
}
