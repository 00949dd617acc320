import type { JournalEntry } from '../core/journal.ts';

/** A message for operators: one entry of the journal, or several that came together. */
export interface Notice {
  title: string;
  /** Lines for people. */
  text: string;
  entries: JournalEntry[];
  /** A person has to act soon. */
  isUrgent: boolean;
  /** The whole one was refused: it is sent without marks, buttons and blocks. */
  isPlain?: boolean;
}

/** The other side refused this for good: sent again as it is, it would be refused again. */
export const toRefusal = (message: string, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { isRefusedForGood: true });

export const isRefusedForGood = (error: unknown): boolean =>
  (error as { isRefusedForGood?: unknown } | undefined)?.isRefusedForGood === true;

/** Whether the status of an answer says that asking again would not help. */
export const isFinalStatus = (status: number): boolean =>
  status >= 400 && status < 500 && ![408, 425, 429].includes(status);

/**
 * Where operators get notices. `send` throws where the notice did not arrive, a `toRefusal` where
 * it never will. Not idempotent.
 */
export interface NoticeChannel {
  /** Unique and stable: the position in the journal is stored under this name. */
  name: string;
  send(notice: Notice, signal: AbortSignal): Promise<void>;
}
