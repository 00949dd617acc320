import type { LetterBatch } from '../../../core/people/letters/letter-batch.ts';
import type { Store } from '../../../ports/store.ts';
import { factKey } from '../../facts.ts';

const prefix = 'letters:';

export const batchFact = (id: string) =>
  factKey<LetterBatch | undefined>(`${prefix}${id}`, undefined);

/** The newest first. */
export const listBatches = async (store: Pick<Store, 'listFacts'>): Promise<LetterBatch[]> =>
  (await store.listFacts<LetterBatch>(prefix))
    .map(({ value }) => value)
    .toSorted((a, b) => b.slotAt - a.slotAt || (a.id < b.id ? 1 : -1));
