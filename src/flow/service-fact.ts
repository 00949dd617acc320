import { hour, second } from '../core/time.ts';
import type { Context } from './context.ts';
import { changeFact, factKey } from './facts.ts';
import { reallyFor } from '../ports/clock.ts';

/** What a running service says of itself, every few seconds. */
export interface ServiceFact {
  worker: string;
  pid: number;
  host: string;
  version: string;
  startedAt: number;
  beatAt: number;
  web?: string;
  heldBecause?: string;
  /** What its configuration was made of, as a hash. */
  config?: string;
}

export const servicePrefix = 'service:';

export const beatEvery = 10 * second;

/** A service that was silent for so long was killed. */
const deadAfter = hour;

const serviceFact = (worker: string) =>
  factKey<ServiceFact | undefined>(`${servicePrefix}${worker}`, undefined);

export async function beat(
  { store, worker }: Pick<Context, 'store' | 'worker'>,
  describe: () => ServiceFact,
): Promise<void> {
  await changeFact(store, serviceFact(worker), describe);
}

/** Only an orderly stop removes its own: those of processes that were killed are removed here. */
export async function removeDeadServices(
  { store, clock, worker }: Pick<Context, 'store' | 'clock' | 'worker'>,
  { isAlone }: { isAlone: boolean },
): Promise<void> {
  for (const { key, value, revision } of await store.listFacts<ServiceFact>(servicePrefix)) {
    if (value.worker === worker) continue;
    if (isAlone || Math.abs(reallyFor(clock, clock.now() - value.beatAt)) > deadAfter)
      await store.removeFact(key, revision);
  }
}

export async function removeService({ store, worker }: Pick<Context, 'store' | 'worker'>) {
  const fact = await store.findFact(serviceFact(worker).key);
  if (fact) await store.removeFact(fact.key, fact.revision);
}
