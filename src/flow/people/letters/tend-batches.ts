import { ownTurn } from '../../../ports/own-turn.ts';
import { type Dispatch, unbatchedDispatch } from '../../../core/people/dispatch.ts';
import { type LetterBatch, withoutLetters } from '../../../core/people/letters/letter-batch.ts';
import { day } from '../../../core/time.ts';
import type { LetterPress, PrintedLetter } from '../../../ports/people/letters.ts';
import { changeFact } from '../../facts.ts';
import type { PeopleContext } from '../people-context.ts';
import { settleSent } from '../sending/settle-dispatch.ts';
import { batchFact, listBatches } from './batch-facts.ts';
import { mayStay } from './may-stay.ts';
import { tellTakenOut } from './tell-taken-out.ts';

/** The files hold addresses: they are not kept for ever. */
const filesFor = 90 * day;

interface Tending {
  press: LetterPress;
  /** Looks at each person again, whoever has told of a change. */
  isThorough: boolean;
  signal: AbortSignal;
}

/**
 * Every batch as it should be now: what may not be sent any more is taken out while it can be, the
 * files are there, and what was printed is sent. Each step may run twice.
 */
export async function tendBatches(context: PeopleContext, tending: Tending): Promise<void> {
  const { store, clock } = context;
  const batches = await listBatches(store);
  const sending = await store.people.listDispatches({ medium: 'letter', states: ['sending'] });
  await putBackLost(context, batches, sending);
  for (const batch of batches) {
    if (tending.signal.aborted) return;
    await ownTurn();
    if (batch.state === 'collecting' || batch.isCleared) continue;
    const own = sending.filter((one) => one.batch === batch.id);
    if (batch.state === 'made') await tendMade(context, tending, { batch, own });
    else await tendPrinted(context, tending, { batch, own });
    const isOld = batch.printedAt !== undefined && clock.now() - batch.printedAt > filesFor;
    if (isOld) await clear(context, tending, batch);
  }
}

/** It says that it is in a batch, and the batch was closed without it. */
async function putBackLost(
  { store, clock }: PeopleContext,
  batches: readonly LetterBatch[],
  sending: readonly Dispatch[],
): Promise<void> {
  const open = new Set(batches.filter(({ state }) => state === 'collecting').map(({ id }) => id));
  const listed = new Set(batches.flatMap(({ letters }) => letters));
  for (const before of sending) {
    if (listed.has(before.id) || open.has(before.batch ?? '')) continue;
    const after = unbatchedDispatch(before, clock.now());
    await store.people.change({ dispatch: { before, after } });
  }
}

interface Own {
  batch: LetterBatch;
  /** What is in it and not yet sent. */
  own: readonly Dispatch[];
}

async function tendMade(context: PeopleContext, tending: Tending, { batch, own }: Own) {
  const stays = new Set<string>();
  for (const one of own) {
    if (!tending.isThorough || (await mayStay(context, one))) stays.add(one.id);
  }
  const after = await takeOut(context, batch, (id) => stays.has(id));
  await tellTakenOut(context, after);
  await keepFiles(context, tending.press, after);
}

async function takeOut(
  context: PeopleContext,
  batch: LetterBatch,
  stays: (id: string) => boolean,
): Promise<LetterBatch> {
  const { store, clock } = context;
  if (!withoutLetters(batch, stays, clock.now())) return batch;
  const after = await changeFact(store, batchFact(batch.id), (before) =>
    before && before.state !== 'collecting'
      ? withoutLetters(before, stays, clock.now())
      : undefined,
  );
  return after ?? batch;
}

async function tendPrinted(context: PeopleContext, tending: Tending, { batch, own }: Own) {
  const { store, clock } = context;
  const { printedAt = clock.now(), printedBy = '', isSettled } = batch;
  for (const one of own) {
    if (tending.signal.aborted) return;
    await ownTurn();
    const said = `printed with ${batch.id}, said by ${printedBy}`;
    await settleSent(context, one, { at: printedAt, said });
  }
  if (isSettled && !tending.isThorough) return;
  // Of whom was forgotten no page is kept, nor of who stopped just before it was said.
  const kept = new Set<string>();
  for (const id of batch.letters) {
    const dispatch = await store.people.findDispatch(id);
    if (dispatch && dispatch.state !== 'cancelled') kept.add(id);
  }
  const after = await changeFact(store, batchFact(batch.id), (before) => {
    if (before?.state !== 'printed') return undefined;
    const shrunk = withoutLetters(before, (id) => kept.has(id), clock.now());
    return shrunk || !isSettled ? { ...(shrunk ?? before), isSettled: true as const } : undefined;
  });
  if (!after) return;
  await tellTakenOut(context, after);
  await keepFiles(context, tending.press, after);
}

/** Made once; what is there already stays as it is. */
async function keepFiles(
  context: PeopleContext,
  press: LetterPress,
  batch: LetterBatch,
): Promise<void> {
  if (batch.letters.length > 0 && !(await press.isThere(batch))) {
    const letters: PrintedLetter[] = [];
    for (const id of batch.letters) {
      const dispatch = await context.store.people.findDispatch(id);
      const bytes = await context.store.people.findBody(dispatch?.intent?.body ?? '');
      if (dispatch && bytes) letters.push({ dispatch: id, person: dispatch.person, bytes });
    }
    // Somebody is being forgotten just now: the next look sees it.
    if (letters.length < batch.letters.length) return;
    await press.print(batch, letters);
  }
  await press.clear(batch, batch.letters.length > 0 ? batch.edition : undefined);
}

async function clear({ store }: PeopleContext, { press }: Tending, batch: LetterBatch) {
  await press.clear(batch);
  await changeFact(
    store,
    batchFact(batch.id),
    (before) => before && { ...before, isCleared: true as const },
  );
}
