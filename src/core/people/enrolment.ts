import type { Instant } from '../time.ts';
import type { Start } from './sequence.ts';

/** The last step that is done, by its id, and when. */
export interface Place {
  step: string;
  at: Instant;
}

/**
 * waiting: it enters if the goal is not reached before its time. active: on its way. Each of the
 * others is an end, and says by its name how it came.
 */
export const enrolmentStates = [
  'waiting',
  'active',
  'finished',
  'reached',
  'left',
  'stopped',
  'handed-over',
] as const;
export type EnrolmentState = (typeof enrolmentStates)[number];

export const liveStates = ['waiting', 'active'] as const satisfies EnrolmentState[];

/** One person's way through one sequence. */
export interface Enrolment {
  /** `welcome@p-7k2mq4`; the second time `welcome~2@p-7k2mq4`. */
  id: string;
  person: string;
  sequence: string;
  /** From 1. */
  run: number;
  state: EnrolmentState;
  by: Start['by'] | 'operator' | 'import';
  enteredAt: Instant;
  /** Gets nothing, and is compared with. */
  isHoldout: boolean;
  place?: Place;
  /** Ids of the steps that were sent, passed over or that expired. */
  done: string[];
  /** When it is looked at next; absent: it has ended, or waits for something to change. */
  nextAt?: Instant;
  /** Why then: a sentence. */
  why?: string;
  /** It stays where it is until that is put right. */
  heldBecause?: string;
  endedAt?: Instant;
  /** An operator has taken it back before anything was sent: it does not count. */
  isTakenBack?: true;
  revision: number;
}

export const enrolmentId = (sequence: string, person: string, run: number): string =>
  `${sequence}${run > 1 ? `~${run}` : ''}@${person}`;

export const isLive = ({ state }: Pick<Enrolment, 'state'>): boolean =>
  (liveStates as readonly EnrolmentState[]).includes(state);
