import type { KnownPerson } from '../../core/people/condition/judge-person.ts';
import { cancelledDispatch, type Dispatch, dispatchId } from '../../core/people/dispatch.ts';
import { decideStep, findEnd, type StepDecision } from '../../core/people/decide-step.ts';
import { type Enrolment, type EnrolmentState, isLive } from '../../core/people/enrolment.ts';
import type { Medium, Person } from '../../core/people/person.ts';
import type { Sequence, Step } from '../../core/people/sequence.ts';
import { makeEntry } from '../context.ts';
import { askToGoOn } from './forms/ask-to-go-on.ts';
import { readKnown, readSentAt } from './known-person.ts';
import { findReach } from './reach.ts';
import type { PeopleContext } from './people-context.ts';

/** So many steps may be passed over at one look. */
const mostAtOnce = 500;

/**
 * Goes on with an enrolment as far as it goes now: passes over what does not hold, plans the next
 * dispatch, or ends it. Every decision is one write; another writer's makes it stop.
 */
export async function lookAtEnrolment(context: PeopleContext, id: string): Promise<void> {
  for (let looks = 0; looks < mostAtOnce; looks += 1) {
    const enrolment = await context.store.people.findEnrolment(id);
    if (!enrolment || !isLive(enrolment) || (enrolment.nextAt ?? Infinity) > context.clock.now())
      return;
    if (!(await decideOnce(context, enrolment))) return;
  }
}

/** True: there may be more to decide at once. */
async function decideOnce(context: PeopleContext, enrolment: Enrolment): Promise<boolean> {
  const { store, sequences } = context;
  const person = await store.people.findPerson(enrolment.person);
  if (!person) return false;
  const sequence = sequences.get(enrolment.sequence);
  if (!sequence) return hold(context, enrolment, 'its sequence is missing or cannot be read');
  if (enrolment.state === 'waiting') return enterNow(context, { enrolment, person, sequence });
  if (isHumans(person, enrolment))
    return endWithOpen(context, enrolment, { as: 'handed-over', why: forHuman }).then(() => false);
  const known = await readKnown(context, person, enrolment);
  const [open] = await store.people.listDispatches({
    enrolment: enrolment.id,
    states: ['planned', 'sending', 'held'],
  });
  if (open) return lookBeside(context, { enrolment, sequence, known, open });
  const decision = decideStep({
    sequence,
    enrolment,
    known,
    now: context.clock.now(),
    zone: person.zone ?? context.settings.zone,
    sentAt: await readSentAt(context, person.id),
    perWeek: context.settings.people.perWeek,
  });
  return carryOut(context, { enrolment, person, sequence, decision });
}

export const forHuman = 'a human looks after the person';

/** Sequences go on for such a person only where an operator has said so. */
export const isHumans = ({ status }: Person, { by }: Enrolment): boolean =>
  status === 'handed-over' && by !== 'operator';

interface Beside {
  enrolment: Enrolment;
  sequence: Sequence;
  known: KnownPerson;
  open: Dispatch;
}

/** Its next message is on its way: only an end matters until that is settled. */
async function lookBeside(
  context: PeopleContext,
  { enrolment, sequence, known, open }: Beside,
): Promise<boolean> {
  const end = findEnd(sequence, known);
  if (end && open.intent?.sendingAt === undefined)
    return endEnrolment(context, enrolment, { ...end, open });
  const { nextAt: _next, ...rest } = enrolment;
  return write(context, enrolment, rest).then(() => false);
}

interface Deciding {
  enrolment: Enrolment;
  person: Person;
  sequence: Sequence;
}

/** Its time to wait for the goal is over. */
async function enterNow(
  context: PeopleContext,
  { enrolment, person, sequence }: Deciding,
): Promise<boolean> {
  const known = await readKnown(context, person, enrolment);
  const end = findEnd(sequence, known);
  if (end) return endEnrolment(context, enrolment, end);
  const now = context.clock.now();
  return write(context, enrolment, { ...enrolment, state: 'active', enteredAt: now, nextAt: now });
}

function carryOut(
  context: PeopleContext,
  { decision, ...deciding }: Deciding & { decision: StepDecision },
): Promise<boolean> {
  const { enrolment } = deciding;
  if (decision.do === 'end') return endEnrolment(context, enrolment, decision);
  if (decision.do === 'wait') {
    const { until: nextAt, why } = decision;
    return write(context, enrolment, { ...withoutHold(enrolment), nextAt, why }).then(() => false);
  }
  if (decision.do === 'pass' || enrolment.isHoldout)
    return write(context, enrolment, stepDone(enrolment, decision.step, context.clock.now()));
  return planDispatch(context, deciding, decision);
}

async function planDispatch(
  context: PeopleContext,
  { enrolment, person, sequence }: Deciding,
  { step, why }: { step: Step; why: string },
): Promise<boolean> {
  const reach = await findReach(context, person, {
    purpose: sequence.id,
    by: step.by ?? sequence.by,
  });
  if ('because' in reach) {
    if (reach.is === 'stopped') {
      const end = { as: 'stopped' as const, why: reach.because };
      return endEnrolment(context, enrolment, end);
    }
    return hold(context, enrolment, reach.because);
  }
  // Only by mail can a question be answered by a button.
  if (reach.address.medium === 'mail') {
    const quiet = await askToGoOn(context, person, { sequence, addressKey: reach.addressKey });
    if (quiet) return write(context, enrolment, { ...enrolment, ...quiet }).then(() => false);
  }
  const dispatch = toDispatch(context, { enrolment, step, why, medium: reach.address.medium });
  const { nextAt: _next, ...waiting } = withoutHold(enrolment);
  const isWritten = await context.store.people.change({
    enrolment: { before: enrolment, after: { ...waiting, why: `${step.id} is on its way` } },
    dispatch: { after: dispatch },
  });
  if (isWritten) await context.alarms.set('people', dispatch.medium, dispatch.at);
  return false;
}

interface Planning {
  enrolment: Enrolment;
  step: Step;
  why: string;
  medium: Medium;
}

const toDispatch = (
  { clock }: PeopleContext,
  { enrolment, step, why, medium }: Planning,
): Dispatch => ({
  id: dispatchId(enrolment, step.id),
  person: enrolment.person,
  sequence: enrolment.sequence,
  run: enrolment.run,
  step: step.id,
  enrolment: enrolment.id,
  state: 'planned',
  medium,
  at: clock.now(),
  why,
  attempts: 0,
  fence: 0,
  revision: 1,
});

/** The step is behind it: what comes next is looked at right away. */
export function stepDone(enrolment: Enrolment, step: Pick<Step, 'id'>, at: number): Enrolment {
  const done = [...enrolment.done.filter((one) => one !== step.id), step.id];
  return { ...withoutHold(enrolment), done, place: { step: step.id, at }, nextAt: at };
}

function withoutHold({ heldBecause: _held, ...enrolment }: Enrolment): Enrolment {
  return enrolment;
}

const heldAgainAfter = 3_600_000;

/** Looked at again by itself: what is mended goes on without a word. */
async function hold(
  context: PeopleContext,
  enrolment: Enrolment,
  because: string,
): Promise<boolean> {
  const nextAt = context.clock.now() + heldAgainAfter;
  await write(context, enrolment, { ...enrolment, heldBecause: because, why: because, nextAt });
  return false;
}

interface End {
  as: Extract<EnrolmentState, 'finished' | 'reached' | 'left' | 'stopped' | 'handed-over'>;
  why: string;
  /** What was to be sent next: it is taken back. */
  open?: Dispatch;
}

export async function endEnrolment(
  context: PeopleContext,
  enrolment: Enrolment,
  { as, why, open }: End,
): Promise<boolean> {
  const { nextAt: _next, ...rest } = withoutHold(enrolment);
  const { id, person, sequence } = enrolment;
  const after: Enrolment = { ...rest, state: as, why, endedAt: context.clock.now() };
  const said = `${person} ${endWords[as]} ${sequence}`;
  const text = as === 'reached' ? said : `${said}: ${why}`;
  await context.store.people.change({
    enrolment: { before: enrolment, after },
    ...(open ? { dispatch: { before: open, after: cancelledDispatch(open, why) } } : {}),
    entries: [makeEntry(context, 'left', { id: `${id}:${as}`, person, text })],
  });
  return false;
}

/** The same from outside of its own way: what was to be sent next is taken back. */
export async function endWithOpen(
  context: PeopleContext,
  enrolment: Enrolment,
  { as, why }: Omit<End, 'open'>,
): Promise<void> {
  const all = await context.store.people.listDispatches({
    enrolment: enrolment.id,
    states: ['planned', 'held', 'sending'],
  });
  // A letter in a batch is not on its way before it is printed.
  const open = all.find(({ state, batch }) => state !== 'sending' || batch !== undefined);
  await endEnrolment(context, enrolment, { as, why, ...(open ? { open } : {}) });
}

const endWords: Record<End['as'], string> = {
  finished: 'has finished',
  reached: 'has reached the goal of',
  left: 'has left',
  stopped: 'was stopped in',
  'handed-over': 'was handed over from',
};

const write = (context: PeopleContext, before: Enrolment, after: Enrolment): Promise<boolean> =>
  context.store.people.change({ enrolment: { before, after } });
