import type { Clock } from '../../ports/clock.ts';

/** `waits` and `works` end by themselves; the rest is for good. */
export type Stage = { is: 'waits' | 'works' | 'done' } | { is: 'failed'; why: string };

export interface Begun {
  /** Why it will fail; absent: it will not. */
  fault?: string | undefined;
  /** It will never end. */
  hangs?: boolean;
}

export interface Processing {
  begin(id: string, begun: Begun): void;
  /** What was never begun, or before the last start, is done. */
  of(id: string): Stage;
  /** Milliseconds. */
  takes: number;
}

/**
 * What a network does with a video after it has arrived. It takes real time, however fast the
 * sandbox's days pass.
 */
export function createProcessing(
  { monotonic }: Pick<Clock, 'monotonic'>,
  takes: number,
): Processing {
  const running = new Map<string, Begun & { at: number }>();
  return {
    takes,
    begin: (id, begun) => void running.set(id, { ...begun, at: monotonic() }),
    of(id) {
      const one = running.get(id);
      if (!one) return { is: 'done' };
      const passed = monotonic() - one.at;
      if (passed < takes / 3) return { is: 'waits' };
      if (one.hangs || passed < takes) return { is: 'works' };
      return one.fault === undefined ? { is: 'done' } : { is: 'failed', why: one.fault };
    },
  };
}
