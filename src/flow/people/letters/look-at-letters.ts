import { nextSlot } from '../../../core/people/letters/letter-batch.ts';
import { pauseOf } from '../../../core/pause-state.ts';
import { hour } from '../../../core/time.ts';
import { readPause } from '../../facts.ts';
import type { PeopleContext } from '../people-context.ts';
import { readBacklog } from '../sending/backlog.ts';
import { collectLetters } from './collect-letters.ts';
import { tendBatches } from './tend-batches.ts';

/** Of one service; remembers when it last looked at everybody. */
export function openLetterLook(context: PeopleContext, signal: AbortSignal): () => Promise<void> {
  const { letters: press, store, clock, alarms, settings } = context;
  if (!press) return async () => undefined;
  let lookedAt = -Infinity;
  return async () => {
    const isThorough = Math.abs(clock.now() - lookedAt) >= hour;
    if (isThorough) lookedAt = clock.now();
    const isPaused = pauseOf(await readPause(store), '*', clock.now()) !== undefined;
    const isCopy = (await readBacklog(store))?.isCopy === true;
    if (!isPaused && !isCopy) await collectLetters(context, { press, signal });
    await tendBatches(context, { press, isThorough, signal });
    const [waiting] = await store.people.listDispatches({
      medium: 'letter',
      states: ['planned'],
      order: 'at',
      limit: 1,
    });
    if (waiting) {
      const slot = nextSlot(Math.max(clock.now(), waiting.at), press.time, settings.zone);
      await alarms.set('people', 'letter', slot.at);
    }
  };
}
