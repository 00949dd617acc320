import { setTimeout as delay } from 'node:timers/promises';
import { formatDuration, second } from '../core/time.ts';
import { StoreError } from '../ports/store.ts';
import type { Log } from './context.ts';

export interface StartAgain {
  log: Log;
  signal?: AbortSignal;
  /** How often at most; default: until it works. */
  tries?: number;
  /** The first gap; each is twice the one before, up to half a minute. */
  gap?: number;
}

const longestGap = 30 * second;

/**
 * A store that does not answer for a moment must not end a start: the step is made again, as the
 * rounds of a running service are. Any other error is the caller's.
 */
export async function startAgain<T>(
  step: () => Promise<T>,
  { log, signal, tries = Infinity, gap = second }: StartAgain,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await step();
    } catch (error) {
      if (!isPassing(error) || tried >= tries || signal?.aborted) throw error;
      const wait = Math.min(longestGap, gap * 2 ** (tried - 1));
      log.warn(`${error.message}. The start is tried again in ${formatDuration(wait)}`);
      await delay(wait, undefined, signal ? { signal } : {}).catch(() => undefined);
    }
  }
}

const isPassing = (error: unknown): error is StoreError =>
  error instanceof StoreError && error.kind === 'unavailable';
