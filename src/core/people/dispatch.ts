import { pickDefined } from '../pick-defined.ts';
import type { Instant } from '../time.ts';
import type { Medium } from './person.ts';

export const dispatchStates = [
  'planned',
  'sending',
  'sent',
  'bounced',
  'failed',
  'held',
  'uncertain',
  'cancelled',
] as const;
export type DispatchState = (typeof dispatchStates)[number];

/** What will be sent, written before it is: the very bytes. */
export interface DispatchIntent {
  at: Instant;
  medium: Medium;
  /** Of the address. */
  addressKey: string;
  /** Where the frozen bytes are kept, by their hash. */
  body: string;
  /** Mail's own name for it, chosen beforehand. */
  messageId?: string;
  /** The socket may have been opened for it. */
  sendingAt?: Instant;
}

/** What the other side said when it took it. */
export interface DispatchReceipt {
  at: Instant;
  /** Its words. */
  said: string;
  /** The id that it gave, where that is another one. */
  serverId?: string;
  url?: string;
}

export interface DispatchClaim {
  by: string;
  until: Instant;
}

/** One step to one person. */
export interface Dispatch {
  /** `welcome.first-steps@p-7k2mq4`; of a second run `welcome~2.first-steps@p-7k2mq4`. */
  id: string;
  person: string;
  sequence: string;
  run: number;
  step: string;
  enrolment: string;
  state: DispatchState;
  /** Which way it goes. */
  medium: Medium;
  /** When it is due, or was made due again. */
  at: Instant;
  why: string;
  attempts: number;
  /** Rises with each claim; looked at again right before the socket opens. */
  fence: number;
  claim?: DispatchClaim;
  intent?: DispatchIntent;
  receipt?: DispatchReceipt;
  /** Why it is held, failed, bounced, uncertain or cancelled. */
  reason?: string;
  /** Of a letter: the batch that it is printed with. */
  batch?: string;
  /** It was sent once more, since its mail server's answer was lost. */
  isRepeated?: true;
  sentAt?: Instant;
  revision: number;
}

export const dispatchId = (
  { sequence, run, person }: Pick<Dispatch, 'sequence' | 'run' | 'person'>,
  step: string,
): string => `${sequence}${run > 1 ? `~${run}` : ''}.${step}@${person}`;

/** From any other state it is no move. */
export class IllegalDispatchMove extends Error {
  override name = 'IllegalDispatchMove';
}

function expectState(before: Dispatch, move: string, states: readonly DispatchState[]): Dispatch {
  if (states.includes(before.state)) return before;
  throw new IllegalDispatchMove(`${before.id} is ${before.state}: ${move} is not possible`);
}

/** A worker has it until the claim ends. */
export function claimedDispatch(before: Dispatch, { by, until }: DispatchClaim): Dispatch {
  const { reason: _reason, ...one } = expectState(before, 'claimed', ['planned', 'sending']);
  return { ...one, state: 'sending', claim: { by, until }, fence: before.fence + 1 };
}

/** What will be sent is frozen. */
export function intendedDispatch(before: Dispatch, intent: DispatchIntent): Dispatch {
  return { ...expectState(before, 'intended', ['sending']), intent };
}

/** It will be printed with others: nobody holds a claim on it. */
export function batchedDispatch(
  before: Dispatch,
  { intent, batch }: { intent: DispatchIntent; batch: string },
): Dispatch {
  const { reason: _reason, ...one } = expectState(before, 'batched', ['planned']);
  return { ...one, state: 'sending', intent, batch, fence: before.fence + 1 };
}

/** It waits for the next batch. */
export function unbatchedDispatch(before: Dispatch, at: Instant): Dispatch {
  const { batch: _batch, intent: _intent, ...one } = expectState(before, 'unbatched', ['sending']);
  return { ...one, state: 'planned', at };
}

/** From here on its bytes may be on their way. */
export function openedDispatch(before: Dispatch, at: Instant): Dispatch {
  const one = expectState(before, 'opened', ['sending']);
  if (!one.intent) throw new IllegalDispatchMove(`${before.id} has no intent`);
  return { ...one, intent: { ...one.intent, sendingAt: at } };
}

export function sentDispatch(before: Dispatch, receipt: DispatchReceipt): Dispatch {
  const {
    claim: _claim,
    reason: _reason,
    ...one
  } = expectState(before, 'sent', ['sending', 'uncertain']);
  return { ...one, state: 'sent', receipt, sentAt: receipt.at };
}

/** Nothing was handed over: again, with the same bytes. What is not about it is no attempt. */
export function putOffDispatch(
  before: Dispatch,
  { at, reason, isAttempt = true }: { at: Instant; reason: string; isAttempt?: boolean },
): Dispatch {
  const { claim: _claim, intent, ...one } = expectState(before, 'put off', ['sending', 'planned']);
  const { sendingAt: _sendingAt, ...kept } = intent ?? {};
  return pickDefined({
    ...one,
    state: 'planned' as const,
    at,
    reason,
    attempts: before.attempts + (isAttempt ? 1 : 0),
    intent: intent && (kept as DispatchIntent),
  });
}

/** Not in these hours, or not this week: it was not tried. */
export function delayedDispatch(before: Dispatch, { at, why }: { at: Instant; why: string }) {
  return { ...expectState(before, 'delayed', ['planned']), at, why };
}

/** The other side refuses it for good. */
export function failedDispatch(before: Dispatch, reason: string): Dispatch {
  const { claim: _claim, ...one } = expectState(before, 'failed', ['sending', 'planned']);
  return { ...one, state: 'failed', reason };
}

/** The answer was lost: the other side is asked for it from then on. */
export function soughtDispatch(before: Dispatch, until: Instant): Dispatch {
  const one = expectState(before, 'sought', ['sending']);
  if (one.intent?.sendingAt === undefined || !one.claim)
    throw new IllegalDispatchMove(`${before.id} was not on its way`);
  return { ...one, claim: { ...one.claim, until } };
}

/** Nobody can tell whether it was taken. */
export function uncertainDispatch(before: Dispatch, reason: string): Dispatch {
  const { claim: _claim, ...one } = expectState(before, 'uncertain', ['sending']);
  return { ...one, state: 'uncertain', reason };
}

/** Once, as the operator has set it: under the same name. */
export function repeatedDispatch(before: Dispatch, at: Instant): Dispatch {
  const one = expectState(before, 'repeated', ['uncertain']);
  if (one.isRepeated) throw new IllegalDispatchMove(`${before.id} was repeated already`);
  return { ...putBack(one, at), isRepeated: true };
}

function putBack({ intent, reason: _reason, ...one }: Dispatch, at: Instant): Dispatch {
  const { sendingAt: _sendingAt, ...kept } = intent ?? {};
  return pickDefined({
    ...one,
    state: 'planned' as const,
    at,
    intent: intent && (kept as DispatchIntent),
  });
}

/** Days after it was taken. */
export function bouncedDispatch(before: Dispatch, reason: string): Dispatch {
  return { ...expectState(before, 'bounced', ['sent', 'uncertain']), state: 'bounced', reason };
}

/** A variable has no value, or its text cannot be made: somebody has to mend that. */
export function heldDispatch(before: Dispatch, reason: string): Dispatch {
  const {
    claim: _claim,
    intent: _intent,
    ...one
  } = expectState(before, 'held', ['sending', 'planned']);
  return { ...one, state: 'held', reason };
}

export function releasedDispatch(before: Dispatch, at: Instant): Dispatch {
  return putBack(expectState(before, 'released', ['held', 'failed']), at);
}

/** The person has stopped, reached the goal or left, before anything was handed over. */
export function cancelledDispatch(before: Dispatch, reason: string): Dispatch {
  const {
    claim: _claim,
    intent,
    ...one
  } = expectState(before, 'cancelled', ['planned', 'held', 'sending']);
  if (intent?.sendingAt !== undefined)
    throw new IllegalDispatchMove(`${before.id} may be on its way already`);
  return { ...one, state: 'cancelled', reason };
}

/** What had cancelled it was taken back; nothing of it was ever handed over. */
export function revivedDispatch(before: Dispatch, at: Instant): Dispatch {
  const {
    intent,
    reason: _reason,
    batch: _batch,
    ...one
  } = expectState(before, 'revived', ['cancelled']);
  if (intent?.sendingAt !== undefined)
    throw new IllegalDispatchMove(`${before.id} may have been sent`);
  return { ...one, state: 'planned', at };
}

/** It was not printed after all. */
export function unsentDispatch(before: Dispatch): Dispatch {
  const {
    receipt: _receipt,
    sentAt: _sentAt,
    ...one
  } = expectState(before, 'taken back', ['sent']);
  if (one.batch === undefined) throw new IllegalDispatchMove(`${before.id} is not a letter`);
  return { ...one, state: 'sending' };
}
