import type { JournalEntry } from '../core/journal.ts';

/** What an operator is told: one entry of the journal, or several that came together. */
export interface Notice {
  title: string;
  /** Lines for people. */
  text: string;
  entries: JournalEntry[];
  /** It wants somebody soon. */
  isUrgent: boolean;
}

/**
 * One place where an operator reads. `send` throws where it did not arrive; what is sent twice
 * stands there twice.
 */
export interface NoticeChannel {
  /** Unique and lasting: how far it has come is kept by this name. */
  name: string;
  send(notice: Notice, signal: AbortSignal): Promise<void>;
}
