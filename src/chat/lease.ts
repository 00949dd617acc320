import { type Instant, minute } from '../core/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';

interface LeaseFact {
  by: string;
  until: Instant;
}

export const leaseFor = minute;

export interface LeaseParts {
  store: Store;
  clock: Clock;
  worker: string;
  /** No other process serves this store, so an old lease belongs to a dead process. */
  isAlone: boolean;
}

const keyOf = (surface: string) => `lease:${surface}`;

/** One process at a time connects to a bot. True: this process may, for another minute. */
export async function takeLease(
  { store, clock, worker, isAlone }: LeaseParts,
  surface: string,
): Promise<boolean> {
  if (isAlone) return true;
  const fact = await store.findFact<LeaseFact>(keyOf(surface));
  const now = clock.now();
  const isOthers =
    fact &&
    fact.value.by !== worker &&
    fact.value.until > now &&
    fact.value.until <= now + leaseFor;
  return (
    !isOthers &&
    store.putFact(
      keyOf(surface),
      { by: worker, until: now + leaseFor } satisfies LeaseFact,
      fact?.revision ?? 0,
    )
  );
}

/** So that another process can take over at once. */
export async function leaveLease(
  { store, worker, isAlone }: LeaseParts,
  surface: string,
): Promise<void> {
  if (isAlone) return;
  const fact = await store.findFact<LeaseFact>(keyOf(surface));
  if (fact?.value.by === worker) await store.removeFact(fact.key, fact.revision);
}
