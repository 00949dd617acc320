import { setTimeout as delay } from 'node:timers/promises';
import { defaultKeep } from '../core/settings.ts';
import { day, type Instant } from '../core/time.ts';
import type { Removal } from '../ports/store.ts';
import type { Context } from './context.ts';
import { changeFact, factKey, readFact } from './facts.ts';
import { forgetPictures } from './forget-pictures.ts';
import { forgetUploads } from './uploads/uploads-fact.ts';

/** When it was done last, and up to where: what stays of it is never walked through again. */
interface Forgotten {
  at: Instant;
  entries: Instant;
  samples: Instant;
}

const forgottenFact = factKey<Forgotten>('forgotten', { at: 0, entries: 0, samples: 0 });

const most = 1000;
const pauseFor = 50;

/** Each is told once, however long it lasts: without its entry it would be told again. */
const toldOnce = ['problem', 'notice'] as const;

type Forgetting = Pick<Context, 'store' | 'clock' | 'settings' | 'feedPictures'>;

/** Once a day, in steps that leave others their turn. */
export async function forgetOld(context: Forgetting, stopping: AbortSignal): Promise<void> {
  const { store, clock, settings } = context;
  const now = clock.now();
  const { journalFor, samplesFor, picturesFor } = settings.keep ?? defaultKeep;
  const last = await readFact(store, forgottenFact);
  if (Math.abs(now - last.at) < day) return;
  const entries = await inSteps(
    { from: last.entries, before: now - journalFor, limit: most },
    { work: (step) => store.removeEntries(step, toldOnce), stopping },
  );
  const samples = await inSteps(
    { from: last.samples, before: now - samplesFor, limit: most },
    { work: (step) => store.removeSamples(step), stopping },
  );
  await forgetPictures(context, now - picturesFor);
  await forgetUploads(store);
  const at = stopping.aborted ? last.at : now;
  await changeFact(store, forgottenFact, () => ({ at, entries, samples }));
}

interface Steps {
  work: (step: Removal) => Promise<Instant | undefined>;
  stopping: AbortSignal;
}

/** Returns up to where it came. */
async function inSteps(all: Removal, { work, stopping }: Steps): Promise<Instant> {
  let { from } = all;
  while (from < all.before) {
    if (stopping.aborted) return from;
    const next = await work({ ...all, from });
    if (next === undefined) return all.before;
    from = next;
    await delay(pauseFor, undefined, { signal: stopping }).catch(() => undefined);
  }
  return from;
}

/** Somebody whose forgetting was interrupted: nobody finds them any more, the rest goes now. */
export async function finishForgetting({
  store: { people },
  log,
}: Pick<Context, 'store' | 'log'>): Promise<void> {
  for (const id of await people.listHalfForgotten()) {
    await people.forgetPerson(id);
    log.warn(`${id} was being forgotten when Dripline stopped: now nothing of them is left`);
  }
}
