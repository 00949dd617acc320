import { findEnd } from '../../../core/people/decide-step.ts';
import {
  cancelledDispatch,
  delayedDispatch,
  type Dispatch,
} from '../../../core/people/dispatch.ts';
import { type Enrolment, isLive } from '../../../core/people/enrolment.ts';
import { afterCap, nextOpenTime } from '../../../core/people/person-time.ts';
import type { Address, Person } from '../../../core/people/person.ts';
import type { Sequence, Step } from '../../../core/people/sequence.ts';
import { pauseOf } from '../../../core/pause-state.ts';
import { day, hour, minute } from '../../../core/time.ts';
import type { Composing, Transport } from '../../../ports/people/transport.ts';
import { readAccount, readPause } from '../../facts.ts';
import { readKnown, readSentAt } from '../known-person.ts';
import { endEnrolment, forHuman, isHumans, stepDone } from '../look-at-enrolment.ts';
import type { PeopleContext } from '../people-context.ts';
import { findReach, type Reach } from '../reach.ts';

/** What is needed to send a dispatch. */
export interface Ready {
  dispatch: Dispatch;
  person: Person;
  sequence: Sequence;
  step: Step;
  address: Address;
  addressKey: string;
  /** It asks whether a form was meant. */
  confirms?: NonNullable<Composing['confirms']>;
  /** Whether the person may be written to for this, as it is known now. */
  reachNow(person: Person): Promise<Reach>;
}

/** What is needed to send a step; undefined: it must not, or cannot, go out now. */
export async function makeReady(
  context: PeopleContext,
  transport: Pick<Transport, 'medium'>,
  dispatch: Dispatch,
): Promise<Ready | undefined> {
  const { store, sequences } = context;
  const [enrolment, person] = await Promise.all([
    store.people.findEnrolment(dispatch.enrolment),
    store.people.findPerson(dispatch.person),
  ]);
  if (!enrolment || !person) return undefined;
  if (!isLive(enrolment)) return cancel(context, dispatch, 'its sequence has ended for the person');
  if (isHumans(person, enrolment)) return giveUp(context, enrolment, dispatch);
  const sequence = sequences.get(dispatch.sequence);
  // Everyone in a sequence that cannot be read stays as he is.
  if (!sequence) return undefined;
  const step = sequence.steps.find(({ id }) => id === dispatch.step);
  if (!step) return passOver(context, { enrolment, dispatch, why: 'its step is gone' });
  const end = findEnd(sequence, await readKnown(context, person, enrolment));
  if (end) {
    await endEnrolment(context, enrolment, { ...end, open: dispatch });
    return undefined;
  }
  const known = { dispatch, person, sequence, step };
  const wanted = { purpose: sequence.id, by: [transport.medium], dispatch: dispatch.id };
  const reachNow = (now: Person) => findReach(context, now, wanted);
  const reach = await reachNow(person);
  if ('because' in reach) {
    if (reach.is === 'later') return putOff(context, dispatch, { why: reach.because, for: hour });
    await endEnrolment(context, enrolment, { as: 'stopped', why: reach.because, open: dispatch });
    return undefined;
  }
  if (await delay(context, known)) return undefined;
  const { address, addressKey } = reach;
  const why = await whyAccountWaits(context, address);
  if (why !== undefined) return putOff(context, dispatch, { why, for: 5 * minute });
  return { ...known, address, addressKey, reachNow };
}

/** Nothing goes out on an account that is paused, or that may be somebody else's. */
async function whyAccountWaits(
  { store, clock }: PeopleContext,
  address: Address,
): Promise<string | undefined> {
  if (address.medium !== 'message') return undefined;
  const { account } = address;
  if (pauseOf(await readPause(store), account, clock.now())) return `${account} is paused`;
  const { heldBecause, backoffUntil = 0 } = await readAccount(store, account);
  if (heldBecause !== undefined) return `${account} is on hold: ${heldBecause}`;
  return backoffUntil > clock.now() ? `the network of ${account} is left alone` : undefined;
}

/** It is looked at again in a while. */
async function putOff(
  context: PeopleContext,
  before: Dispatch,
  { why, for: waitFor }: { why: string; for: number },
): Promise<undefined> {
  const { store, clock } = context;
  const after = delayedDispatch(before, { at: clock.now() + waitFor, why });
  await store.people.change({ dispatch: { before, after } });
  return undefined;
}

type Known = Pick<Ready, 'dispatch' | 'person' | 'sequence' | 'step'>;

/** True: it is not its hour, or the person's week is full. */
async function delay(context: PeopleContext, known: Known): Promise<boolean> {
  const { dispatch } = known;
  const allowed = await whenAllowed(context, known);
  if (!allowed) return false;
  const after = delayedDispatch(dispatch, allowed);
  await context.store.people.change({ dispatch: { before: dispatch, after } });
  await context.alarms.set('people', dispatch.medium, allowed.at);
  return true;
}

/** A long queue may have taken it out of its hours, or into a full week. Undefined: now. */
async function whenAllowed(
  context: PeopleContext,
  { dispatch, person, sequence }: Known,
): Promise<{ at: number; why: string } | undefined> {
  const { clock, settings } = context;
  const now = clock.now();
  const zone = person.zone ?? settings.zone;
  const sentAt = await readSentAt(context, person.id, dispatch.id);
  const free = afterCap(sentAt, settings.people.perWeek, now);
  const from = Number.isFinite(free) ? free : now + day;
  // Paper has no hours.
  const at = dispatch.medium === 'letter' ? from : nextOpenTime(from, sequence.timing, zone);
  if (at <= now) return undefined;
  const why = free > now ? `${settings.people.perWeek} a week is the most` : 'in its hours';
  return { at, why };
}

export async function cancel(
  context: PeopleContext,
  before: Dispatch,
  why: string,
): Promise<undefined> {
  await context.store.people.change({
    dispatch: { before, after: cancelledDispatch(before, why) },
  });
  return undefined;
}

async function giveUp(context: PeopleContext, enrolment: Enrolment, open: Dispatch) {
  await endEnrolment(context, enrolment, { as: 'handed-over', why: forHuman, open });
  return undefined;
}

/** Its file was taken away before it went out, or nobody was there to send it. */
export async function passOver(
  context: PeopleContext,
  { enrolment, dispatch, why }: { enrolment: Enrolment; dispatch: Dispatch; why: string },
): Promise<undefined> {
  const after = stepDone(enrolment, { id: dispatch.step }, context.clock.now());
  await context.store.people.change({
    enrolment: { before: enrolment, after },
    dispatch: { before: dispatch, after: cancelledDispatch(dispatch, why) },
  });
  return undefined;
}
