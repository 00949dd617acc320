import type { Context } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import { second } from '../core/time.ts';
import type { Store } from '../ports/store.ts';
import type { Env } from './access/visit.ts';

const lookEvery = second;
const beatEvery = 15 * second;
const mostListeners = 200;
/** Another process may write an entry that is slightly older than the newest. */
const lookBack = 20;

/** Tells open pages that the journal has grown, with one query for all of them. */
export interface Live extends Disposable {
  /** `isStillIn` is asked at every heartbeat. */
  listen(c: Context<Env>, isStillIn: () => boolean): Response | Promise<Response>;
}

type Listener = (event: 'changed' | 'end') => void;

interface Watch {
  store: Store;
  listeners: Set<Listener>;
  timer?: NodeJS.Timeout;
  isLooking: boolean;
  /** The ids of the latest entries, as of the last query. */
  seen?: string | undefined;
}

export function openLive(store: Store): Live {
  const watch: Watch = { store, listeners: new Set(), isLooking: false };
  return {
    listen(c, isStillIn) {
      if (watch.listeners.size >= mostListeners) return c.text('Too many pages are open.', 503);
      // Proxies must not buffer the stream.
      c.header('X-Accel-Buffering', 'no');
      return streamSSE(c, (stream) => follow(watch, stream, isStillIn));
    },
    [Symbol.dispose]() {
      clearTimeout(watch.timer);
      for (const tell of watch.listeners) tell('end');
      watch.listeners.clear();
    },
  };
}

async function look(watch: Watch): Promise<void> {
  const { store, listeners } = watch;
  watch.isLooking = true;
  try {
    const now = (await store.listJournal({ limit: lookBack })).map(({ id }) => id).join('\n');
    if (watch.seen !== undefined && now !== watch.seen)
      for (const tell of listeners) tell('changed');
    watch.seen = now;
  } catch {
    // The service reports errors of the store. The next query finds what this one missed.
  }
  watch.isLooking = listeners.size > 0;
  if (watch.isLooking) watch.timer = setTimeout(() => void look(watch), lookEvery);
  else watch.seen = undefined;
}

async function follow(
  watch: Watch,
  stream: SSEStreamingApi,
  isStillIn: () => boolean,
): Promise<void> {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const tell: Listener = (event) =>
    event === 'end' ? end() : void stream.writeSSE({ event, data: '' });
  const beat = setInterval(
    () => (isStillIn() ? void stream.write(': beat\n\n') : end()),
    beatEvery,
  );
  stream.onAbort(end);
  watch.listeners.add(tell);
  if (!watch.isLooking) await look(watch);
  // The page is up to date from here on.
  await stream.write(': well\n\n');
  await ended;
  clearInterval(beat);
  watch.listeners.delete(tell);
}
