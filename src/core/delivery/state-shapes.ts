import { pickDefined } from '../pick-defined.ts';
import type { Receipt } from '../post/message.ts';
import type { Delivery, Ended, InState, Queued, Releasing, State } from './delivery.ts';

/*
 * What a state may hold, picked by name: a field that is not listed here does not survive a move.
 * `moves.ts` and `release-moves.ts` build every new state from these.
 */

/** A move from a state that does not allow it is a fault of the program. */
export class IllegalMove extends Error {
  override name = 'IllegalMove';
}

export function expectState<S extends State>(
  delivery: Delivery,
  move: string,
  states: readonly S[],
): InState<S> {
  if (!(states as readonly State[]).includes(delivery.state))
    throw new IllegalMove(`${delivery.id} is ${delivery.state}: "${move}" does not begin there`);
  return delivery as InState<S>;
}

export function common(one: Delivery) {
  return pickDefined({
    id: one.id,
    post: one.post,
    run: one.run,
    account: one.account,
    network: one.network,
    queue: one.queue,
    rank: one.rank,
    terms: one.terms,
    approvedHash: one.approvedHash,
    pinnedAt: one.pinnedAt,
    attempts: one.attempts,
    fence: one.fence,
    receipts: one.receipts,
    looks: 0,
    createdAt: one.createdAt,
    revision: one.revision,
  });
}

/** Waiting for a slot; attempts and their retry are kept, since nothing of them landed. */
export function asQueued(one: Delivery, reason?: string): Queued {
  return pickDefined({
    ...common(one),
    state: 'queued' as const,
    receipts: [] as Receipt[],
    retryAt: one.retryAt,
    reason,
  });
}

/** Queued as if it had never been tried. */
export function asFresh(one: Delivery): Queued {
  const { retryAt: _retry, ...queued } = asQueued(one);
  return { ...queued, attempts: 0 };
}

export function asEnded(
  one: Delivery,
  ended: Pick<Ended, 'state' | 'reason' | 'because' | 'byPerson'>,
): Ended {
  return pickDefined({ ...common(one), ...ended });
}

/** The slot that a release took: `openingAt` is what the cadence counts, the rest is shown. */
export function slotOf({ at, openingAt, why }: Delivery) {
  return pickDefined({ at, openingAt, why });
}

/** A release under way that no worker has in hand: it is reconciled from `lookAt` on. */
export function asLeft(one: Releasing, lookAt: number, reason?: string): Releasing {
  return pickDefined({
    ...common(one),
    ...slotOf(one as Delivery),
    state: 'releasing' as const,
    startedAt: one.startedAt,
    intent: one.intent,
    looks: one.looks,
    repeats: one.repeats,
    retryAt: one.retryAt,
    lookAt,
    reason,
  });
}
