import type { Instant } from '../core/time.ts';
import type { Removal } from '../ports/store.ts';

/**
 * From where the next step of removing goes on; what stays of one instant is looked at again,
 * unless nothing else is.
 */
export function nextStep(
  { from, limit }: Removal,
  { looked, removed }: { looked: readonly Instant[]; removed: number },
): Instant | undefined {
  const last = looked.at(-1);
  if (last === undefined || looked.length < limit) return undefined;
  return removed === 0 && last === from ? from + 1 : last;
}
