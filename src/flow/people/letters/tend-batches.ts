import { ownTurn } from '../../../ports/own-turn.ts';
import {
  cancelledDispatch,
  type Dispatch,
  unbatchedDispatch,
} from '../../../core/people/dispatch.ts';
import { isLive } from '../../../core/people/enrolment.ts';
import { type LetterBatch, withoutLetters } from '../../../core/people/letters/letter-batch.ts';
import { plural } from '../../../core/plural.ts';
import { day } from '../../../core/time.ts';
import type { LetterPress, PrintedLetter } from '../../../ports/people/letters.ts';
import { makeEntry } from '../../context.ts';
import { changeFact } from '../../facts.ts';
import type { PeopleContext } from '../people-context.ts';
import { findReach } from '../reach.ts';
import { settleSent } from '../sending/settle-dispatch.ts';
import { batchFact, listBatches } from './batch-facts.ts';

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
  await keepFiles(context, tending.press, after);
}

/** A stop that was interrupted after it was written: what follows from it is done here. */
async function mayStay(context: PeopleContext, before: Dispatch): Promise<boolean> {
  const { store } = context;
  const [person, enrolment] = await Promise.all([
    store.people.findPerson(before.person),
    store.people.findEnrolment(before.enrolment),
  ]);
  if (!person || !enrolment) return false;
  const wanted = { purpose: before.sequence, by: ['letter'] as const };
  const reach = await findReach(context, person, wanted);
  const isSame = 'addressKey' in reach && reach.addressKey === before.intent?.addressKey;
  if (isSame && isLive(enrolment)) return true;
  const why = 'because' in reach ? reach.because : 'it may not be sent any more';
  const after = cancelledDispatch(before, why);
  return !(await store.people.change({ dispatch: { before, after } }));
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
  if (!after || after.edition === batch.edition) return after ?? batch;
  const out = after.takenOut.slice(batch.takenOut.length);
  const pages = out.map(({ dispatch, page }) => `page ${page} (${dispatch})`).join(', ');
  const text =
    `${plural(out.length, 'letter')} of ${batch.id} must not go out any more: ${pages}. ` +
    'The file was made again without it. If it was printed before, take the page out';
  const id = `letters:${batch.id}:edition:${after.edition}`;
  await store.appendJournal([makeEntry(context, 'notice', { id, text })]);
  return after;
}

async function tendPrinted(context: PeopleContext, tending: Tending, { batch, own }: Own) {
  const { printedAt = context.clock.now(), printedBy = '' } = batch;
  for (const one of own) {
    if (tending.signal.aborted) return;
    await ownTurn();
    const said = `printed with ${batch.id}, said by ${printedBy}`;
    await settleSent(context, one, { at: printedAt, said });
  }
  if (!tending.isThorough) return;
  // Of somebody who was forgotten no page is kept.
  const kept = new Set<string>();
  for (const id of batch.letters) if (await context.store.people.findDispatch(id)) kept.add(id);
  const after = withoutLetters(batch, (id) => kept.has(id), context.clock.now());
  if (!after) return keepFiles(context, tending.press, batch);
  await changeFact(context.store, batchFact(batch.id), () => after);
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
