import {
  type Dispatch,
  type DispatchReceipt,
  failedDispatch,
  putOffDispatch,
  repeatedDispatch,
  sentDispatch,
  soughtDispatch,
  uncertainDispatch,
} from '../../../core/people/dispatch.ts';
import { nameOf } from '../../../core/people/forms/confirmation.ts';
import { type Enrolment, isLive } from '../../../core/people/enrolment.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import { hour, minute } from '../../../core/time.ts';
import { onClock } from '../../../ports/clock.ts';
import type { MailOutcome } from '../../../ports/people/mail.ts';
import type { Transport } from '../../../ports/people/transport.ts';
import { makeEntry } from '../../context.ts';
import { handOver } from '../hand-to-human.ts';
import { stepDone } from '../look-at-enrolment.ts';
import type { PeopleContext } from '../people-context.ts';
import { type Met, noteTrouble } from './transport-trouble.ts';

interface Settling {
  dispatch: Dispatch;
  outcome: MailOutcome;
  transport: Pick<Transport, 'whenUnknown' | 'findOut'>;
  /** As it was before it was claimed. */
  was: Dispatch;
}

/** 1, 2, 4 … minutes, at most four hours. */
const retryFor = (attempts: number) => Math.min(4 * hour, minute * 2 ** Math.min(10, attempts));
/** After so many it is an end: a server that says "later" for days means no. */
const mostAttempts = 40;

/** One write for each end. False: the transport as a whole has to wait, and rests. */
export async function settleOutcome(
  context: PeopleContext,
  { dispatch, outcome, transport }: Settling,
): Promise<boolean> {
  const { clock } = context;
  if (outcome.is === 'sent') {
    const { said, serverId, url } = outcome;
    const receipt = pickDefined({ at: clock.now(), said, serverId, url });
    await settleDone(context, sentDispatch(dispatch, receipt), { before: dispatch, type: 'sent' });
    return true;
  }
  if (outcome.is === 'uncertain') {
    if (transport.findOut) return seek(context, dispatch);
    await settleUncertain(context, dispatch, { said: outcome.said, transport });
    // A server that swallows answers would make everybody's message uncertain.
    await rest(context, dispatch, { said: outcome.said, needsPerson: false });
    return false;
  }
  const isAboutUs = outcome.about === 'sender';
  if (outcome.is === 'refused' && !isAboutUs) {
    const after = failedDispatch(dispatch, outcome.said);
    await settleDone(context, after, { before: dispatch, type: 'unsent' });
    return true;
  }
  if (!isAboutUs && dispatch.attempts >= mostAttempts) {
    const after = failedDispatch(dispatch, outcome.said);
    await settleDone(context, after, { before: dispatch, type: 'unsent' });
    return true;
  }
  const { said: reason } = outcome;
  const at = isAboutUs
    ? await rest(context, dispatch, { said: reason, needsPerson: outcome.is === 'refused' })
    : clock.now() + onClock(clock, retryFor(dispatch.attempts));
  const after = putOffDispatch(dispatch, { at, reason, isAttempt: !isAboutUs });
  await context.store.people.change({ dispatch: { before: dispatch, after } });
  await context.alarms.set('people', dispatch.medium, at);
  return !isAboutUs;
}

const rest = (context: PeopleContext, { medium }: Dispatch, met: Omit<Met, 'medium'>) =>
  noteTrouble(context, { medium, ...met });

const lookGapFor = minute;
const soughtFor = 15 * minute;

/** The other side is asked in a while. Undefined: it was for long enough. */
export async function seek(context: PeopleContext, dispatch: Dispatch): Promise<boolean> {
  const { clock, store } = context;
  const { sendingAt = 0 } = dispatch.intent ?? {};
  const now = clock.now();
  if (now - sendingAt > onClock(clock, soughtFor)) {
    const said = 'its answer was lost, and the network does not show it';
    await settleUncertain(context, dispatch, { said, transport: { whenUnknown: 'leave' } });
    return true;
  }
  const after = soughtDispatch(dispatch, now + onClock(clock, lookGapFor));
  await store.people.change({ dispatch: { before: dispatch, after } });
  return true;
}
/** Somebody says that it has gone out. */
export const settleSent = (
  context: PeopleContext,
  before: Dispatch,
  receipt: DispatchReceipt,
): Promise<void> => settleDone(context, sentDispatch(before, receipt), { before, type: 'sent' });

/** It may or may not have been taken: told, and left alone or repeated once an hour later. */
export async function settleUncertain(
  context: PeopleContext,
  dispatch: Dispatch,
  { said, transport }: { said: string; transport: Pick<Transport, 'whenUnknown'> },
): Promise<void> {
  const { clock, store, alarms } = context;
  const uncertain = uncertainDispatch(dispatch, said);
  if (transport.whenUnknown === 'again' && !dispatch.isRepeated) {
    const at = clock.now() + onClock(clock, hour);
    const after = repeatedDispatch(uncertain, at);
    await store.people.change({ dispatch: { before: dispatch, after } });
    await alarms.set('people', dispatch.medium, at);
    return;
  }
  await settleDone(context, uncertain, { before: dispatch, type: 'unsent' });
}

const tells: Partial<Record<Dispatch['state'], (one: Dispatch) => string>> = {
  sent: (one) => `${nameOf(one)} was sent`,
  failed: (one) => `${nameOf(one)} was refused: ${one.reason}`,
  uncertain: (one) =>
    `${nameOf(one)} may or may not have been sent: ${one.reason}. It is not sent again by itself`,
};

/** Whatever its end, the person's way goes on from here: one write with the enrolment. */
async function settleDone(
  context: PeopleContext,
  after: Dispatch,
  { before, type }: { before: Dispatch; type: 'sent' | 'unsent' },
): Promise<void> {
  const { store, clock, alarms } = context;
  const { id, person, step } = after;
  const text = tells[after.state]?.(after) ?? id;
  const entryId = `${id}#${before.revision}:${after.state}`;
  const entries = [makeEntry(context, type, { id: entryId, person, text })];
  for (let tries = 0; tries < 20; tries += 1) {
    const enrolment = await store.people.findEnrolment(after.enrolment);
    const isWritten = await store.people.change({
      ...goOn(enrolment, step, clock.now()),
      dispatch: { before, after },
      entries,
    });
    if (isWritten) {
      await alarms.set('people', 'enrolments', clock.now());
      return handOverAfter(context, after);
    }
    const now = await store.people.findDispatch(id);
    if (now?.revision !== before.revision) return;
  }
}

/** A step may say that a human goes on from there. */
async function handOverAfter(context: PeopleContext, { person, sequence, step, state }: Dispatch) {
  const sent = context.sequences.get(sequence)?.steps.find(({ id }) => id === step);
  if (state === 'sent' && sent?.handOver) await handOver(context, person, `${step} was sent`);
}

function goOn(before: Enrolment | undefined, step: string, now: number) {
  if (!before || !isLive(before)) return {};
  return { enrolment: { before, after: stepDone(before, { id: step }, now) } };
}
