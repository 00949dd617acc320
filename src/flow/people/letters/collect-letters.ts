import { ownTurn } from '../../../ports/own-turn.ts';
import { createHash } from 'node:crypto';
import { batchedDispatch, type Dispatch, releasedDispatch } from '../../../core/people/dispatch.ts';
import {
  batchId,
  type BatchSlot,
  collectingBatch,
  lastSlot,
  type LetterBatch,
  madeBatch,
} from '../../../core/people/letters/letter-batch.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import { plural } from '../../../core/plural.ts';
import { Refusal } from '../../../core/problem.ts';
import type { LetterPress } from '../../../ports/people/letters.ts';
import { makeEntry } from '../../context.ts';
import { changeFact, factKey, readFact } from '../../facts.ts';
import type { PeopleContext } from '../people-context.ts';
import { holdDispatch } from '../sending/hold-dispatch.ts';
import { makeReady, type Ready } from '../sending/make-ready.ts';
import { takeCoupon } from '../sending/take-coupon.ts';
import { batchFact } from './batch-facts.ts';

/** More would make a file that is slow to open. */
const mostInOne = 500;
const mostAtOnce = 5000;

interface Collecting {
  press: LetterPress;
  slot: BatchSlot;
  signal: AbortSignal;
}

/**
 * Puts together what was planned when the batch's time came. Each letter is put in by one write of
 * its own, so that it is in one batch and in no other, whatever dies; then the list is closed.
 */
export async function collectLetters(
  context: PeopleContext,
  { press, signal }: Omit<Collecting, 'slot'>,
): Promise<void> {
  const { store, clock, settings } = context;
  const slot = lastSlot(clock.now(), press.time, settings.zone);
  const collecting = { press, slot, signal };
  await releaseHeld(context, slot);
  const due = await store.people.listDispatches({
    medium: 'letter',
    states: ['planned'],
    dueBy: slot.at,
    order: 'at',
    limit: mostAtOnce,
  });
  let open = await findOpen(context, collecting);
  if (due.length === 0 && open.members.length === 0) return;
  for (const dispatch of due) {
    if (signal.aborted) return;
    await ownTurn();
    const ready = await makeReady(context, { medium: 'letter' }, dispatch);
    if (!ready) continue;
    if (open.members.length >= mostInOne) {
      await close(context, collecting, open.id);
      open = await findOpen(context, collecting);
    }
    const { id } = open;
    await changeFact(store, batchFact(id), (before) =>
      before ? undefined : collectingBatch(id, slot.at),
    );
    if (await putIn(context, collecting, { ready, batch: id })) open.members.push(dispatch.id);
  }
  if (open.members.length > 0) await close(context, collecting, open.id);
}

const slotFact = factKey<number>('letter-slot', 0);

/** What was held is tried again with each batch, and only then: it may have been corrected. */
async function releaseHeld({ store }: PeopleContext, { at }: BatchSlot): Promise<void> {
  if ((await readFact(store, slotFact)) >= at) return;
  const held = await store.people.listDispatches({ medium: 'letter', states: ['held'] });
  for (const before of held) {
    const after = releasedDispatch(before, Math.max(before.at, at));
    await store.people.change({ dispatch: { before, after } });
  }
  await changeFact(store, slotFact, () => at);
}

const inBatches = ({ store }: PeopleContext): Promise<Dispatch[]> =>
  store.people.listDispatches({ medium: 'letter', states: ['sending'] });

/** The first one of this time that is not closed, with what an interrupted start put in. */
async function findOpen(
  context: PeopleContext,
  { slot }: Collecting,
): Promise<{ id: string; members: string[] }> {
  const sending = await inBatches(context);
  for (let number = 1; ; number += 1) {
    const id = batchId(slot, number);
    const known = await readFact(context.store, batchFact(id));
    if (known && known.state !== 'collecting') continue;
    return { id, members: sending.filter(({ batch }) => batch === id).map((one) => one.id) };
  }
}

async function putIn(
  context: PeopleContext,
  { press, slot }: Collecting,
  { ready, batch }: { ready: Ready; batch: string },
): Promise<boolean> {
  const { store } = context;
  const { dispatch, addressKey, step } = ready;
  try {
    const coupon = await takeCoupon(context, step, dispatch.person);
    // The letter has the date of its batch, whenever that is made.
    const { bytes, links } = await press.compose(pickDefined({ ...ready, at: slot.at, coupon }));
    const body = createHash('sha256').update(bytes).digest('hex');
    await store.people.putBody({ person: dispatch.person, hash: body, bytes }, links);
    const intent = { at: slot.at, medium: 'letter' as const, addressKey, body };
    const after = batchedDispatch(dispatch, { intent, batch });
    return await store.people.change({ dispatch: { before: dispatch, after } });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await holdDispatch(context, dispatch, error.message);
    return false;
  }
}

/** From here on the list stands. What is in it says so itself: nothing is in it by accident. */
async function close(context: PeopleContext, { press }: Collecting, id: string): Promise<void> {
  const { store, clock } = context;
  const own = (await inBatches(context)).filter(({ batch }) => batch === id);
  const sorted: { id: string; order: string }[] = [];
  for (const one of own) {
    const bytes = await store.people.findBody(one.intent?.body ?? '');
    if (bytes) sorted.push({ id: one.id, order: press.orderOf(bytes) });
  }
  const letters = sorted
    .toSorted((a, b) => (a.order === b.order ? +(a.id > b.id) - 0.5 : +(a.order > b.order) - 0.5))
    .map((one) => one.id);
  await changeFact(store, batchFact(id), (before) =>
    before?.state === 'collecting' ? madeBatch(before, { letters, at: clock.now() }) : undefined,
  );
  await tellMade(context, { id, letters });
}

async function tellMade(
  context: PeopleContext,
  { id, letters }: Pick<LetterBatch, 'id' | 'letters'>,
): Promise<void> {
  const { store } = context;
  const held = await store.people.listDispatches({
    medium: 'letter',
    states: ['held'],
    limit: 100,
  });
  const first = held.slice(0, 5).map((one) => one.id);
  const more = held.length > first.length ? ', …' : '';
  const onHold = held.length > 0 ? `. On hold: ${first.join(', ')}${more}` : '';
  const text =
    `${plural(letters.length, 'letter')} of ${id} can be printed. ` +
    `When they are, say \`letters printed ${id}\`${onHold}`;
  await store.appendJournal([makeEntry(context, 'notice', { id: `letters:${id}:made`, text })]);
}
