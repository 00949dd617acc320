import { minute } from '../core/time.ts';

export interface RenewingOptions<T> {
  open(): T;
  close(client: T): Promise<unknown>;
  /** The error says that no answer came; any other error is an answer. */
  isSilence(error: unknown): boolean;
  /** The error of a command that has not ended in time. */
  toTimeout(): Error;
  timing?: RenewingTiming;
}

export interface RenewingTiming {
  /** A client that has had no answer for this long is replaced, in milliseconds. */
  renewAfter: number;
  /** No command takes longer. */
  commandFor: number;
}

export interface Renewing<T> {
  current(): T;
  run<R>(work: (client: T) => Promise<R>): Promise<R>;
  /** For how long nothing was answered although it was asked, in milliseconds; 0: it answers. */
  silentFor(): number;
  close(): Promise<void>;
}

const defaults: RenewingTiming = { renewAfter: minute, commandFor: minute };

/**
 * A client that is opened anew when none of its commands was answered for a while. The MongoDB
 * driver needs that: its monitor may wait without a limit for a socket that is destroyed already,
 * and then no server is ever found again.
 */
export function openRenewing<T>({
  open,
  close,
  isSilence,
  toTimeout,
  timing: { renewAfter, commandFor } = defaults,
}: RenewingOptions<T>): Renewing<T> {
  let client = open();
  let [openedAt, answeredAt] = [performance.now(), -Infinity];
  let silentSince: number | undefined;
  const noteAnswer = () => {
    silentSince = undefined;
    answeredAt = performance.now();
  };
  const noteSilence = (askedAt: number) => {
    silentSince ??= Math.max(askedAt, answeredAt);
    if (performance.now() - Math.max(silentSince, openedAt) < renewAfter) return;
    const before = client;
    client = open();
    openedAt = performance.now();
    close(before).catch(() => undefined);
  };
  return {
    current: () => client,
    async run(work) {
      const [asked, askedAt] = [client, performance.now()];
      try {
        const answer = await inTime(work(asked), commandFor, toTimeout);
        if (asked === client) noteAnswer();
        return answer;
      } catch (error) {
        if (asked === client && isSilence(error)) noteSilence(askedAt);
        else if (asked === client) noteAnswer();
        throw error;
      }
    },
    silentFor: () => (silentSince === undefined ? 0 : performance.now() - silentSince),
    close: async () => void (await close(client)),
  };
}

async function inTime<R>(work: Promise<R>, limit: number, toTimeout: () => Error): Promise<R> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(toTimeout()), limit);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
