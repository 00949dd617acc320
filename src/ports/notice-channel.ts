import type { JournalEntry } from '../core/journal.ts';

/** A message for operators: one entry of the journal, or several that came together. */
export interface Notice {
  title: string;
  /** Lines for people. */
  text: string;
  entries: JournalEntry[];
  /** A person has to act soon. */
  isUrgent: boolean;
}

/** Where operators get notices. `send` throws where the notice did not arrive. Not idempotent. */
export interface NoticeChannel {
  /** Unique and stable: the position in the journal is stored under this name. */
  name: string;
  send(notice: Notice, signal: AbortSignal): Promise<void>;
}
