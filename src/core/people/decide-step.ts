import { day, tellDuration, type Instant } from '../time.ts';
import { judgePerson, type KnownPerson } from './condition/judge-person.ts';
import type { PersonCondition } from './condition/person-condition.ts';
import type { Enrolment, EnrolmentState } from './enrolment.ts';
import { afterCap, nextOpenTime } from './person-time.ts';
import type { Sequence, Step } from './sequence.ts';

/** What is late by more than this is not caught up with. */
export const lateFor = 7 * day;

export interface StepInput {
  sequence: Sequence;
  enrolment: Enrolment;
  known: KnownPerson;
  now: Instant;
  /** The person's, else the one of the configuration. */
  zone: string;
  /** Of what was sent to the person in the last week, over all sequences. */
  sentAt: readonly Instant[];
  perWeek: number;
}

/** What becomes of an enrolment now. Each says why, as a sentence without a full stop. */
export type StepDecision =
  | { do: 'send'; step: Step; why: string }
  /** Nothing now; it is looked at again then. */
  | { do: 'wait'; step: Step; until: Instant; why: string }
  /** The step is done without being sent. */
  | { do: 'pass'; step: Step; because: 'condition' | 'late'; why: string }
  | { do: 'end'; as: Extract<EnrolmentState, 'finished' | 'reached' | 'left'>; why: string };

/**
 * Pure: the same input gives the same decision. Goal and leave come before everything; then the
 * next
 * step behind the person's place, when its wait, its window and the cap allow, and if its condition
 * holds by then.
 */
export function decideStep(input: StepInput): StepDecision {
  const { sequence, enrolment, known, now } = input;
  const ended = findEnd(sequence, known);
  if (ended) return ended;
  const step = nextStep(sequence, enrolment);
  if (!step) return { do: 'end', as: 'finished', why: 'every step is done' };
  const { place, enteredAt, isHoldout, nextAt = 0 } = enrolment;
  const base = place?.at ?? enteredAt;
  const dueAt = base + step.waitFor;
  const why = tellDue(step, place !== undefined);
  if (dueAt > now) return { do: 'wait', step, until: openAt(input, dueAt), why };
  const slot = openAt(input, dueAt);
  if (slot > now) return { do: 'wait', step, until: slot, why: `${why}, in its hours` };
  // What waited for the cap is late only from when it was to be looked at again.
  if (now - Math.max(slot, nextAt) > lateFor)
    return {
      do: 'pass',
      step,
      because: 'late',
      why: `it is more than ${tellDuration(lateFor)} late`,
    };
  if (step.when && !judgePerson(step.when, known))
    return { do: 'pass', step, because: 'condition', why: 'its condition does not hold' };
  // The holdout takes the same way, and gets nothing.
  if (isHoldout) return { do: 'send', step, why: `${why} (holdout)` };
  return withinCap(input, step, why);
}

function withinCap(input: StepInput, step: Step, why: string): StepDecision {
  const { now, sentAt, perWeek } = input;
  const free = afterCap(sentAt, perWeek, now);
  if (free <= now) {
    const open = openAt(input, now);
    if (open <= now) return { do: 'send', step, why };
    return { do: 'wait', step, until: open, why: `${why}, in its hours` };
  }
  const until = Number.isFinite(free) ? openAt(input, free) : now + lateFor;
  const cap = `${perWeek} a week is the most that a person gets`;
  return { do: 'wait', step, until, why: `${why}, and ${cap}` };
}

const openAt = ({ sequence, zone }: StepInput, from: Instant) =>
  nextOpenTime(from, sequence.timing, zone);

/** Reached or left, if either condition holds; the goal is looked at first. */
export function findEnd(
  { goal, leave }: Pick<Sequence, 'goal' | 'leave'>,
  known: KnownPerson,
): Extract<StepDecision, { do: 'end' }> | undefined {
  const holds = (condition: PersonCondition | undefined) =>
    condition !== undefined && judgePerson(condition, known);
  if (holds(goal)) return { do: 'end', as: 'reached', why: 'the goal is reached' };
  return holds(leave) ? { do: 'end', as: 'left', why: 'the condition to leave holds' } : undefined;
}

/**
 * The first one behind everything that is done. What was put in before that place is for those who
 * come later; a step that is gone is passed over.
 */
export function nextStep(
  { steps }: Pick<Sequence, 'steps'>,
  { done }: Pick<Enrolment, 'done'>,
): Step | undefined {
  const known = new Set(done);
  const last = steps.findLastIndex(({ id }) => known.has(id));
  return steps[last + 1];
}

function tellDue({ waitFor }: Step, hasPlace: boolean): string {
  const from = hasPlace ? 'after the step before it' : 'after entering';
  return waitFor > 0 ? `${tellDuration(waitFor)} ${from}` : `right ${from}`;
}
