import type { Pause } from '../../core/pause-state.ts';
import type { Instant } from '../../core/time.ts';
import type { Store } from '../../ports/store.ts';
import { factKey, readFact } from '../facts.ts';

/** Whether a person wants to hear no notices. */
export interface MuteFact {
  muted?: Pause;
}

export const noMute: MuteFact = {};

export const muteFact = factKey<MuteFact>('mute', noMute);

export async function isMuted(store: Store, now: Instant): Promise<boolean> {
  const { muted } = await readFact(store, muteFact);
  return muted !== undefined && (muted.until === undefined || muted.until > now);
}
