import type { Store } from '../../src/ports/store.ts';

export interface Watched {
  store: Store;
  /** Rows that were read, or walked through to count them, since this was asked last. */
  take(): number;
  /** How far the longest list went, with what it skipped. */
  deepest(): number;
}

/** Counts what is read of a store, a question as one row: never how long that takes. */
export function watchReads(store: Store): Watched {
  let read = 0;
  let deepest = 0;
  const watched = new Proxy(store, {
    get(target, name: keyof Store) {
      const own = target[name];
      if (typeof own !== 'function') return own;
      return async (...args: never[]) => {
        read += 1;
        const result: unknown = await (own as (...all: never[]) => unknown).apply(target, args);
        if (Array.isArray(result)) {
          const length = result.length + skipped(args[0]);
          deepest = Math.max(deepest, length);
          read += length;
        } else if (name === 'countDeliveries' || name === 'countRuns') read += Number(result);
        return result;
      };
    },
  });
  return {
    store: watched,
    deepest: () => deepest,
    take: () => {
      const all = read;
      read = 0;
      return all;
    },
  };
}

/** An offset walks through what it leaves out. */
const skipped = (query: unknown) => Number((query as { skip?: number } | undefined)?.skip ?? 0);
