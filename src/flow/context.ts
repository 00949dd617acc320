import { randomUUID } from 'node:crypto';
import type { ClockVote } from '../core/clock-votes.ts';
import type { Delivery } from '../core/delivery/delivery.ts';
import type { EntryIn, EntryOf, EntryType } from '../core/journal.ts';
import { measureAges } from '../core/measuring.ts';
import type { Settings } from '../core/settings.ts';
import { hour, minute, second } from '../core/time.ts';
import type { PeopleRoom } from './people/people-context.ts';
import type { Alarms } from '../ports/alarms.ts';
import type { Aside } from '../ports/aside.ts';
import type { Clock } from '../ports/clock.ts';
import type { FeedPictures, Images } from '../ports/images.ts';
import type { Publisher } from '../ports/publisher.ts';
import type { FeedSource, FolderSource } from '../ports/source.ts';
import type { Store } from '../ports/store.ts';

/** How long things may take, in milliseconds. */
export interface Timing {
  /** A claim is good for this long; every part of a thread renews it. */
  claimFor: number;
  /** The same of a message to one person: longer than a mail server may take for an answer. */
  dispatchClaimFor: number;
  /** The publish call is cut off after this. */
  publishFor: number;
  /** Between two looks at a network for what may have landed. */
  lookGapFor: number;
  /**
   * A network that could not be reached is asked again after this, then after twice as long and so
   * on, up to thirty times as long.
   */
  retryAfter: number;
  /** Between two sweeps, which set right whatever an alarm has missed. */
  sweepEvery: number;
  rescanEvery: number;
  /** Ages at which a delivery's numbers are looked at, in milliseconds, sorted. */
  measureAges: readonly number[];
  /** Between two looks at one account's numbers, at least. */
  measureEvery: number;
  /** Between two looks for people's replies, and for followers. */
  repliesEvery: number;
  followersEvery: number;
  /** At a start, and where the clock is in doubt, accounts are waited for so long. */
  meetFor: number;
  /** How often a held account is asked whether it is well again; each time may cost money. */
  heldAccountsEvery: number;
  /** How often the service looks for what commands want. */
  listenEvery: number;
}

export const defaultTiming: Timing = {
  claimFor: 2 * minute,
  dispatchClaimFor: 20 * minute,
  publishFor: 30 * second,
  lookGapFor: minute,
  retryAfter: minute,
  sweepEvery: 30 * second,
  rescanEvery: 5 * minute,
  measureAges,
  measureEvery: 5 * second,
  repliesEvery: 10 * minute,
  followersEvery: 12 * hour,
  meetFor: 5 * second,
  heldAccountsEvery: minute,
  listenEvery: second,
};

export interface Log {
  info(text: string, data?: Record<string, unknown>): void;
  warn(text: string, data?: Record<string, unknown>): void;
}

/** Why nothing may be released on this machine now; empty: it may. */
export interface Hold {
  because?: string;
  /** What the network of each account last said of this machine's clock. */
  votes?: Map<string, ClockVote>;
  /** The accounts whose networks disagree with it, while `because` says so. */
  against?: string;
}

export interface Context extends Memory {
  store: Store;
  clock: Clock;
  alarms: Alarms;
  images: Images;
  /** Absent: none are kept. */
  feedPictures?: FeedPictures;
  publishers: ReadonlyMap<string, Publisher>;
  folder: FolderSource;
  feeds: FeedSource[];
  settings: Settings;
  timing: Timing;
  /** Unique for each start of a process. */
  worker: string;
  log: Log;
  /** Sequences for single people; absent: there are none. */
  people?: PeopleRoom;
  /** For what takes seconds; absent where no one waits, as in virtual time. */
  aside?: Aside;
}

/** What this process alone remembers: a restart forgets it, and loses nothing by that. */
export interface Memory {
  hold: Hold;
  /**
   * Accounts that this process has asked who they are and what stands on their timelines; nothing
   * is released on others.
   */
  met: Set<string>;
  /**
   * Deliveries, with the fence of their claim, whose intent to send could not be written, or was
   * written and its answer lost: nothing of that was sent.
   */
  unsent: Map<string, number>;
}

export type About<T extends EntryType = EntryType> = Partial<Omit<EntryOf<T>, 'at' | 'type'>>;

export function makeEntry<T extends EntryType>(
  { clock }: Pick<Context, 'clock'>,
  type: T,
  about: About<T> = {},
): EntryIn<T> {
  const entry = { id: randomUUID(), at: clock.now(), type, by: 'dripline', ...about };
  return entry as unknown as EntryIn<T>;
}

/** An entry about a delivery, the same for the same revision however often it is written. */
export function makeDeliveryEntry<T extends EntryType>(
  { clock }: Pick<Context, 'clock'>,
  delivery: Delivery,
  { type, ...about }: About<T> & { type: T },
): EntryIn<T> {
  const { id, post, account, network, revision } = delivery;
  const entry = {
    id: `${id}#${revision + 1}:${type}`,
    at: clock.now(),
    type,
    by: 'dripline',
    delivery: id,
    post,
    account,
    network,
    ...about,
  };
  return entry as unknown as EntryIn<T>;
}
