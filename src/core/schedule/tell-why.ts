import type { Reason } from '../delivery/reason.ts';
import { day, formatClock, formatLocal, type Instant, localDate, toIso } from '../time.ts';
import { type Cadence, isOpenDay, isWithin, openTimes } from './cadence.ts';
import type { Filling } from './filling.ts';
import type { Opening } from './openings.ts';
import type { Candidate, ScheduleInput } from './schedule-input.ts';
import type { Unplaced } from './slot.ts';

export function tellExpired(
  { delivery, isFollowUp }: Candidate,
  expires: Instant,
  { zone }: Cadence,
): Unplaced {
  const state = 'expired';
  if (!isFollowUp)
    return { delivery, state, because: 'passed', reason: `expired ${toIso(expires)}` };
  const reason = `there was no room within perDay and minGap until ${formatLocal(expires, zone)}`;
  return { delivery, state, because: 'no-room', reason };
}

export const tellMissed = (delivery: string, at: Instant, { zone }: Cadence): Unplaced => ({
  delivery,
  state: 'missed',
  because: 'passed',
  reason: `its minute, ${formatLocal(at, zone)}, passed while nothing could be published`,
});

export const tellMissedDate = (delivery: string, date: string): Unplaced => ({
  delivery,
  state: 'missed',
  because: 'passed',
  reason: `its day, ${date}, passed while nothing could be published`,
});

/** Why a pinned candidate has its instant, and which rules that breaks. */
export function tellPin(candidate: Candidate, at: Instant, input: ScheduleInput): string {
  const others = input.candidates.flatMap(({ delivery, pinnedAt }) =>
    pinnedAt === undefined || delivery === candidate.delivery ? [] : [{ at: pinnedAt }],
  );
  const breaks = brokenRules(at, { ...input, past: [...input.past, ...others] });
  const by = candidate.isSaid ? 'by a command' : 'by its date';
  const isRetry = candidate.retryAt !== undefined && candidate.retryAt > at;
  return [
    `pinned to ${formatLocal(at, input.cadence.zone)} ${by}`,
    isRetry ? '; a retry, since the network could not take it before' : '',
    breaks ? ` (${breaks})` : '',
  ].join('');
}

/** Which rules a pin breaks; empty where it breaks none. */
export function brokenRules(
  at: Instant,
  { cadence, past }: Pick<ScheduleInput, 'cadence' | 'past'>,
): string {
  const date = localDate(at, cadence.zone);
  const broken: string[] = [];
  if (!isOpenDay(cadence, date)) broken.push('on a day that the cadence leaves out');
  if (!isWithin(openTimes(cadence.windows, date, cadence.zone), at))
    broken.push('outside the windows');
  if (past.some((one) => Math.abs(one.at - at) < cadence.minGapFor))
    broken.push('closer than minGap to another post');
  return broken.join(', ');
}

/** Why a slot has its instant: the opening's own, or a later one. */
export function tellOpening(opening: Opening, at: Instant, input: ScheduleInput): string {
  const why = tellPlace(opening, input);
  const { past, cadence } = input;
  const before =
    at > opening.at && past.find((one) => one.isByHand && one.at + cadence.minGapFor === at);
  return before
    ? `${why}; moved, since someone posted by hand ${formatLocal(before.at, cadence.zone)}`
    : why;
}

function tellPlace(opening: Opening, { queues, cadence }: ScheduleInput): string {
  const { at, stream, learned } = opening;
  if (opening.isFollowUp) return 'as soon as there is room, since it follows another post';
  if (opening.only) return 'a retry, since the network could not take it before';
  const hours = (queues[stream]?.windows ?? cadence.windows)
    .map(({ from, to }) => `${formatClock(from)}–${formatClock(to)}`)
    .join(', ');
  const [which, count] = opening.place;
  // Without the clock: `Tue 24 Nov`.
  const date = formatLocal(at, cadence.zone).slice(0, -6);
  const queue = stream ? ` for the queue "${stream}"` : '';
  const slot = `slot ${which} of ${count} on ${date}${queue} (${hours})`;
  return learned ? `${slot}: ${learned}` : slot;
}

/** Why a candidate that is left after filling has no slot. */
export function tellUnplaced(candidate: Candidate, { input, placed }: Filling): Unplaced {
  const { delivery, notBefore = 0, after, pinnedDate } = candidate;
  const { zone } = input.cadence;
  const waiting = (because: Reason, reason: string): Unplaced => ({
    delivery,
    state: 'waiting',
    because,
    reason,
  });
  if (after && after.releasedAt === undefined && !placed.has(after.delivery))
    return waiting('after', `after ${after.post}, which is not published`);
  if (notBefore > input.until)
    return waiting('not-before', `not before ${formatLocal(notBefore, zone)}`);
  if (pinnedDate !== undefined) return waiting('pinned', tellPinnedDate(pinnedDate, input));
  if (candidate.isFollowUp) return waiting('no-room', tellNoRoom(candidate, zone));
  // No date, which would change every night: each plan would then rewrite the whole queue.
  const days = Math.round((input.until - input.now) / day);
  const turn = `its turn comes after the next ${days} days`;
  const { expires = Infinity } = candidate;
  const reason =
    expires <= input.until
      ? `it expires ${formatLocal(expires, zone)}, before its turn comes: move it to the top`
      : turn;
  return { delivery, state: 'queued', because: 'not-yet', reason };
}

/** A day that is near has a slot, unless the file's other keys leave none on it. */
const tellPinnedDate = (date: string, { cadence, until }: ScheduleInput) =>
  date < localDate(until, cadence.zone)
    ? `pinned to ${date}, but its notBefore, expires or after leaves no moment on that day`
    : `pinned to ${date}`;

function tellNoRoom({ expires }: Candidate, zone: string): string {
  const room = 'there is no room within perDay and minGap';
  return expires === undefined ? room : `${room}; it expires ${formatLocal(expires, zone)}`;
}
