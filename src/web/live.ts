import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { second } from '../core/time.ts';
import type { Store } from '../ports/store.ts';
import type { Env } from './access/visit.ts';

const lookEvery = second;
const beatEvery = 15 * second;
const mostListeners = 200;
/** Another process may write an entry that is a little older than the newest. */
const lookBack = 20;

/** Tells open pages that the journal grew: one look at the store for all of them. */
export interface Live extends Disposable {
  /** `isStillIn` is asked at every heartbeat. */
  listen(c: Context<Env>, isStillIn: () => boolean): Response | Promise<Response>;
}

type Listener = (event: 'changed' | 'end') => void;

export function openLive(store: Store): Live {
  const listeners = new Set<Listener>();
  let timer: NodeJS.Timeout | undefined;
  let isLooking = false;
  let seen: string | undefined;
  const look = async (): Promise<void> => {
    isLooking = true;
    try {
      const now = (await store.listJournal({ limit: lookBack })).map(({ id }) => id).join('\n');
      if (seen !== undefined && now !== seen) for (const tell of listeners) tell('changed');
      seen = now;
    } catch {
      // The store's own trouble is told by the service; the next look finds what was missed.
    }
    isLooking = listeners.size > 0;
    if (isLooking) timer = setTimeout(() => void look(), lookEvery);
    else seen = undefined;
  };
  return {
    listen(c, isStillIn) {
      if (listeners.size >= mostListeners) return c.text('Too many pages are open.', 503);
      // Proxies hand it on as it comes.
      c.header('X-Accel-Buffering', 'no');
      return streamSSE(c, async (stream) => {
        const { promise: ended, resolve: end } = Promise.withResolvers<void>();
        const tell: Listener = (event) =>
          event === 'end' ? end() : void stream.writeSSE({ event, data: '' });
        const beat = setInterval(
          () => (isStillIn() ? void stream.write(': beat\n\n') : end()),
          beatEvery,
        );
        stream.onAbort(end);
        listeners.add(tell);
        if (!isLooking) await look();
        // From here on nothing is missed.
        await stream.write(': well\n\n');
        await ended;
        clearInterval(beat);
        listeners.delete(tell);
      });
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const tell of listeners) tell('end');
      listeners.clear();
    },
  };
}
