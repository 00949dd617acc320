import { setTimeout as delay } from 'node:timers/promises';
import { minute, second } from '../core/time.ts';
import { leaseFor, takeLease } from './lease.ts';
import type { ChatParts } from './surface.ts';

export interface Connection {
  /** Resolves, or rejects with what went wrong, when it is no more. */
  ended: Promise<void>;
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

/**
 * Holds one connection until it is told to stop: while it is this process's turn, and again after
 * each trouble, ever more rarely.
 */
export async function keepConnected(
  parts: ChatParts,
  { surface, connect, explain, signal }: KeepOptions,
): Promise<void> {
  const { clock, log, timing } = parts;
  let [failures, isTold] = [0, false];
  while (!signal.aborted) {
    const begunAt = clock.monotonic();
    try {
      if (!(await takeLease(parts, surface))) {
        await delay(othersTurnFor, undefined, { signal });
        continue;
      }
      await stayConnected(parts, surface, await connect(), signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!isTold) log.warn(`${surface}: ${explain(error)}. It is tried again`);
      isTold = true;
    }
    const wasSteady = clock.monotonic() - begunAt > steadyAfter;
    [failures, isTold] = wasSteady ? [0, false] : [failures + 1, isTold];
    await delay(
      Math.min(longestBackOff, timing.retryAfter * 2 ** Math.min(failures, 10)),
      undefined,
      { signal },
    ).catch(() => undefined);
  }
}

/** Until it ends by itself, the service stops, or another process has taken over. */
async function stayConnected(
  parts: ChatParts,
  surface: string,
  { ended, close }: Connection,
  signal: AbortSignal,
): Promise<void> {
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
        const why = await Promise.race([ended.then(() => 'end' as const), aborted, renew]);
        if (why !== 'renew' || !(await takeLease(parts, surface))) return;
      } finally {
        waiting.abort();
      }
    }
  } finally {
    await close();
  }
}

/**
 * What comes in is done one after the other, so that the same word said twice at once is done once.
 */
export interface Line {
  /** In its turn; what came before may have failed. */
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
