import type { Instant } from '../../core/time.ts';
import type { Alarm } from '../../ports/alarms.ts';

export interface PeopleAlarms {
  set(kind: Alarm['kind'], id: string, at: Instant): Promise<void>;
  nextAt(): Instant;
  /** Those that are due by then. */
  take(now: Instant): string[];
}

/** What sequences set, and whoever plays them reads. */
export function openPeopleAlarms(): PeopleAlarms {
  const set = new Map<string, Instant>();
  return {
    set: async (kind, id, at) => {
      if (kind === 'people') set.set(id, Math.min(at, set.get(id) ?? Infinity));
    },
    nextAt: () => Math.min(Infinity, ...set.values()),
    take(now) {
      const due = [...set].filter(([, at]) => at <= now).map(([id]) => id);
      for (const id of due) set.delete(id);
      return due;
    },
  };
}
