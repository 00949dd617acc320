/** One at a time for each key, in the order of asking. */
export interface KeyedLock {
  <T>(key: string, work: () => Promise<T>): Promise<T>;
  isBusy(key: string): boolean;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

export function openKeyedLock(): KeyedLock {
  const last = new Map<string, Promise<unknown>>();
  const lock = async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const before = last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (last.get(key) === mine) last.delete(key);
    }
  };
  return Object.assign(lock, {
    isBusy: (key: string) => last.has(key),
    idle: async () => {
      await Promise.allSettled(last.values());
    },
  });
}
