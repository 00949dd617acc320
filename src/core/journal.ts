import type { Network } from './network/network.ts';
import type { Instant } from './time.ts';

export const entryTypes = [
  'started',
  'stopped',
  'ingested',
  'edited',
  'renamed',
  'problem',
  'removed',
  'restored',
  'intent',
  'released',
  'part',
  'deferred',
  'reconciled',
  'failed',
  'uncertain',
  'missed',
  'expired',
  'withdrawn',
  'paused',
  'resumed',
  'skipped',
  'moved',
  'now',
  'approved',
  'rejected',
  'retried',
  'settled',
  'undone',
  'held',
  'followed',
  'deleted',
  'reply',
  'paced',
  'identified',
  'confirmed',
  'feed',
  'notice',
  'muted',
  'unmuted',
] as const;
export type EntryType = (typeof entryTypes)[number];

/** A fact that happened, written once; log lines, notices and pages all read it. */
export interface JournalEntry {
  /** Unique, and the same when the same fact is written again. */
  id: string;
  at: Instant;
  type: EntryType;
  /** `dripline`, `cli`, `telegram:123456`, `web`. */
  by: string;
  delivery?: string;
  post?: string;
  account?: string;
  network?: Network;
  url?: string;
  /** One sentence for people. */
  text?: string;
  /** Anything else, JSON. */
  data?: Record<string, unknown>;
}
