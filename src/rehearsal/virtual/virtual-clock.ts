import type { Instant } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';

/** A clock that only moves when it is moved, and never back. */
export interface VirtualClock extends Clock {
  moveTo(at: Instant): void;
}

export function openVirtualClock(startAt: Instant): VirtualClock {
  let now = startAt;
  return {
    now: () => now,
    monotonic: () => now - startAt,
    moveTo: (at) => {
      now = Math.max(now, at);
    },
  };
}
