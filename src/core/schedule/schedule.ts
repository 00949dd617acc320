import { addDays, type Instant, localDate } from '../time.ts';
import { fillDate, isInTime } from './fill-date.ts';
import { type Filling, place, startFilling } from './filling.ts';
import { graceOf, openDate } from './openings.ts';
import type { Candidate, ScheduleInput } from './schedule-input.ts';
import type { Schedule, Slot, Unplaced } from './slot.ts';
import { tellExpired, tellMissed, tellMissedDate, tellPin, tellUnplaced } from './tell-why.ts';

/**
 * Gives every candidate a slot, or a reason why it has none. Pure: the same input gives the same
 * schedule.
 */
export function schedule(input: ScheduleInput): Schedule {
  const { open, fixed, unplaced } = sortOut(input);
  const filling = startFilling(input, fixed, open);
  placeCommon(filling);
  const first = localDate(input.now - graceOf(input), input.cadence.zone);
  for (let date = first; ; date = addDays(date, 1)) {
    if (!filling.rest.length || openDate(date, input) > input.until) break;
    fillDate(filling, date);
  }
  const slots = [...filling.slots, ...fixed].sort(
    (a, b) => a.at - b.at || (a.delivery < b.delivery ? -1 : 1),
  );
  const rest = filling.rest.map((candidate) => tellUnplaced(candidate, filling));
  return { slots, unplaced: [...unplaced, ...rest] };
}

/** Others are placed around them, as around a pin; but they take no opening. */
function placeCommon(filling: Filling) {
  const { input, rest, pins } = filling;
  for (const candidate of rest.slice()) {
    const { common } = candidate;
    if (!common || !isInTime(candidate, common.at)) continue;
    pins.push(Math.max(common.at, input.now));
    place(filling, rest.indexOf(candidate), { ...common, isCommon: true });
  }
}

/** Pins become fixed slots; candidates that have passed or are held leave the queue. */
export function sortOut(input: ScheduleInput) {
  const open: Candidate[] = [];
  const fixed: Slot[] = [];
  const unplaced: Unplaced[] = [];
  for (const candidate of input.candidates) {
    const out = leavesQueue(candidate, input);
    const { delivery, pinnedAt, retryAt = 0 } = candidate;
    if (out) unplaced.push(out);
    else if (pinnedAt === undefined) open.push(candidate);
    else {
      const why = tellPin(candidate, pinnedAt, input);
      fixed.push({ delivery, at: Math.max(pinnedAt, retryAt), why });
    }
  }
  return { open, fixed: fixed.sort((a, b) => a.at - b.at), unplaced };
}

function leavesQueue(candidate: Candidate, input: ScheduleInput): Unplaced | undefined {
  const { delivery, pinnedAt, pinnedDate, expires, held } = candidate;
  const { now, cadence } = input;
  if (expires !== undefined && expires <= now) return tellExpired(candidate, expires, cadence);
  if (held) return { delivery, state: 'waiting', because: held.because, reason: held.text };
  if (pinnedAt !== undefined)
    return isMissed(candidate, pinnedAt, input)
      ? tellMissed(delivery, pinnedAt, cadence)
      : undefined;
  const isOver = pinnedDate !== undefined && pinnedDate < localDate(now, cadence.zone);
  return isOver ? tellMissedDate(delivery, pinnedDate) : undefined;
}

const isMissed = ({ retryAt }: Candidate, pinnedAt: Instant, input: ScheduleInput): boolean =>
  retryAt === undefined && pinnedAt < input.now - graceOf(input);
