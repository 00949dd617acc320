import { formatDuration, minute, second } from '../core/time.ts';
import { reallyFor } from '../ports/clock.ts';
import type { Context } from './context.ts';

export interface ClockGuard {
  /**
   * Looks at both clocks; true: the wall clock was set since the last look, so the networks have to
   * be asked.
   */
  hasJumped(): boolean;
}

/**
 * Notices that the wall clock was set. Backwards holds at once: history would lie in the future,
 * and claims would last too long.
 */
export function openClockGuard({
  clock,
  hold,
  log,
}: Pick<Context, 'clock' | 'hold' | 'log'>): ClockGuard {
  const measure = () => reallyFor(clock, clock.now()) - clock.monotonic();
  let offset = measure();
  return {
    hasJumped() {
      const moved = measure() - offset;
      offset += moved;
      // What the networks said was said of another clock.
      if (moved < -5 * second || moved > minute) hold.votes?.clear();
      if (moved < -5 * second) {
        const by = formatDuration(-moved);
        const until = "nothing is published until the networks' clocks confirm it";
        delete hold.against;
        hold.because = `the clock was set back by ${by}: ${until}`;
        log.warn(hold.because);
        return true;
      }
      // Forward is what a machine that slept looks like too.
      return moved > minute;
    },
  };
}
