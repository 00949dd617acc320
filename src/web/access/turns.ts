import { randomInt } from 'node:crypto';
import type { Clock } from '../../ports/clock.ts';

/** So that whoever queues gets an answer before a browser or a proxy gives up. */
const longestQueue = 12;
const mostOfOneName = 3;

export interface Entry {
  name: string;
  /** How often this one has tried before. */
  tries: number;
  /** Aborted if the one does not wait any longer. */
  gone?: AbortSignal | undefined;
}

interface Waiting {
  name: string;
  rank: number;
  end(isTurn: boolean): void;
}

/**
 * Gives turns one at a time: to those with the fewest tries first, then to who came first. A full
 * queue sends away one of those with the most tries.
 */
export interface Turns {
  /** Whether the one had a turn, or was sent away. */
  next(entry: Entry): Promise<boolean>;
  /** Milliseconds until a newcomer has a turn, about. */
  wait(): number;
  end(): void;
}

export function openTurns(clock: Clock, every: number): Turns {
  let queue: Waiting[] = [];
  let lastAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const leave = (one: Waiting | undefined, isTurn: boolean) => {
    queue = queue.filter((other) => other !== one);
    one?.end(isTurn);
  };
  const arm = () => {
    if (timer || queue.length === 0) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        lastAt = clock.monotonic();
        leave(queue.toSorted(byRank)[0], true);
        arm();
      },
      Math.max(0, lastAt + every - clock.monotonic()),
    );
  };
  return {
    next({ name, tries, gone }) {
      const own = queue.filter((other) => other.name === name).length;
      if (own >= mostOfOneName || gone?.aborted) return Promise.resolve(false);
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const one = { name, rank: tries + own, end: resolve };
      queue.push(one);
      gone?.addEventListener('abort', () => leave(one, false), { once: true });
      if (queue.length > longestQueue) leave(pickLast(queue), false);
      arm();
      return promise;
    },
    wait: () => Math.max(1, queue.length) * every,
    end() {
      clearTimeout(timer);
      for (const one of queue) leave(one, false);
    },
  };
}

const byRank = (a: Waiting, b: Waiting) => a.rank - b.rank;

/** Any of those with the most tries: in an order, strangers could always be before the owner. */
function pickLast(queue: readonly Waiting[]): Waiting | undefined {
  const most = Math.max(...queue.map(({ rank }) => rank));
  const last = queue.filter(({ rank }) => rank === most);
  return last[randomInt(last.length)];
}
