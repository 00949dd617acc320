import type { Reason } from '../delivery/reason.ts';
import type { Schedule, Slot, Unplaced } from './slot.ts';
import type { Candidate, Past, ScheduleInput } from './schedule-input.ts';
import { countFor, isOpenDay, isWithin, openTimes } from './cadence.ts';
import {
  graceFor,
  moveBehind,
  openDate,
  type Opening,
  openingsOn,
  streamOf,
  whyThen,
} from './openings.ts';
import { countOn } from './pace.ts';
import { addDays, day, formatLocal, type Instant, localDate, minute, toIso } from '../time.ts';

/**
 * Gives every candidate a slot, or a reason why it has none. Pure: the same input gives the same
 * schedule.
 */
export function schedule(input: ScheduleInput): Schedule {
  const { open, fixed, unplaced } = sortOut(input);
  const state = startState(input, fixed, open);
  const first = localDate(input.now - graceFor, input.cadence.zone);
  for (let date = first; ; date = addDays(date, 1)) {
    if (!state.rest.length || openDate(date, input) > input.until) break;
    fillDate(date, state, input);
  }
  const slots = [...state.slots, ...fixed].sort(
    (a, b) => a.at - b.at || (a.delivery < b.delivery ? -1 : 1),
  );
  return {
    slots,
    unplaced: [...unplaced, ...state.rest.map((candidate) => tellWhyNot(candidate, input, state))],
  };
}

/** Pins become fixed slots; what is over, or held, leaves the queue. */
function sortOut(input: ScheduleInput) {
  const open: Candidate[] = [];
  const fixed: Slot[] = [];
  const unplaced: Unplaced[] = [];
  const today = localDate(input.now, input.cadence.zone);
  for (const candidate of input.candidates) {
    const { delivery, pinnedAt, pinnedDate, expires } = candidate;
    if (expires !== undefined && expires <= input.now)
      unplaced.push({
        delivery,
        state: 'expired',
        because: candidate.isFollowUp ? 'no-room' : 'passed',
        reason: whyExpired(candidate, expires, input),
      });
    else if (candidate.held)
      unplaced.push({
        delivery,
        state: 'waiting',
        because: candidate.held.because,
        reason: candidate.held.text,
      });
    else if (
      pinnedAt !== undefined &&
      candidate.retryAt === undefined &&
      pinnedAt < input.now - graceFor
    ) {
      unplaced.push({
        delivery,
        state: 'missed',
        because: 'passed',
        reason: `its minute, ${formatLocal(pinnedAt, input.cadence.zone)}, passed while nothing could be released`,
      });
    } else if (pinnedAt !== undefined)
      fixed.push({
        delivery,
        at: Math.max(pinnedAt, candidate.retryAt ?? 0),
        why: pinnedWhy(candidate, pinnedAt, input),
      });
    else if (pinnedDate !== undefined && pinnedDate < today)
      unplaced.push({
        delivery,
        state: 'missed',
        because: 'passed',
        reason: `its day, ${pinnedDate}, passed while nothing could be released`,
      });
    else open.push(candidate);
  }
  return { open, fixed: fixed.sort((a, b) => a.at - b.at), unplaced };
}

const whyExpired = ({ isFollowUp }: Candidate, expires: Instant, { cadence }: ScheduleInput) =>
  isFollowUp
    ? `it found no room within perDay and minGap before its time ended, ${formatLocal(expires, cadence.zone)}`
    : `expired ${toIso(expires)}`;

function pinnedWhy(candidate: Candidate, at: Instant, input: ScheduleInput): string {
  const others = input.candidates.flatMap(({ delivery, pinnedAt }) =>
    pinnedAt === undefined || delivery === candidate.delivery ? [] : [{ at: pinnedAt }],
  );
  const breaks = brokenRules(at, { ...input, past: [...input.past, ...others] });
  const retry =
    candidate.retryAt !== undefined && candidate.retryAt > at
      ? '; tried again then, since the network could not take it before'
      : '';
  return `pinned to ${formatLocal(at, input.cadence.zone)} ${candidate.isSaid ? 'by a command' : 'by its date'}${retry}${breaks ? ` (${breaks})` : ''}`;
}

/** Which rules a user's own word breaks; empty where it breaks none. */
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
    broken.push('nearer than minGap to another release');
  return broken.join(', ');
}

interface Filling {
  rest: Candidate[];
  slots: Slot[];
  /** When each is or was released, for `after`. */
  placed: Map<string, Instant>;
  /** Releases on a local date: all together, those of follow-ups, and by feed. */
  counts: Map<string, number>;
  /** What the cadence gives a date. */
  totals: Map<string, number>;
  /** When a person's own word releases something. */
  pins: Instant[];
  /** Instants that others keep minGap from, sorted. */
  taken: Instant[];
}

function startState(input: ScheduleInput, fixed: Slot[], rest: Candidate[]): Filling {
  const pins = fixed.map(({ at }) => Math.max(at, input.now));
  const state: Filling = {
    rest,
    slots: [],
    placed: new Map(),
    counts: new Map(),
    totals: new Map(),
    pins,
    taken: [],
  };
  for (const one of input.past) if (!one.isByHand) count(state, one.at, input, one);
  for (const { at, delivery } of fixed) {
    count(state, Math.max(at, input.now), input);
    state.placed.set(delivery, at);
  }
  state.taken = [...input.past.map((one) => one.at), ...pins].sort((a, b) => a - b);
  return state;
}

function count(
  state: Filling,
  at: Instant,
  input: ScheduleInput,
  { feed, isFollowUp }: Pick<Past, 'feed' | 'isFollowUp'> = {},
) {
  const date = localDate(at, input.cadence.zone);
  for (const key of [
    date,
    ...(feed ? [`${date} ${feed}`] : []),
    ...(isFollowUp ? [`${date} follow-ups`] : []),
  ])
    state.counts.set(key, (state.counts.get(key) ?? 0) + 1);
}

/** Asked for at each opening, and the same for all of the date's. */
function totalOn(
  date: string,
  { totals }: Filling,
  { pace, perDay, cadence }: ScheduleInput,
): number {
  const total = totals.get(date) ?? (pace ? countOn(pace, date, cadence) : countFor(perDay, date));
  totals.set(date, total);
  return total;
}

/** Fills one local date's openings, earliest first, from the queue. */
function fillDate(date: string, state: Filling, input: ScheduleInput) {
  const total = totalOn(date, state, input);
  for (const opening of openingsOn(date, state, input, total)) {
    if (!state.rest.length || opening.at > input.until) break;
    if (isFull(date, opening, state, input)) continue;
    const at = roomFor(opening, state, input, date);
    if (at === undefined || at > input.until) continue;
    // One to catch up with, from before midnight, is released today.
    const releasedOn = localDate(Math.max(at, input.now), input.cadence.zone);
    if (releasedOn !== date && isFull(releasedOn, opening, state, input)) continue;
    const index = pick(opening, at, date, state, input);
    if (index >= 0)
      place(index, { at, openingAt: opening.at, why: whyThen(opening, input) }, state, input);
  }
  forceDatePins(date, state, input);
}

/**
 * The cadence's own releases stop at its number for the day; with follow-ups there may be as many
 * as the ceiling.
 */
function isFull(
  date: string,
  { isFollowUp }: Opening,
  state: Filling,
  input: ScheduleInput,
): boolean {
  const { counts } = state;
  const all = counts.get(date) ?? 0;
  const regular = all - (counts.get(`${date} follow-ups`) ?? 0);
  const total = totalOn(date, state, input);
  return all >= Math.max(total, countFor(input.ceiling, date)) || (!isFollowUp && regular >= total);
}

function place(index: number, slot: Omit<Slot, 'delivery'>, state: Filling, input: ScheduleInput) {
  const [candidate] = state.rest.splice(index, 1);
  if (!candidate) return;
  const { at } = slot;
  state.slots.push({ delivery: candidate.delivery, ...slot });
  state.placed.set(candidate.delivery, at);
  // A slot of a moment ago is released now: the next one keeps its distance from now.
  insertSorted(state.taken, Math.max(at, input.now));
  count(state, Math.max(at, input.now), input, {
    ...(candidate.feed ? { feed: candidate.feed.url } : {}),
    ...(candidate.isFollowUp ? { isFollowUp: true } : {}),
  });
}

function insertSorted(list: Instant[], at: Instant) {
  let i = list.length;
  while (i > 0 && (list[i - 1] ?? 0) > at) i--;
  list.splice(i, 0, at);
}

/** The queue's first that may go at this instant. */
function pick(
  opening: Opening,
  at: Instant,
  date: string,
  state: Filling,
  input: ScheduleInput,
): number {
  if (opening.only) {
    return state.rest.findIndex(
      (one) =>
        one.delivery === opening.only &&
        (one.pinnedDate === undefined || one.pinnedDate === date) &&
        isReady(one, at, state) &&
        hasFeedRoom(one, date, state),
    );
  }
  // What follows a post has room of its own between the openings.
  const pinned = state.rest.findIndex((one) => one.pinnedDate === date && isReady(one, at, state));
  if (pinned >= 0) return pinned;
  return state.rest.findIndex(
    (one) =>
      one.pinnedDate === undefined &&
      !one.isFollowUp &&
      streamOf(one, input) === opening.stream &&
      isReady(one, at, state) &&
      hasFeedRoom(one, date, state),
  );
}

function hasFeedRoom({ feed }: Candidate, date: string, state: Filling): boolean {
  return !feed || (state.counts.get(`${date} ${feed.url}`) ?? 0) < countFor(feed.perDay, date);
}

function isReady(candidate: Candidate, at: Instant, state: Filling): boolean {
  const { notBefore = 0, expires = Infinity, retryAt = 0, after } = candidate;
  if (at < notBefore || at >= expires || at < retryAt) return false;
  if (!after) return true;
  const before = after.releasedAt ?? state.placed.get(after.delivery);
  return before !== undefined && before + after.delayFor <= at;
}

/**
 * The opening's instant, or a later one where something stands nearer than minGap; undefined where
 * there is no room in its window.
 */
function roomFor(
  opening: Opening,
  { taken }: Filling,
  input: ScheduleInput,
  date: string,
): Instant | undefined {
  const { minGapFor, zone } = input.cadence;
  const isPassed = opening.at <= input.now && !opening.isMoved;
  if (isPassed)
    return moveBehind(taken, input.now, minGapFor) === input.now ? opening.at : undefined;
  const at = moveBehind(taken, opening.at, minGapFor);
  if (at === opening.at) return at;
  const windows = openTimes(
    input.queues[opening.stream]?.windows ?? input.cadence.windows,
    date,
    zone,
  );
  return at > input.now && isWithin(windows, at) ? at : undefined;
}

/**
 * A day that the user named is obeyed even where the cadence leaves no slot on it: at a quarter of
 * an hour that does not move when the plan is made anew.
 */
function forceDatePins(date: string, state: Filling, input: ScheduleInput) {
  const { now, freshFrom, notBefore = 0, cadence } = input;
  for (let index; (index = state.rest.findIndex((one) => one.pinnedDate === date)) >= 0;) {
    const [from, to] = [openDate(date, input), openDate(addDays(date, 1), input)];
    const earliest = Math.max(
      now - graceFor + 1,
      freshFrom,
      notBefore,
      state.rest[index]?.retryAt ?? 0,
    );
    const steps = Array.from(
      { length: Math.round((to - from) / (15 * minute)) },
      (_, i) => from + i * 15 * minute,
    ).filter((at) => at >= earliest);
    const windows = openTimes(cadence.windows, date, cadence.zone);
    const far = (at: Instant) =>
      state.taken.every((other) => Math.abs(Math.max(at, now) - other) >= cadence.minGapFor);
    const at =
      steps.find((step) => isWithin(windows, step) && far(step)) ??
      steps.find(far) ??
      steps[0] ??
      Math.max(now, earliest);
    place(
      index,
      { at, why: `${date} was named as its day, which has no free slot: obeyed all the same` },
      state,
      input,
    );
  }
}

function tellWhyNot(candidate: Candidate, input: ScheduleInput, state: Filling): Unplaced {
  const { delivery, notBefore = 0, after, pinnedDate } = candidate;
  const waiting = (because: Reason, reason: string): Unplaced => ({
    delivery,
    state: 'waiting',
    because,
    reason,
  });
  if (after && after.releasedAt === undefined && !state.placed.has(after.delivery))
    return waiting('after', `after ${after.post}, which is not released`);
  if (notBefore > input.until)
    return waiting('not-before', `not before ${formatLocal(notBefore, input.cadence.zone)}`);
  if (pinnedDate !== undefined) return waiting('pinned', `pinned to ${pinnedDate}`);
  if (candidate.isFollowUp)
    return waiting(
      'no-room',
      `finds no room within perDay and minGap${candidate.expires === undefined ? '' : `, and expires ${formatLocal(candidate.expires, input.cadence.zone)}`}`,
    );
  // Says no date, which would change every night: each plan then wrote the whole queue anew.
  return {
    delivery,
    state: 'queued',
    because: 'not-yet',
    reason: `its turn comes after the next ${Math.round((input.until - input.now) / day)} days`,
  };
}
