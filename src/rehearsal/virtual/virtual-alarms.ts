import type { Instant } from '../../core/time.ts';
import type { Alarm, Alarms } from '../../ports/alarms.ts';

/** Alarms that ring on demand. There are only a few, so the next one is found by a plain search. */
export interface VirtualAlarms extends Alarms {
  /** When the next one is due. */
  nextAt(): Instant | undefined;
  /** Rings the next one, and resolves when its work is done. */
  ringNext(): Promise<void>;
}

export function openVirtualAlarms(): VirtualAlarms {
  const waiting = new Map<string, Alarm>();
  const stopping = new AbortController();
  let handle: Parameters<Alarms['start']>[0] = async () => undefined;
  const findNext = () => {
    let next: Alarm | undefined;
    for (const alarm of waiting.values()) if (!next || alarm.at < next.at) next = alarm;
    return next;
  };
  const stop = async () => stopping.abort();
  return {
    set: async (kind, id, at) => void waiting.set(`${kind} ${id}`, { kind, id, at }),
    cancel: async (kind, id) => void waiting.delete(`${kind} ${id}`),
    start: async (handler) => {
      handle = handler;
    },
    stop,
    nextAt: () => findNext()?.at,
    async ringNext() {
      const next = findNext();
      if (!next || stopping.signal.aborted) return;
      waiting.delete(`${next.kind} ${next.id}`);
      await handle(next, stopping.signal);
    },
    [Symbol.asyncDispose]: stop,
  };
}
