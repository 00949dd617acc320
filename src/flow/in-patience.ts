import { setTimeout as delay } from 'node:timers/promises';

/** False: it takes longer. */
export async function inPatience(
  work: Promise<unknown>,
  limit: number,
  stopping: AbortSignal,
): Promise<boolean> {
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, stopping]);
  const late = delay(limit, false, { signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    ended.abort();
  }
}
