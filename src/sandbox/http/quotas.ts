import type { Instant } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';

export interface Quota {
  limit: number;
  remaining: number;
  resetAt: Instant;
  /** There was no room left for this one. */
  isOver: boolean;
}

export interface QuotaRule {
  limit: number;
  windowFor: number;
  /** Default 1. */
  points?: number;
}

export interface Rates {
  /** Takes from a quota that fills up again when its window ends. */
  take(key: string, rule: QuotaRule): Quota;
}

/**
 * Fixed windows, in memory: a network that restarts has forgotten who asked. `scale` multiplies
 * every limit.
 */
export function createRates(clock: Clock, scale: number): Rates {
  const windows = new Map<string, { used: number; resetAt: Instant }>();
  return {
    take(key, { limit, windowFor, points = 1 }) {
      const most = limit * scale;
      const now = clock.now();
      let window = windows.get(key);
      if (!window || window.resetAt <= now) {
        window = { used: 0, resetAt: now + windowFor };
        windows.set(key, window);
      }
      const isOver = window.used + points > most;
      if (!isOver) window.used += points;
      return {
        limit: most,
        remaining: Math.max(0, most - window.used),
        resetAt: window.resetAt,
        isOver,
      };
    },
  };
}
