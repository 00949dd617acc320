import { findEnd } from '../../core/people/decide-step.ts';
import { type Enrolment, isLive } from '../../core/people/enrolment.ts';
import type { Person } from '../../core/people/person.ts';
import { makeEntry } from '../context.ts';
import { readKnown } from './known-person.ts';
import { endWithOpen } from './look-at-enrolment.ts';
import type { PeopleContext } from './people-context.ts';

const mostTries = 20;

/** Whoever a human looks after, or has decided about, is not handed over again. */
const isOpen = ({ status }: Person) => status === 'new' || status === 'active';

/** A human has said not now: only the person's own words count until then. */
const isLater = ({ laterUntil = 0 }: Person, why: string, now: number): boolean =>
  laterUntil > now && why !== hasAnswered;

export const hasAnswered = 'the person has answered';

/**
 * To a human, once, with the word about it in the same write. Sequences end for the person until a
 * human says otherwise, but what has reached its goal by now has reached it. Where that is
 * interrupted it is made good at the next look at each enrolment.
 */
export async function handOver(context: PeopleContext, id: string, why: string): Promise<void> {
  const { store } = context;
  for (let tries = 0; tries < mostTries; tries += 1) {
    const before = await store.people.findPerson(id);
    if (!before || !isOpen(before) || isLater(before, why, context.clock.now())) return;
    const after: Person = { ...before, status: 'handed-over' };
    const entry = makeEntry(context, 'handed-over', {
      id: `${id}:handed-over:${before.revision + 1}`,
      person: id,
      text: `${id} is handed over to a human: ${why}`,
      data: { status: 'handed-over' },
    });
    if (!(await store.people.change({ person: { before, after }, entries: [entry] }))) continue;
    for (const enrolment of await store.people.listEnrolments({ person: id }))
      if (isLive(enrolment)) await end(context, { person: after, enrolment, why });
    return;
  }
}

interface Ending {
  person: Person;
  enrolment: Enrolment;
  why: string;
}

async function end(context: PeopleContext, { person, enrolment, why }: Ending): Promise<void> {
  const sequence = context.sequences.get(enrolment.sequence);
  const reached = sequence && findEnd(sequence, await readKnown(context, person, enrolment));
  const isReached = reached?.as === 'reached';
  await endWithOpen(context, enrolment, {
    as: isReached ? 'reached' : 'handed-over',
    why: isReached ? reached.why : why,
  });
}
