import { minute, second } from '../core/time.ts';
import type { Clock } from '../ports/clock.ts';

export interface Rate {
  most: number;
  /** Milliseconds in which so many are allowed. */
  within: number;
}

export const callRate: Rate = { most: 120, within: minute };
export const writeRate: Rate = { most: 30, within: 10 * minute };
/** Of HTTP requests, of which a call may need several. */
export const requestRate: Rate = { most: 600, within: minute };

/** Counts one; says how many seconds are to wait if it was one too many. */
export type Limit = () => number | undefined;

export function openLimit({ monotonic }: Pick<Clock, 'monotonic'>, { most, within }: Rate): Limit {
  let taken: number[] = [];
  return () => {
    const now = monotonic();
    taken = taken.filter((at) => at > now - within);
    const [first = now] = taken;
    if (taken.length >= most) return Math.max(1, Math.ceil((first + within - now) / second));
    taken.push(now);
    return undefined;
  };
}
