import { hour, minute, second } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';

/** This many wrong passwords are free. Each further one doubles the wait. */
const freeTries = 3;
const longestWait = 15 * minute;
const forgottenAfter = hour;
/** From all addresses together, in a minute, against someone who has many addresses. */
const mostInAll = 20;
const mostAddresses = 10_000;

interface Tries {
  count: number;
  lastAt: number;
}

export interface Attempts {
  /**
   * Counts an attempt as wrong and returns 0, or returns how many milliseconds to wait if it comes
   * too early.
   */
  begin(address: string): number;
  /** The password was right. */
  succeed(address: string): void;
}

export function openAttempts(clock: Clock): Attempts {
  const tries = new Map<string, Tries>();
  // People who have logged in before are not kept out by the attempts of others.
  const known = new Set<string>();
  let latest: number[] = [];
  return {
    begin(address) {
      const now = clock.monotonic();
      const before = tries.get(address);
      const fresh =
        before && now - before.lastAt < forgottenAfter ? before : { count: 0, lastAt: now };
      const ownWait = waitAfter(fresh.count) - (now - fresh.lastAt);
      latest = latest.filter((at) => now - at < minute);
      const [oldest] = latest;
      const commonWait =
        known.has(address) || latest.length < mostInAll || oldest === undefined
          ? 0
          : oldest + minute - now;
      const wait = Math.max(ownWait, commonWait, 0);
      if (wait > 0) return wait;
      tries.delete(address);
      tries.set(address, { count: fresh.count + 1, lastAt: now });
      if (tries.size > mostAddresses) tries.delete(tries.keys().next().value ?? '');
      latest.push(now);
      return 0;
    },
    succeed(address) {
      tries.delete(address);
      known.add(address);
      latest.pop();
    },
  };
}

const waitAfter = (count: number) =>
  count < freeTries ? 0 : Math.min(longestWait, second * 2 ** (count - freeTries));
