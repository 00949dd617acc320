import { plural } from '../../core/plural.ts';
import type { Instant } from '../../core/time.ts';
import type { Context } from '../context.ts';
import { changeFact, pauseFact, readFact } from '../facts.ts';
import { restoredFact } from './moved.ts';

type Storing = Pick<Context, 'store' | 'clock'>;

/** The first start after a restore waits for a person, and says what came due meanwhile. */
export async function waitAfterRestore({ store, clock }: Storing): Promise<void> {
  const restored = await readFact(store, restoredFact);
  if (!restored || restored.servedAt !== undefined) return;
  const now = clock.now();
  const due = await store.countDeliveries({ states: ['planned'], dueBy: now });
  const came = due
    ? `${plural(due, 'post')} came due since the export, and will be scheduled from now on`
    : 'nothing came due since the export';
  const why = `the store was restored: ${came}. What was being sent is looked for first`;
  await changeFact(store, pauseFact, (state) => ({
    ...state,
    paused: { ...state.paused, '*': { since: now, by: 'dripline', why } },
  }));
  await changeFact(store, restoredFact, (fact) => fact && { ...fact, servedAt: now });
}

/**
 * Whether it was sent before this store was filled: another store may have sent it again since, so
 * that a person has to look.
 */
export async function isBeforeRestore({ store }: Pick<Context, 'store'>, sentAt: Instant) {
  const restored = await readFact(store, restoredFact);
  return restored !== undefined && sentAt <= restored.at;
}
