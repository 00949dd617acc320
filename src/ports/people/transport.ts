import type { StepLink } from '../../core/clicks/click.ts';
import type { Dispatch } from '../../core/people/dispatch.ts';
import type { Address, Medium, Person } from '../../core/people/person.ts';
import type { Sequence, Step } from '../../core/people/sequence.ts';
import type { Instant } from '../../core/time.ts';
import type { MailCall, MailOutcome } from './mail.ts';

export interface Composing {
  dispatch: Dispatch;
  person: Person;
  sequence: Sequence;
  step: Step;
  address: Address;
  /** Goes into what is made, the same on every attempt. */
  at: Instant;
  /** The code that the step takes for the person. */
  coupon?: string;
  /** It asks whether a form was meant: the consent, and why it comes. It is none of a series. */
  confirms?: { consent: string; reason: string };
}

/** What will be sent: the very bytes. */
export interface Composed {
  bytes: Uint8Array;
  /** Mail's own name for it. */
  messageId?: string;
  /** Those of its text that are counted. */
  links?: StepLink[];
}

/** One way to reach a person. */
export interface Transport {
  medium: Medium;
  /** A second and a local day, at most. */
  pace: { perSecond: number; perDay: number; warmUp: boolean };
  /** What becomes of one whose answer was lost: left alone, or sent once more. */
  whenUnknown: 'leave' | 'again';
  /** Deterministic. Throws Refusal that says what is missing: it is held until that is mended. */
  compose(composing: Composing): Promise<Composed>;
  /**
   * What the other side shows of one whose answer was lost: it was sent, or `later` where sending
   * it again cannot double it. Undefined: nobody can tell now. Never throws. Absent: it shows
   * nothing.
   */
  findOut?(
    frozen: Composed & { dispatch: Dispatch },
    call: {
      /** When it was opened for sending. */
      since: Instant;
      /** Whether an id belongs to another one of ours. */
      isTaken: (id: string) => Promise<boolean>;
      signal: AbortSignal;
    },
  ): Promise<MailOutcome | undefined>;
  /** Never throws. */
  send(
    frozen: Composed & { dispatch: Dispatch; address: Address },
    call: MailCall,
  ): Promise<MailOutcome>;
}
