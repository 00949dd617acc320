import { pickDefined } from '../pick-defined.ts';
import type { Slot, Unplaced } from '../schedule/slot.ts';
import type { Instant } from '../time.ts';
import {
  type Delivery,
  type Ended,
  isOpen,
  openStates,
  stuckStates,
  type Planned,
  type Queued,
} from './delivery.ts';
import { rankAtBottom, rankAtTop, rankForFollowUp } from './rank.ts';
import type { Held } from './reason.ts';
import { asEnded, asFresh, asQueued, common, expectState } from './state-shapes.ts';
import {
  type FollowUpTerms,
  overrulePin,
  pinnedInstant,
  restoredTerms,
  type Terms,
  withHeld,
  withoutPastExpiry,
} from './terms.ts';

/*
 * Moves in the queue: the planner's, the file's and a person's. Each builds the new state from what
 * that state may hold; callers write what comes back. Moves of a release are in `release-moves.ts`.
 */

/** The planner gives it a slot. */
export function planned(before: Delivery, { at, openingAt, why }: Slot): Planned {
  const open = expectState(before, 'planned', openStates);
  return pickDefined({
    ...common(open),
    state: 'planned' as const,
    at,
    openingAt,
    why,
    retryAt: open.retryAt,
  });
}

/** The planner has no slot for it: it waits, or its time is over. */
export function unplaced(
  before: Delivery,
  { state, reason, because }: Omit<Unplaced, 'delivery'>,
): Delivery {
  const open = expectState(before, 'unplaced', openStates);
  if (state === 'missed' || state === 'expired') return asEnded(open, { state, reason, because });
  if (state === 'queued') return pickDefined({ ...asQueued(open, reason), because });
  return pickDefined({ ...asQueued(open, reason), state, because, reason });
}

const pendingStates = [...openStates, ...stuckStates];

/** What a file says about its deliveries. */
export interface FileWords {
  terms: Terms;
  rank: string;
  queue?: string | undefined;
}

/** The file was edited: the delivery keeps its state, and its place until the next plan. */
export function edited(before: Delivery, { terms, rank, queue }: FileWords): Delivery {
  const { queue: _queue, ...one } = expectState(before, 'edited', pendingStates);
  return { ...one, terms, rank, ...pickDefined({ queue }) } as Delivery;
}

/** The file of a refused or withdrawn delivery was corrected, or is back: a new beginning. */
export function revived(before: Delivery, { terms, rank, queue }: FileWords): Queued {
  const { queue: _queue, ...fresh } = asFresh(
    expectState(before, 'revived', ['failed', 'withdrawn']),
  );
  return pickDefined({ ...fresh, terms, rank, queue });
}

/** Its file is broken, a draft or gone; undefined: it is well again. */
export function held(before: Delivery, why: Held | undefined): Delivery {
  const one = expectState(before, 'held', pendingStates);
  return { ...one, terms: withHeld(one.terms, why) };
}

export function withdrawnByFile(before: Delivery, reason: string): Ended {
  return asEnded(expectState(before, 'withdrawn', openStates), { state: 'withdrawn', reason });
}

/** Its rule fired: a post of another file that waited for this goes before what is merely next. */
export function sentOff(
  before: Delivery,
  followUp: FollowUpTerms,
  { at, campaign }: { at: Instant; campaign?: string | undefined },
): Queued {
  const open = asQueued(expectState(before, 'sentOff', openStates));
  const terms = pickDefined({ campaign, ...open.terms, followUp });
  return { ...open, rank: rankForFollowUp(at), terms };
}

/** Back to the queue, whatever it was: its attempts begin again, and nothing of it is out. */
function requeued(before: Delivery, move: string, now: Instant): Queued {
  const fresh = asFresh(expectState(before, move, pendingStates));
  return { ...fresh, terms: withoutPastExpiry(fresh.terms, now) };
}

/** `retry`: a pin that has passed would be missed again. */
export function retried(before: Delivery, now: Instant): Queued {
  const { pinnedAt, ...fresh } = requeued(before, 'retried', now);
  const isAhead = (pinnedInstant(fresh.terms.pin) ?? 0) > now;
  return pickDefined({
    ...fresh,
    pinnedAt: pinnedAt !== undefined && pinnedAt > now ? pinnedAt : undefined,
    terms: isAhead ? fresh.terms : overrulePin(fresh.terms),
  });
}

/** `now`: planned for this minute. */
export function urged(before: Delivery, { now, why }: { now: Instant; why: string }): Planned {
  return { ...requeued(before, 'urged', now), state: 'planned', at: now, pinnedAt: now, why };
}

/** `move ID WHEN`. */
export function movedTo(before: Delivery, { at, now }: { at: Instant; now: Instant }): Queued {
  return { ...requeued(before, 'movedTo', now), pinnedAt: at };
}

/** `move ID top` and `move ID bottom`: by the queue from now on, whatever date the file has. */
export function movedToTop(before: Delivery, now: Instant): Queued {
  return { ...unpinned(requeued(before, 'movedToTop', now)), rank: rankAtTop(now) };
}

export function movedToBottom(before: Delivery, now: Instant): Queued {
  return {
    ...unpinned(requeued(before, 'movedToBottom', now)),
    rank: rankAtBottom(now, before.run),
  };
}

/** `skip`: attempts and their retry stay, since it was not tried again. */
export function skipped(before: Delivery, now: Instant): Queued {
  const open = asQueued(expectState(before, 'skipped', openStates));
  return { ...unpinned(open), rank: rankAtBottom(now, before.run) };
}

function unpinned({ pinnedAt: _pinned, ...one }: Queued): Queued {
  return { ...one, terms: overrulePin(one.terms) };
}

export function skippedForGood(before: Delivery): Ended {
  const from = expectState(before, 'skippedForGood', [
    ...openStates,
    'missed',
    'failed',
    'expired',
  ]);
  const { pinnedAt: _pinned, ...ended } = asEnded(from, {
    state: 'skipped',
    reason: 'skipped for good',
    byPerson: true,
  });
  return { ...ended, terms: overrulePin(ended.terms) };
}

/** `withdraw` and `reject`: a file that comes back does not undo it. */
export function withdrawn(before: Delivery, reason: string): Ended {
  const from = expectState(before, 'withdrawn', [...openStates, 'missed', 'failed']);
  return asEnded(from, { state: 'withdrawn', reason, byPerson: true });
}

/** A run whose release before it was not published after all: `undo` of `settle`. */
export function runTakenBack(before: Delivery): Ended {
  const from = expectState(before, 'runTakenBack', openStates);
  const reason = 'the run before it was not published after all';
  return asEnded(from, { state: 'withdrawn', because: 'run-taken-back', reason, byPerson: true });
}

/** For the present text alone. */
export function approved(before: Delivery): Queued {
  const open = asQueued(expectState(before, 'approved', openStates));
  return { ...open, approvedHash: open.terms.hash };
}

/**
 * `undo`: what the delivery was before a command. An open one is queued, since its slot may be
 * gone; what the file says meanwhile stays, and fences never go back.
 */
export function restored(current: Delivery, before: Delivery): Delivery {
  const terms = restoredTerms(current.terms, before.terms);
  const { queue: _queue, ...old } = isOpen(before.state) ? asQueued(before) : before;
  return pickDefined({
    ...old,
    terms,
    queue: current.queue,
    fence: current.fence,
    revision: current.revision,
  }) as Delivery;
}
