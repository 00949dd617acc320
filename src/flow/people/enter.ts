import { type Enrolment, enrolmentId, isLive } from '../../core/people/enrolment.ts';
import { isHeldOut } from '../../core/people/holdout.ts';
import type { Person } from '../../core/people/person.ts';
import type { Sequence } from '../../core/people/sequence.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Instant } from '../../core/time.ts';
import { makeEntry } from '../context.ts';
import type { PeopleContext } from './people-context.ts';

export interface Entry {
  person: Pick<Person, 'id' | 'status'>;
  sequence: Sequence;
  by: Enrolment['by'];
  /** It enters if the goal is not reached within this time. */
  waitFor?: number;
  /** When it happened; a shop may tell it late. */
  at?: Instant;
  /** Of an operator's command. */
  said?: { by: string; command: string; verb: string };
}

export type Entered =
  | { is: 'entered'; enrolment: Enrolment }
  | { is: 'not'; because: 'in-it' | 'was-in-it' | 'stopped' };

/**
 * Once for each person and sequence, however often it is asked for: the store keeps one enrolment
 * for each run, and one that is live.
 */
export async function enter(context: PeopleContext, entry: Entry): Promise<Entered> {
  const { store, clock } = context;
  const { person, sequence } = entry;
  if (person.status === 'stopped') return { is: 'not', because: 'stopped' };
  const known = await store.people.listEnrolments({ person: person.id, sequence: sequence.id });
  if (known.some(isLive)) return { is: 'not', because: 'in-it' };
  const last = known.toSorted((a, b) => b.run - a.run)[0];
  if (last && !mayEnterAgain(last, sequence, clock.now()))
    return { is: 'not', because: 'was-in-it' };
  const enrolment = toEnrolment(context, entry, (last?.run ?? 0) + 1);
  const told = toldEntry(context, enrolment, saidBy(entry, enrolment));
  const isNew = await store.people.addEnrolment(enrolment, [told]);
  if (!isNew) return { is: 'not', because: 'in-it' };
  await context.alarms.set('people', 'enrolments', enrolment.nextAt ?? clock.now());
  return { is: 'entered', enrolment };
}

/** Of a list: people who have just been added, and were in no sequence before. */
export async function enterNew(
  context: PeopleContext,
  people: readonly Entry['person'][],
  way: Pick<Entry, 'sequence' | 'by'>,
): Promise<void> {
  const { store, clock, alarms } = context;
  const enrolments = people.map((person) => toEnrolment(context, { ...way, person }, 1));
  await store.people.addRecords('enrolment', enrolments);
  await store.appendJournal(enrolments.map((one) => toldEntry(context, one)));
  await alarms.set('people', 'enrolments', clock.now());
}

const toldEntry = (
  context: PeopleContext,
  { id, person, sequence, by }: Enrolment,
  said: ReturnType<typeof saidBy> = {},
) =>
  makeEntry(context, 'entered', {
    id: `${id}:entered`,
    person,
    text: `${person} entered ${sequence} by ${ways[by]}`,
    ...said,
  });

const mayEnterAgain = (
  { endedAt = 0, isTakenBack }: Enrolment,
  { again }: Sequence,
  now: Instant,
) => isTakenBack === true || (again !== 'never' && now - endedAt >= again);

const saidBy = ({ said, person }: Entry, { id: entered }: Enrolment) => {
  if (!said) return {};
  const { by, ...command } = said;
  return { by, data: { ...command, before: [], person: { id: person.id, entered } } };
};

function toEnrolment(
  { clock }: PeopleContext,
  { person, sequence, by, waitFor = 0, at = clock.now() }: Entry,
  run: number,
): Enrolment {
  const now = clock.now();
  // Told late it waits less, and told from the future no longer than it says.
  const nextAt = Math.min(now, at) + waitFor;
  return pickDefined({
    id: enrolmentId(sequence.id, person.id, run),
    person: person.id,
    sequence: sequence.id,
    run,
    state: waitFor > 0 ? ('waiting' as const) : ('active' as const),
    by,
    enteredAt: Math.min(now, at),
    isHoldout: isHeldOut(sequence.id, person.id, sequence.holdout),
    done: [],
    nextAt,
    why: waitFor > 0 ? 'it enters unless the goal is reached until then' : 'it has just entered',
    revision: 1,
  });
}

const ways: Record<Enrolment['by'], string> = {
  form: 'a form',
  reply: 'a reply',
  event: 'an event',
  operator: "an operator's word",
  import: 'an import',
};
