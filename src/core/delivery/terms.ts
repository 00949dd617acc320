import { pickDefined } from '../pick-defined.ts';
import type { FollowUp } from '../post/post.ts';
import type { Instant } from '../time.ts';
import type { Held } from './reason.ts';

/** A date in the file: to the minute, or any slot of that local day. */
export type Pin = { at: Instant } | { date: string };

/** What the post says about when, copied here so that planning reads deliveries alone. */
export interface Terms {
  /** Of the post, as last read. */
  hash: string;
  pin?: Pin;
  /** The file's date that a command replaced; an edit that leaves it alone changes nothing. */
  overruledPin?: Pin;
  notBefore?: Instant;
  expires?: Instant;
  after?: { post: string; delayFor: number };
  feed?: { url: string; perDay: number };
  /** It is published because of another delivery, in this relation to it. */
  followUp?: FollowUpTerms;
  approval?: boolean;
  /** Whose touches it counts towards. */
  campaign?: string;
  isEvergreen?: boolean;
  /** On all its accounts at one time; absent: as the cadence says. */
  together?: boolean;
  /** It has a video or an animation, which its network gets before it is claimed. */
  moves?: true;
  /** Its file is broken, a draft, or gone: it stays where it is until that is corrected. */
  held?: Held;
}

export interface FollowUpTerms {
  /** The delivery that it follows. */
  of: string;
  as: FollowUp['as'];
  /** What becomes of it where the network allows no such relation. */
  else: 'post' | 'skip';
  /** The rule's `after`, and the end of its `within`. */
  notBefore: Instant;
  expires?: Instant;
}

/** The instant that a file's date or a command names. */
export const pinnedInstant = (pin: Pin | undefined): Instant | undefined =>
  pin && 'at' in pin ? pin.at : undefined;

/** A command's instant goes over the date in the file. */
export function overrulePin({ pin, overruledPin, ...rest }: Terms): Terms {
  return pickDefined({ ...rest, overruledPin: pin ?? overruledPin });
}

/** The terms of an edited file, less the date that was overruled. */
export function keepOverruled(terms: Terms, before: Terms): Terms {
  const isSame =
    before.overruledPin !== undefined &&
    JSON.stringify(before.overruledPin) === JSON.stringify(terms.pin);
  return isSame ? overrulePin(terms) : terms;
}

/** An expiry that has passed would end it again. */
export function withoutPastExpiry(terms: Terms, now: Instant): Terms {
  const { expires, ...rest } = terms;
  return expires !== undefined && expires <= now ? rest : terms;
}

/**
 * What a file said before a command, unless it was edited since: then what it says now, less the
 * command's own change. Whether the file holds the delivery is always as it is now.
 */
export function restoredTerms(current: Terms, before: Terms): Terms {
  if (current.hash === before.hash) return withHeld(before, current.held);
  const isOverruled = current.overruledPin !== undefined && before.overruledPin === undefined;
  if (!isOverruled) return current;
  const { overruledPin: pin, ...rest } = current;
  return pickDefined({ ...rest, pin: rest.pin ?? pin });
}

export function withHeld(terms: Terms, held: Held | undefined): Terms {
  return pickDefined({ ...terms, held });
}
