import { Refusal } from '../../core/problem.ts';
import { type Instant, toIso } from '../../core/time.ts';
import type { Store } from '../../ports/store.ts';
import { changeFact, factKey, readFact } from '../facts.ts';

/** A store whose content lives on elsewhere: two that publish would publish twice. */
export interface Moved {
  at: Instant;
  /** The file that it was exported to. */
  to: string;
}

export const movedFact = factKey<Moved | undefined>('moved', undefined);

/** A store that was filled from a file. */
export interface Restored {
  at: Instant;
  /** All lines are in. */
  isDone: boolean;
  /** When it was first served. */
  servedAt?: Instant;
}

export const restoredFact = factKey<Restored | undefined>('restored', undefined);

/**
 * When this store was copied, from one that went on: what was sent to people after that, and who
 * has stopped since, it does not know. 0: it was not.
 */
export const copiedFact = factKey<Instant>('copied', 0);

/** Facts about the processes and this copy of the store: they are not moved. */
const transient = [
  'service:',
  'lease:',
  'notices:probe',
  'nudge',
  'settings',
  'moved',
  'copied',
  'restored',
  'used:',
];

export const isTransient = (key: string): boolean =>
  transient.some((one) => (one.endsWith(':') ? key.startsWith(one) : key === one));

/** Throws a Refusal where another store has taken over, or a restore has not ended. */
export async function assertOurs(store: Store): Promise<void> {
  const moved = await readFact(store, movedFact);
  if (moved)
    throw new Refusal(
      `This store was moved on ${toIso(moved.at)} by an export to ${moved.to}: start Dripline ` +
        'with the store that was restored from it. To use this one again instead: ' +
        '`dripline export --take-back`',
    );
  const restored = await readFact(store, restoredFact);
  if (restored && !restored.isDone)
    throw new Refusal('A restore into this store did not end: run `dripline restore` again');
}

/** False: it was not moved. */
export async function takeBack(store: Store): Promise<boolean> {
  const before = await store.findFact<Moved>(movedFact.key);
  return before?.value ? store.removeFact(movedFact.key, before.revision) : false;
}

export const markMoved = (store: Store, moved: Moved) => changeFact(store, movedFact, () => moved);
