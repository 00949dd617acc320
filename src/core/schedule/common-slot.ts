import { addDays, atLocal, type Instant, localDate, minute } from '../time.ts';
import { isOpenDay, isWithin, openTimes } from './cadence.ts';
import { isInTime } from './fill-date.ts';
import {
  type Filling,
  hasFeedRoom,
  isFull,
  isReserved,
  isShareFull,
  place,
  startFilling,
} from './filling.ts';
import { graceOf, streamOf } from './openings.ts';
import { sortOut } from './schedule.ts';
import type { Candidate, ScheduleInput } from './schedule-input.ts';

/** One account of a post that is published on all its accounts at one time. */
export interface Member {
  account: string;
  candidate: Candidate;
  /** The slot that it would have by itself. */
  at: Instant;
  /** The common slot of the plan before. */
  keptAt?: Instant;
}

export interface Company {
  /** The post, or one of its runs. */
  run: string;
  members: Member[];
}

/** Instants are tried in this step, on a grid that does not move when the queue is rescheduled. */
const step = 15 * minute;

/**
 * For each company the earliest instant, from the day on which it is the turn of its last account,
 * that the windows, gaps and numbers of all its accounts allow. None within the plan: it is left
 * out. Pure.
 */
export function commonSlots(
  inputs: ReadonlyMap<string, ScheduleInput>,
  companies: readonly Company[],
): Map<string, Instant> {
  const rooms = new Map([...inputs].map(([account, input]) => [account, roomOf(input)]));
  const found = new Map<string, Instant>();
  for (const company of inTurn(companies)) {
    const at = findInstant(company, rooms);
    if (at === undefined) continue;
    found.set(company.run, at);
    for (const { account, candidate } of company.members) {
      const room = rooms.get(account);
      const index = room?.rest.findIndex((one) => one.delivery === candidate.delivery) ?? -1;
      if (room && index >= 0) place(room, index, { at, why: '', isCommon: true });
    }
  }
  return found;
}

/** What is fixed already: releases, and what the user has said. */
function roomOf(input: ScheduleInput): Filling {
  const { open, fixed } = sortOut(input);
  return startFilling(input, fixed, open);
}

const turnOf = ({ members }: Company): Instant => Math.max(...members.map(({ at }) => at));

/** Undefined: the accounts had different slots. */
function keptBy({ members: [first, ...others] }: Company): Instant | undefined {
  const at = first?.keptAt;
  return others.every(({ keptAt }) => keptAt === at) ? at : undefined;
}

const inTurn = (companies: readonly Company[]): Company[] => {
  const key = (one: Company) => Math.min(turnOf(one), keptBy(one) ?? Infinity);
  return companies.toSorted((a, b) => key(a) - key(b) || (a.run < b.run ? -1 : 1));
};

/**
 * The slot of the plan before stays, unless there is an earlier one: other posts that were
 * published meanwhile would push it on for ever.
 */
function findInstant(company: Company, rooms: ReadonlyMap<string, Filling>): Instant | undefined {
  const { members } = company;
  const inputs = members.flatMap(({ account }) => rooms.get(account)?.input ?? []);
  const now = Math.max(...inputs.map((input) => input.now));
  const grace = Math.max(...inputs.map(graceOf));
  const until = Math.min(...inputs.map((input) => input.until));
  const fits = (at: Instant) =>
    members.every((member) => {
      const room = rooms.get(member.account);
      return room !== undefined && isAllowed(room, member, at);
    });
  const turn = Math.max(now, turnOf(company));
  const kept = keptBy(company);
  const keptAt = kept !== undefined && kept > now - grace && fits(kept) ? kept : Infinity;
  const zone = inputs[0]?.cadence.zone ?? 'UTC';
  for (const at of instantsFrom(turn, { now, end: Math.min(until, keptAt), zone }))
    if ((keptAt === Infinity || (at >= turn && at < keptAt)) && fits(at)) return at;
  return keptAt < Infinity ? keptAt : undefined;
}

/** The turn, the rest of its day, that day before it with the latest first, and the days after. */
function* instantsFrom(
  turn: Instant,
  { now, end, zone }: { now: Instant; end: Instant; zone: string },
): Generator<Instant> {
  yield turn;
  const date = localDate(turn, zone);
  const tomorrow = Math.min(end, atLocal(addDays(date, 1), 0, zone));
  const first = Math.floor(turn / step + 1) * step;
  for (let at = first; at < tomorrow; at += step) yield at;
  const today = Math.max(now, atLocal(date, 0, zone));
  for (let at = Math.ceil(turn / step - 1) * step; at >= today; at -= step) yield at;
  for (let at = Math.max(first, Math.ceil(tomorrow / step) * step); at < end; at += step) yield at;
}

function isAllowed(room: Filling, { candidate, at: own }: Member, at: Instant): boolean {
  const { input, taken, placed } = room;
  const { zone, minGapFor, windows, days, blackout } = input.cadence;
  const date = localDate(at, zone);
  const stream = streamOf(candidate, input);
  const queue = input.queues[stream];
  const { pinnedDate, after } = candidate;
  const before = after && placed.get(after.delivery);
  const opening = { at, stream, place: [1, 1] } as const;
  return (
    at <= input.until &&
    at >= (input.notBefore ?? 0) &&
    isInTime(candidate, at) &&
    (!after || (at >= own && (before ?? 0) + after.delayFor <= at)) &&
    isOpenDay({ days: queue?.days ?? days, blackout }, date) &&
    isWithin(openTimes(queue?.windows ?? windows, date, zone), at) &&
    taken.every((other) => Math.abs(other - at) >= minGapFor) &&
    !isFull(room, date, opening) &&
    (pinnedDate === undefined ? !isReserved(room, date, opening) : pinnedDate === date) &&
    !isShareFull(room, date, stream) &&
    hasFeedRoom(room, date, candidate)
  );
}
