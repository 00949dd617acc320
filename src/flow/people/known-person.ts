import type { KnownPerson } from '../../core/people/condition/judge-person.ts';
import { isConfirmation } from '../../core/people/forms/confirmation.ts';
import type { Dispatch } from '../../core/people/dispatch.ts';
import type { Enrolment } from '../../core/people/enrolment.ts';
import type { Person } from '../../core/people/person.ts';
import { scoreAt } from '../../core/people/score.ts';
import { type Instant, day } from '../../core/time.ts';
import type { PeopleContext } from './people-context.ts';

/** More acts than this say nothing new of one person. */
const mostActs = 2000;
const week = 7 * day;

/** What conditions ask of somebody in a sequence. */
export async function readKnown(
  { store, clock }: Pick<PeopleContext, 'store' | 'clock'>,
  person: Person,
  enrolment: Enrolment,
): Promise<KnownPerson> {
  const { enteredAt, id } = enrolment;
  const [acts, dispatches] = await Promise.all([
    store.people.listActs({ person: person.id, since: enteredAt, limit: mostActs }),
    store.people.listDispatches({ enrolment: id }),
  ]);
  const steps = new Map(dispatches.map((one) => [one.id, one.step]));
  const sent = dispatches.filter(({ sentAt }) => sentAt !== undefined);
  return {
    age: clock.now() - enteredAt,
    score: scoreAt(person, clock.now()),
    touches: sent.length,
    fields: person.fields,
    acts,
    stepOf: (dispatch) => steps.get(dispatch),
  };
}

/** What the person has asked for just now is none. */
const isTouch = (one: Dispatch) => !isConfirmation(one);

/** When the person got something in the last week, in any sequence; what is on its way counts. */
export async function readSentAt(
  { store, clock }: Pick<PeopleContext, 'store' | 'clock'>,
  person: string,
  /** A dispatch that is left out. */
  but?: string,
): Promise<Instant[]> {
  const since = clock.now() - week;
  const [sent, open] = await Promise.all([
    store.people.listDispatches({ person, sentSince: since, order: '-sentAt' }),
    store.people.listDispatches({ person, states: ['planned', 'sending', 'uncertain'] }),
  ]);
  const onTheWay = open
    .filter(({ id, sentAt }) => sentAt === undefined && id !== but)
    .filter(isTouch)
    .map(({ at }) => at);
  return [...sent.filter(isTouch).flatMap(({ sentAt }) => sentAt ?? []), ...onTheWay];
}
