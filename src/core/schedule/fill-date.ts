import { addDays, type Instant, localDate, minute } from '../time.ts';
import { isWithin, openTimes } from './cadence.ts';
import {
  type Filling,
  hasFeedRoom,
  isFull,
  isReserved,
  isShareFull,
  place,
  totalOn,
} from './filling.ts';
import { graceOf, moveBehind, openDate, type Opening, openingsOn, streamOf } from './openings.ts';
import type { Candidate } from './schedule-input.ts';
import { tellOpening } from './tell-why.ts';

/** Fills one local date's openings, earliest first, from the queue. */
export function fillDate(filling: Filling, date: string) {
  const { input } = filling;
  for (const opening of openingsOn(filling, { date, total: totalOn(filling, date) })) {
    if (!filling.rest.length || opening.at > input.until) break;
    if (isFull(filling, date, opening) || isShareFull(filling, date, opening.stream)) continue;
    const at = roomFor(filling, date, opening);
    if (at === undefined || at > input.until) continue;
    // One to catch up with, from before midnight, is released today.
    const releasedOn = localDate(Math.max(at, input.now), input.cadence.zone);
    if (releasedOn !== date && isFull(filling, releasedOn, opening)) continue;
    const index = pick(filling, opening, { at, date, releasedOn });
    if (index >= 0)
      place(filling, index, { at, openingAt: opening.at, why: tellOpening(opening, at, input) });
  }
  forceDatePins(filling, date);
}

/**
 * The opening's instant, or a later one where another release is nearer than minGap; undefined
 * where there is no room in its window.
 */
function roomFor({ taken, input }: Filling, date: string, opening: Opening): Instant | undefined {
  const { minGapFor, zone, windows } = input.cadence;
  const isPassed = opening.at <= input.now && !opening.isMoved;
  if (isPassed)
    return moveBehind(taken, input.now, minGapFor) === input.now ? opening.at : undefined;
  const at = moveBehind(taken, opening.at, minGapFor);
  if (at === opening.at) return at;
  const times = openTimes(input.queues[opening.stream]?.windows ?? windows, date, zone);
  return at > input.now && isWithin(times, at) ? at : undefined;
}

/** The index of the queue's first candidate that may be released at this instant, or -1. */
function pick(
  filling: Filling,
  opening: Opening,
  { at, date, releasedOn }: { at: Instant; date: string; releasedOn: string },
): number {
  const { rest, input } = filling;
  const { only } = opening;
  const isReady = (one: Candidate) => isReadyAt(filling, one, at);
  const pinned = rest.findIndex(
    (one) => one.pinnedDate === date && (!only || one.delivery === only) && isReady(one),
  );
  if (pinned >= 0) return pinned;
  if (isReserved(filling, date, opening) || isReserved(filling, releasedOn, opening)) return -1;
  // Follow-ups have openings of their own.
  const mayTake = (one: Candidate) =>
    only ? one.delivery === only : !one.isFollowUp && streamOf(one, input) === opening.stream;
  return rest.findIndex(
    (one) =>
      one.pinnedDate === undefined &&
      mayTake(one) &&
      isReady(one) &&
      hasFeedRoom(filling, date, one),
  );
}

/** What the candidate itself says about when. */
export function isInTime(
  { notBefore = 0, expires = Infinity, retryAt = 0 }: Candidate,
  at: Instant,
): boolean {
  return at >= notBefore && at < expires && at >= retryAt;
}

function isReadyAt({ placed }: Filling, candidate: Candidate, at: Instant): boolean {
  const { after } = candidate;
  if (!isInTime(candidate, at)) return false;
  if (!after) return true;
  const before = after.releasedAt ?? placed.get(after.delivery);
  return before !== undefined && before + after.delayFor <= at;
}

/**
 * A day that the user named is kept even where the cadence has no slot left on it. So is what the
 * user said with it: not before, not after, and not ahead of another post.
 */
function forceDatePins(filling: Filling, date: string) {
  const { rest } = filling;
  for (const candidate of rest.filter((one) => one.pinnedDate === date)) {
    const at = forcedInstant(filling, date, candidate);
    const why = `${date} has no free slot: published on this day anyway`;
    if (at !== undefined) place(filling, rest.indexOf(candidate), { at, why });
  }
}

const quarter = 15 * minute;

/**
 * The first good quarter of an hour: within the windows and off other releases, else off other
 * releases, else any. Quarters do not move when the queue is rescheduled.
 */
function forcedInstant(filling: Filling, date: string, candidate: Candidate): Instant | undefined {
  const { input, taken } = filling;
  const isReady = (at: Instant) => isReadyAt(filling, candidate, Math.max(at, input.now));
  const { now, freshFrom, notBefore = 0, cadence } = input;
  const [from, to] = [openDate(date, input), openDate(addDays(date, 1), input)];
  const earliest = Math.max(now - graceOf(input) + 1, freshFrom, notBefore, candidate.retryAt ?? 0);
  const quarters = Array.from(
    { length: Math.round((to - from) / quarter) },
    (_, i) => from + i * quarter,
  ).filter((at) => at >= earliest && isReady(at));
  const times = openTimes(cadence.windows, date, cadence.zone);
  const isFree = (at: Instant) =>
    taken.every((other) => Math.abs(Math.max(at, now) - other) >= cadence.minGapFor);
  return (
    quarters.find((at) => isWithin(times, at) && isFree(at)) ??
    quarters.find(isFree) ??
    quarters[0] ??
    [Math.max(now, from, earliest)].find(isReady)
  );
}
