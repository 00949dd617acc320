import type { Delivery, Followed } from './delivery/delivery.ts';
import type { Network } from './network/network.ts';
import type { PauseState } from './pause-state.ts';
import type { EnrolmentState } from './people/enrolment.ts';
import type { PersonStatus } from './people/person.ts';
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
  'noted',
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
  'drafted',
  'campaign',
  'entered',
  'left',
  'sent',
  'unsent',
  'opted-out',
  'handed-over',
  'printed',
] as const;
export type EntryType = (typeof entryTypes)[number];

/** What `undo` needs of a command: the state before it. */
export interface Undoable {
  command: string;
  verb: string;
  before: Delivery[];
  pause?: PauseState;
  /** What was paused or resumed: `*`, or names of accounts. */
  scopes?: string[];
  file?: FileBefore;
  person?: PersonBefore;
}

/** What was before a command about somebody. */
export interface PersonBefore {
  id: string;
  /** Its status, if the command has set another one. */
  status?: PersonStatus;
  set?: PersonStatus;
  takenBy?: string;
  laterUntil?: Instant;
  /** Enrolments that it ended, as they were. */
  ended?: { id: string; state: EnrolmentState; nextAt?: Instant }[];
  /** The enrolment that it made. */
  entered?: string;
  /** The stop that it wrote. */
  stop?: { purpose: string; at: Instant };
}

/** A file that a command has changed. */
export interface FileBefore {
  /** Below the posts folder. */
  path: string;
  /** As it was. */
  text: string;
  /** Of what the command wrote. */
  hash: string;
}

/** What entries hold besides their sentence. */
interface EntryData {
  started: { worker: string };
  stopped: { worker: string };
  /** It was found on the network afterwards; the request had no answer. */
  released: { reconciled: true };
  part: { reconciled: true };
  /** The network warned that we ask or post too much. */
  deferred: { isWarning: true };
  feed: { url: string; state: 'broken' | 'well' | 'held' | 'moved' | 'item' | 'old' };
  /** A decision, or why a decided follow-up is not published. */
  followed: Followed | { why: string };
  /** Who answered, and when. */
  reply: { from: string; at: Instant };
  undone: { undid: string; saidAs?: string };
  /** The draft below the posts folder; `album`: the pictures that the chat sent together. */
  drafted: { path: string; saidAs?: string; album?: string };
  paused: Undoable;
  resumed: Undoable;
  skipped: Undoable;
  moved: Undoable;
  now: Undoable;
  approved: Undoable;
  rejected: Undoable;
  retried: Undoable;
  settled: Undoable;
  withdrawn: Undoable;
  muted: Undoable;
  unmuted: Undoable;
  confirmed: Undoable;
  campaign: Undoable;
  entered: Undoable;
  'opted-out': Undoable;
  printed: Undoable & { batch: string };
  /** `isTaken`: a human has said so. */
  'handed-over':
    | { status: 'handed-over' }
    | (Undoable & { status: 'handed-over' | 'later' | 'won' | 'lost'; isTaken: true });
}

/** Types of what commands write. */
export type CommandType = {
  [T in keyof EntryData]: Undoable extends EntryData[T] ? T : never;
}[keyof EntryData];

/** A fact, recorded once; log lines, notices and pages all read it. */
export interface EntryOf<T extends EntryType> {
  /** Unique, and the same where the same fact is recorded again. */
  id: string;
  at: Instant;
  type: T;
  /** `dripline`, `cli`, `telegram:123456`, `web`, `agent:claude`. */
  by: string;
  delivery?: string;
  post?: string;
  account?: string;
  network?: Network;
  /** The id of somebody who is written to, and nothing else of that person. */
  person?: string;
  url?: string;
  /** One sentence for people. */
  text?: string;
  data?: T extends keyof EntryData ? EntryData[T] : never;
}

export type JournalEntry = { [T in EntryType]: EntryOf<T> }[EntryType];

/** The entry of one of these types. */
export type EntryIn<T extends EntryType> = { [K in T]: EntryOf<K> }[T];

/** Names of the command that wrote this entry, undone or not; empty: no command did. */
export function commandNames({ data }: JournalEntry): string[] {
  if (data && 'command' in data) return [data.command];
  if (data && ('undid' in data || 'path' in data))
    return data.saidAs === undefined ? [] : [data.saidAs];
  return [];
}

/** Commands that were undone. */
export const undoneCommands = (entries: readonly JournalEntry[]): ReadonlySet<string> =>
  new Set(entries.flatMap((one) => (one.type === 'undone' ? (one.data?.undid ?? []) : [])));

/** What the command did that wrote this entry; undefined: no command did. */
export function commandIn({ data }: JournalEntry): Undoable | undefined {
  return data && 'command' in data ? data : undefined;
}
