import type { PeopleSettings } from '../../core/people/people-settings.ts';
import type { Languages } from '../../core/people/wording/languages.ts';
import type { Medium } from '../../core/people/person.ts';
import type { Sequence } from '../../core/people/sequence.ts';
import type { Alarms } from '../../ports/alarms.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import type { Coupons } from '../../ports/people/coupons.ts';
import type { LeadHook } from '../../ports/people/lead-hook.ts';
import type { LetterPress } from '../../ports/people/letters.ts';
import type { Mailbox } from '../../ports/people/mailbox.ts';
import type { Transport } from '../../ports/people/transport.ts';

/** What the verbs of sequences need. */
export interface PeopleContext {
  store: Store;
  clock: Clock;
  alarms: Pick<Alarms, 'set'>;
  settings: { zone: string; people: PeopleSettings };
  /** As the folder is now; what is broken or gone is not among them, and holds whoever is in it. */
  sequences: ReadonlyMap<string, Sequence>;
  /** Some of the folder cannot be read now: there may be more. Absent: it can. */
  isInDoubt?: () => boolean;
  transports: ReadonlyMap<Medium, Transport>;
  /** Codes that steps give out. */
  coupons?: Coupons | undefined;
  /** Gets each hand-over; absent: operators alone hear of it. */
  leadHook?: LeadHook | undefined;
  /** Letters on paper; absent: there are none. */
  letters?: LetterPress | undefined;
  /** Where reports and answers come to; absent: nobody looks. */
  mailbox?: Mailbox | undefined;
  /** In which strangers are spoken to; absent: those that are built in. */
  languages?: Languages;
  /** Of the key of an address, for the list of stops. */
  hashOf(addressKey: string): string;
  /** A worker has a dispatch for so long, in milliseconds. */
  claimFor: number;
  /** Unique for each start of a process. */
  worker: string;
  log: { warn(text: string): void };
}

/** The same for a service, whose folder may change. */
export interface PeopleRoom extends PeopleContext {
  /** Reads the sequences again; true: they are not what they were. */
  refresh(): Promise<boolean>;
}
