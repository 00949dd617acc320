import { ownTurn } from '../../../ports/own-turn.ts';
import { type Dispatch, putOffDispatch } from '../../../core/people/dispatch.ts';
import { media } from '../../../core/people/person.ts';
import { second } from '../../../core/time.ts';
import type { PeopleContext } from '../people-context.ts';
import { seek, settleOutcome, settleUncertain } from './settle-dispatch.ts';

const mostAtOnce = 200;

/**
 * Dispatches whose sender has died. What had not begun to go out goes back to the queue with its
 * bytes; of the rest nobody can tell. Who is alone need not wait for a claim to end.
 */
export async function reconcileDispatches(
  context: PeopleContext,
  { isAlone }: { isAlone: boolean },
): Promise<void> {
  const { store, clock, worker, transports } = context;
  const now = clock.now();
  const left = isAlone
    ? await listSending(context)
    : // Of the others' claims only those that have ended.
      await store.people.listDispatches({
        states: ['sending'],
        limit: mostAtOnce,
        claimedUntil: now,
      });
  for (const before of left) {
    const { claim } = before;
    const isDead = (isAlone && claim?.by !== worker) || (claim?.until ?? 0) <= now;
    if (!isDead) continue;
    await ownTurn();
    const transport = transports.get(before.medium) ?? { whenUnknown: 'leave' as const };
    if (before.intent?.sendingAt !== undefined && 'findOut' in transport) {
      await findOut(context, before);
    } else if (before.intent?.sendingAt !== undefined) {
      const said = 'it was interrupted while it was handed over';
      await settleUncertain(context, before, { said, transport });
    } else {
      const after = putOffDispatch(before, {
        at: now,
        reason: 'it was interrupted before it began',
      });
      await store.people.change({ dispatch: { before, after } });
    }
  }
}

const lookFor = 60 * second;

/** The other side may show whether it is there. */
async function findOut(context: PeopleContext, dispatch: Dispatch): Promise<void> {
  const { store, transports } = context;
  const transport = transports.get(dispatch.medium);
  const { intent } = dispatch;
  const bytes = intent && (await store.people.findBody(intent.body));
  if (!transport?.findOut || !intent || !bytes)
    return seek(context, dispatch).then(() => undefined);
  const isTaken = async (id: string) => {
    const other = await store.people.findDispatchByMessage(id);
    return other !== undefined && other.id !== dispatch.id;
  };
  const since = intent.sendingAt ?? intent.at;
  const signal = AbortSignal.timeout(lookFor);
  const outcome = await transport.findOut({ bytes, dispatch }, { since, isTaken, signal });
  if (!outcome || outcome.is === 'uncertain') await seek(context, dispatch);
  else await settleOutcome(context, { dispatch, outcome, transport, was: dispatch });
}

/** Letters in a batch wait for a person, not for a claim to end. */
async function listSending({ store }: PeopleContext): Promise<Dispatch[]> {
  const found = await Promise.all(
    media
      .filter((medium) => medium !== 'letter')
      .map((medium) =>
        store.people.listDispatches({
          medium,
          states: ['sending'],
          order: 'at',
          limit: mostAtOnce,
        }),
      ),
  );
  return found.flat();
}
