import type { Pause } from '../../core/pause.ts';
import type { Instant } from '../../core/time.ts';
import type { Store } from '../../ports/store.ts';
import { keys } from '../facts.ts';

/** Whether a person wants to hear no notices. */
export interface MuteFact {
  muted?: Pause;
}

export const noMute: MuteFact = {};

export async function isMuted(store: Store, now: Instant): Promise<boolean> {
  const { muted } = (await store.findFact<MuteFact>(keys.mute))?.value ?? noMute;
  return muted !== undefined && (muted.until === undefined || muted.until > now);
}
