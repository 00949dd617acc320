import { createHash } from 'node:crypto';
import { confirmationSequence, isConfirmation } from '../../../core/people/forms/confirmation.ts';
import {
  claimedDispatch,
  type Dispatch,
  intendedDispatch,
  openedDispatch,
} from '../../../core/people/dispatch.ts';
import type { Medium } from '../../../core/people/person.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import { pauseOf } from '../../../core/pause-state.ts';
import { Refusal } from '../../../core/problem.ts';
import { ownTurn } from '../../../ports/own-turn.ts';
import { onClock } from '../../../ports/clock.ts';
import type { Composed, Transport } from '../../../ports/people/transport.ts';
import { readPause } from '../../facts.ts';
import { readyToConfirm } from '../forms/ready-to-confirm.ts';
import { readBacklog } from './backlog.ts';
import { holdDispatch } from './hold-dispatch.ts';
import { makeReady, type Ready } from './make-ready.ts';
import type { PeopleContext } from '../people-context.ts';
import { settleOutcome } from './settle-dispatch.ts';
import { takeCoupon } from './take-coupon.ts';
import { takeTurn } from './transport-pace.ts';
import { endTrouble, readTrouble } from './transport-trouble.ts';

const mostAtOnce = 50;

/** Thrown inside a send where it must not go out any more: nothing was handed over. */
class Overtaken extends Error {}

/**
 * Sends what is due on a medium, the oldest first, as fast as its pace allows. Everything is looked
 * at again right before: goal, leave, stop, and whether the step still exists.
 */
export async function sendDue(
  context: PeopleContext,
  medium: Medium,
  signal: AbortSignal,
): Promise<void> {
  const { store, clock, alarms, transports, worker } = context;
  const transport = transports.get(medium);
  if (!transport || (await isPaused(context))) return;
  let trouble = await readTrouble(store, medium);
  const isNew = trouble?.worker !== undefined && trouble.worker !== worker;
  if (trouble && !isNew && trouble.until > clock.now())
    return alarms.set('people', medium, trouble.until);
  // Whoever has just filled in a form does not wait for the operator.
  const waiting = await readBacklog(store);
  const isWaiting = waiting !== undefined;
  if (isWaiting && (medium !== 'mail' || waiting.isCopy)) return;
  const due = await store.people.listDispatches({
    ...(isWaiting ? { sequence: confirmationSequence } : { medium }),
    states: ['planned'],
    dueBy: clock.now(),
    order: 'at',
    limit: mostAtOnce,
  });
  for (const dispatch of due) {
    if (signal.aborted) return;
    await ownTurn();
    const ready = isConfirmation(dispatch)
      ? await readyToConfirm(context, dispatch)
      : await makeReady(context, transport, dispatch);
    if (!ready) continue;
    const waitUntil = await takeTurn(context, { medium, ...transport.pace });
    if (waitUntil !== undefined) return alarms.set('people', medium, waitUntil);
    const then = await sendOne(context, { ...ready, transport, signal });
    if (then === 'rests') return;
    if (then === 'works' && trouble) {
      await endTrouble(context, medium);
      trouble = undefined;
    }
  }
  if (due.length === mostAtOnce) await alarms.set('people', medium, clock.now());
}

/** Whoever pauses everything means people too. */
async function isPaused({ store, clock }: PeopleContext): Promise<boolean> {
  return pauseOf(await readPause(store), '*', clock.now()) !== undefined;
}

type Sending = Ready & { transport: Transport; signal: AbortSignal };

/** Whether the transport as a whole goes on. `passed-over`: it was not asked. */
async function sendOne(
  context: PeopleContext,
  sending: Sending,
): Promise<'works' | 'rests' | 'passed-over'> {
  const { store, clock } = context;
  const { dispatch, transport, address } = sending;
  const frozen = await freeze(context, sending);
  if (!frozen) return 'passed-over';
  const { claimed, composed } = frozen;
  let opened = claimed;
  const outcome = await transport.send(
    { ...composed, dispatch: claimed, address },
    {
      signal: sending.signal,
      // The last look, right before the first byte: from here on a crash leaves it uncertain.
      mayOpen: async () => {
        await assertStands(context, sending, claimed);
        const after = openedDispatch(claimed, clock.now());
        if (!(await store.people.change({ dispatch: { before: claimed, after } })))
          throw new Overtaken('another worker has it');
        opened = { ...after, revision: claimed.revision + 1 };
      },
    },
  );
  const works = await settleOutcome(context, {
    dispatch: opened,
    outcome,
    transport,
    was: dispatch,
  });
  return works ? 'works' : 'rests';
}

/** Claims it with the bytes that it will have. Undefined: somebody else has it, or it is held. */
async function freeze(
  context: PeopleContext,
  { dispatch, transport, addressKey, ...ready }: Sending,
): Promise<{ claimed: Dispatch; composed: Composed } | undefined> {
  const { store, clock, worker, claimFor } = context;
  const at = dispatch.intent?.at ?? clock.now();
  try {
    const kept = await readFrozen(context, dispatch, addressKey);
    const composed =
      kept ?? (await composeNew(context, { ...ready, dispatch, transport, addressKey, at }));
    const body = createHash('sha256').update(composed.bytes).digest('hex');
    const { messageId } = composed;
    const until = clock.now() + onClock(clock, claimFor);
    const intent = pickDefined({ at, medium: transport.medium, addressKey, body, messageId });
    const after = intendedDispatch(claimedDispatch(dispatch, { by: worker, until }), intent);
    const isOurs = await store.people.change({ dispatch: { before: dispatch, after } });
    return isOurs
      ? { claimed: { ...after, revision: dispatch.revision + 1 }, composed }
      : undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await holdDispatch(context, dispatch, error.message);
    return undefined;
  }
}

/** What was frozen before and not handed over stays as it was, unless it goes elsewhere now. */
async function readFrozen(
  { store }: PeopleContext,
  { intent }: Dispatch,
  addressKey: string,
): Promise<Composed | undefined> {
  if (!intent || intent.addressKey !== addressKey) return undefined;
  const bytes = await store.people.findBody(intent.body);
  return bytes && pickDefined({ bytes, messageId: intent.messageId });
}

async function composeNew(
  context: PeopleContext,
  { transport, addressKey: _key, ...ready }: Omit<Sending, 'signal'> & { at: number },
): Promise<Composed> {
  const { person } = ready.dispatch;
  const coupon = await takeCoupon(context, ready.step, person);
  const composed = await transport.compose(pickDefined({ ...ready, coupon }));
  const { bytes, links } = composed;
  const hash = createHash('sha256').update(bytes).digest('hex');
  await context.store.people.putBody({ person, hash, bytes }, links);
  return composed;
}

/** Throws where a stop, another worker or the end of the claim came in between. */
async function assertStands(
  context: PeopleContext,
  { person: { id }, addressKey, reachNow }: Sending,
  claimed: Dispatch,
): Promise<void> {
  const { store, clock } = context;
  const [person, now] = await Promise.all([
    store.people.findPerson(id),
    store.people.findDispatch(claimed.id),
  ]);
  if (!person || now?.revision !== claimed.revision || (claimed.claim?.until ?? 0) <= clock.now())
    throw new Overtaken('it was taken back');
  const reach = await reachNow(person);
  if (!('addressKey' in reach) || reach.addressKey !== addressKey)
    throw new Overtaken('the address was stopped');
}
