import { findEnd } from '../../core/people/decide-step.ts';
import { type Enrolment, isLive } from '../../core/people/enrolment.ts';
import type { Person } from '../../core/people/person.ts';
import { makeEntry } from '../context.ts';
import { readKnown } from './known-person.ts';
import { endEnrolment } from './look-at-enrolment.ts';
import type { PeopleContext } from './people-context.ts';

/** Whoever a human looks after, or has decided about, is not handed over again. */
const isOpen = ({ status }: Person) => status === 'new' || status === 'active';

/**
 * To a human, once: sequences end for the person until one says otherwise, but what has reached its
 * goal by now has reached it.
 */
export async function handOver(context: PeopleContext, id: string, why: string): Promise<void> {
  const { store } = context;
  const before = await store.people.findPerson(id);
  if (!before || !isOpen(before)) return;
  const after: Person = { ...before, status: 'handed-over' };
  // Another writer was faster: the next act looks again.
  const person = await store.people.changePerson(before, after);
  if (!person) return;
  for (const enrolment of await store.people.listEnrolments({ person: id }))
    if (isLive(enrolment)) await end(context, { person, enrolment, why });
  const text = `${id} is handed over to a human: ${why}`;
  await store.appendJournal([
    makeEntry(context, 'handed-over', {
      id: `${id}:handed-over:${person.revision}`,
      person: id,
      text,
      data: { status: 'handed-over' },
    }),
  ]);
}

interface Ending {
  person: Person;
  enrolment: Enrolment;
  why: string;
}

async function end(context: PeopleContext, { person, enrolment, why }: Ending): Promise<void> {
  const sequence = context.sequences.get(enrolment.sequence);
  const reached = sequence && findEnd(sequence, await readKnown(context, person, enrolment));
  const [open] = await context.store.people.listDispatches({
    enrolment: enrolment.id,
    states: ['planned', 'held'],
  });
  const as = reached?.as === 'reached' ? ('reached' as const) : ('handed-over' as const);
  const told = reached?.as === 'reached' ? reached.why : why;
  await endEnrolment(context, enrolment, { as, why: told, ...(open ? { open } : {}) });
}
