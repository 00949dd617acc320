import type { Instant } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';

/** A clock that stands still until it is moved; it never goes back. */
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
