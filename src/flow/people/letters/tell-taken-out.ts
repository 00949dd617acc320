import type { LetterBatch } from '../../../core/people/letters/letter-batch.ts';
import { tellPages } from '../../../core/people/letters/taken-out.ts';
import { plural } from '../../../core/plural.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Store } from '../../../ports/store.ts';
import { makeEntry } from '../../context.ts';
import { changeFact } from '../../facts.ts';
import { batchFact } from './batch-facts.ts';

interface Telling {
  store: Store;
  clock: Clock;
}

/** Whoever died after somebody was taken out has not told of it: the next look does. */
export async function tellTakenOut({ store, clock }: Telling, batch: LetterBatch): Promise<void> {
  const { id, takenOut, told = takenOut.length } = batch;
  const all = takenOut.slice(told);
  if (all.length === 0) return;
  const out = all.filter(({ wasSent }) => !wasSent);
  if (out.length > 0) {
    const pages = out.map((one) => `${one.dispatch}: ${tellPages(batch, one)}`).join('; ');
    const them = out.length > 1 ? 'them' : 'it';
    const text =
      `${plural(out.length, 'letter')} of ${id} must not go out any more. ${pages}. ` +
      `The file is made again without ${them}. If one was printed before, take the page out`;
    const entry = { id: `letters:${id}:out:${takenOut.length}`, text };
    await store.appendJournal([makeEntry({ clock }, 'notice', entry)]);
  }
  await changeFact(store, batchFact(id), (before) =>
    before && (before.told ?? before.takenOut.length) < takenOut.length
      ? { ...before, told: takenOut.length }
      : undefined,
  );
}
