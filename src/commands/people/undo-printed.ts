import { unsentDispatch } from '../../core/people/dispatch.ts';
import { type Enrolment, isLive } from '../../core/people/enrolment.ts';
import { type LetterBatch, unprintedBatch } from '../../core/people/letters/letter-batch.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { Refusal } from '../../core/problem.ts';
import { changeFact, readFact } from '../../flow/facts.ts';
import { batchFact } from '../../flow/people/letters/batch-facts.ts';
import type { Store } from '../../ports/store.ts';
import type { CommandContext } from '../command.ts';

/**
 * The letters wait for the printer again, as long as nobody has gone on from there. First it is
 * looked at for all of them; the batch itself is changed first, so that nothing is settled again.
 */
export async function undoPrinted({ store }: CommandContext, id: string): Promise<void> {
  const batch = await readFact(store, batchFact(id));
  if (batch?.state !== 'printed') throw new Refusal(`${id} is not printed: nothing is taken back`);
  for (const letter of batch.letters) await assertStands(store, letter);
  await changeFact(store, batchFact(id), (before) => before && unprintedBatch(before));
  await bringBack(store, batch);
}

async function read(store: Store, letter: string) {
  const dispatch = await store.people.findDispatch(letter);
  const enrolment = dispatch && (await store.people.findEnrolment(dispatch.enrolment));
  return { dispatch, enrolment };
}

async function assertStands(store: Store, letter: string): Promise<void> {
  const { dispatch, enrolment } = await read(store, letter);
  if (!dispatch || !enrolment || dispatch.state !== 'sent') return;
  const { state, done, person } = enrolment;
  const isHere = done.at(-1) === dispatch.step && (isLive(enrolment) || state === 'finished');
  const others = await store.people.listDispatches({ enrolment: enrolment.id });
  const goneOn = others.some(({ id, at }) => id !== letter && at >= (dispatch.sentAt ?? 0));
  if (!isHere || goneOn)
    throw new Refusal(`\`letters printed\` cannot be taken back: ${person} has gone on since`);
}

async function bringBack(store: Store, { letters }: LetterBatch): Promise<void> {
  for (const letter of letters) {
    const { dispatch, enrolment } = await read(store, letter);
    if (dispatch?.state !== 'sent' || !enrolment) continue;
    const after = { before: enrolment, after: before(enrolment, dispatch.step) };
    const sent = { before: dispatch, after: unsentDispatch(dispatch) };
    await store.people.change({ enrolment: after, dispatch: sent });
  }
}

/** Its place is the step before, and its next message is the letter again. */
function before(
  { nextAt: _next, endedAt: _ended, place: _place, ...rest }: Enrolment,
  step: string,
) {
  const done = rest.done.filter((one) => one !== step);
  const last = done.at(-1);
  const place = last === undefined ? undefined : { step: last, at: rest.enteredAt };
  const why = `${step} is on its way`;
  return pickDefined({ ...rest, state: 'active' as const, done, place, why });
}
