import { setTimeout as delay } from 'node:timers/promises';
import { minute, second } from '../core/time.ts';
import { leaseFor, takeLease } from './lease.ts';
import type { ChatParts } from './surface.ts';

export interface Connection {
  /** Resolves when the connection ends, also as it was announced, or rejects with the error. */
  ended: Promise<'announced' | undefined | void>;
  close(): Promise<void>;
}

export interface KeepOptions {
  surface: string;
  connect: () => Promise<Connection>;
  explain: (error: unknown) => string;
  signal: AbortSignal;
}

const longestBackOff = 5 * minute;
const othersTurnFor = 10 * second;
const steadyAfter = minute;
const mostAnnounced = 10;

/**
 * Keeps one connection until `signal`, while this process has the lease. Reconnects after each
 * error, with a growing delay.
 */
export async function keepConnected(
  parts: ChatParts,
  { surface, connect, explain, signal }: KeepOptions,
): Promise<void> {
  const { clock, log, timing } = parts;
  let [failures, isTold, announced] = [0, false, 0];
  while (!signal.aborted) {
    const begunAt = clock.monotonic();
    try {
      if (!(await takeLease(parts, surface))) {
        await delay(othersTurnFor, undefined, { signal });
        continue;
      }
      const end = await stayConnected(parts, await connect(), { surface, signal });
      // Announced, as a refresh is: no trouble, unless it never stops.
      announced = clock.monotonic() - begunAt > steadyAfter ? 0 : announced;
      if (end === 'announced' && ++announced <= mostAnnounced) continue;
    } catch (error) {
      if (signal.aborted) return;
      if (!isTold) log.warn(`${surface}: ${explain(error)}. Dripline will try again`);
      isTold = true;
    }
    const wasSteady = clock.monotonic() - begunAt > steadyAfter;
    [failures, isTold] = wasSteady ? [0, false] : [failures + 1, isTold];
    const wait = Math.min(longestBackOff, timing.retryAfter * 2 ** Math.min(failures, 10));
    await delay(wait, undefined, { signal }).catch(() => undefined);
  }
}

/** Until the connection ends, the service stops, or another process has the lease. */
async function stayConnected(
  parts: ChatParts,
  { ended, close }: Connection,
  { surface, signal }: Pick<KeepOptions, 'surface' | 'signal'>,
): Promise<'announced' | undefined> {
  ended.catch(() => undefined);
  const aborted = new Promise<'stop'>((resolve) => {
    if (signal.aborted) resolve('stop');
    signal.addEventListener('abort', () => resolve('stop'), { once: true });
  });
  try {
    for (;;) {
      const waiting = new AbortController();
      const renew = delay(leaseFor / 3, 'renew' as const, { signal: waiting.signal }).catch(
        () => 'stop' as const,
      );
      try {
        const why = await Promise.race([
          ended.then((how) => how ?? ('end' as const)),
          aborted,
          renew,
        ]);
        if (why === 'announced') return why;
        if (why !== 'renew' || !(await takeLease(parts, surface))) return undefined;
      } finally {
        waiting.abort();
      }
    }
  } finally {
    await close();
  }
}

/** Runs one task after another, so that the same message, received twice at once, counts once. */
export interface Line {
  /** Runs `work` after all earlier tasks, also if these failed. */
  wait<T>(work: () => Promise<T>): Promise<T>;
  idle(): Promise<unknown>;
}

export function openLine(): Line {
  let tail: Promise<unknown> = Promise.resolve();
  return {
    wait(work) {
      const done = tail.then(work);
      tail = done.catch(() => undefined);
      return done;
    },
    idle: () => tail,
  };
}
