import { randomUUID } from 'node:crypto';
import type { PersonBefore } from '../../core/journal.ts';
import type { Enrolment } from '../../core/people/enrolment.ts';
import type { Person, PersonStatus } from '../../core/people/person.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { Refusal } from '../../core/problem.ts';
import { day } from '../../core/time.ts';
import { endWithOpen } from '../../flow/people/look-at-enrolment.ts';
import type { Command, CommandContext, Reply } from '../command.ts';
import { asItWas, listLive } from './ended.ts';
import { findOne, openHands } from './people-hands.ts';

type Outcome = 'handed-over' | 'later' | 'won' | 'lost';
type Name = 'take' | 'later' | 'won' | 'lost';

/** So long a score hands nobody over again. */
const laterFor = 30 * day;

const words: Record<Outcome, string> = {
  'handed-over': 'is handed over to a human',
  later: 'is left alone for 30 days, unless they answer',
  won: 'is won',
  lost: 'is lost',
};

const lead = (name: Name, outcome: Outcome, help: string): Command => ({
  name,
  args: '<id>',
  help,
  examples: [`${name} p-7k2mq4`],
  run: (context, { args: [id] }) => setStatus(context, id, { name, outcome }),
});

export const takeLead = lead('take', 'handed-over', 'you look after this person: sequences stop');
export const later = lead('later', 'later', 'not now: nobody looks after this person for 30 days');
export const won = lead('won', 'won', 'the person has become a customer');
export const lost = lead('lost', 'lost', 'nothing will come of this person');

interface Saying {
  name: Name;
  outcome: Outcome;
}

/** Sequences end for whoever a human looks after. */
async function setStatus(
  context: CommandContext,
  given: string | undefined,
  { name, outcome }: Saying,
): Promise<Reply> {
  const { context: people } = await openHands(context);
  const person = await findOne(context, given);
  const { store, clock, by, command = randomUUID() } = context;
  const live = await listLive(context, person.id);
  const after = toAfter(person, outcome, { by, now: clock.now() });
  const json = { person: person.id, status: after.status };
  const told = `${person.id} ${words[outcome]}`;
  const done = whyDone(person, outcome);
  if (done !== undefined && live.length === 0) return { text: `${told} already${done}.`, json };
  // Who wants nothing more stays so, whatever becomes of the lead.
  const isStopped = person.status === 'stopped';
  if (!isStopped && !(await store.people.changePerson(person, after)))
    throw new Refusal(`${person.id} is being changed just now: try again`);
  const ended = outcome === 'later' ? [] : live;
  const end = { as: 'handed-over', why: `${name}, said by ${by}` } as const;
  for (const enrolment of ended) await endWithOpen(people, enrolment, end);
  const text = `${told} now${isStopped ? ', and stays stopped' : ''}`;
  const before = toBefore(person, { ended, set: isStopped ? undefined : after.status });
  const said = { command, verb: name, before: [], person: before };
  await store.appendJournal([
    {
      id: `${person.id}:${name}:${command}`,
      at: clock.now(),
      type: 'handed-over',
      by,
      person: person.id,
      text,
      data: { ...said, status: outcome, isTaken: true },
    },
  ]);
  return { text: `${text}.`, json };
}

/** What takes it back. */
const toBefore = (
  { id, status, takenBy, laterUntil }: Person,
  { ended, set }: { ended: readonly Enrolment[]; set: PersonStatus | undefined },
): PersonBefore =>
  pickDefined({
    id,
    status: set && status,
    set,
    takenBy,
    laterUntil,
    ended: ended.map(asItWas),
  });

const statusAfter: Record<Outcome, PersonStatus> = {
  'handed-over': 'handed-over',
  later: 'active',
  won: 'won',
  lost: 'lost',
};

function toAfter(
  { takenBy: _takenBy, laterUntil: _later, ...person }: Person,
  outcome: Outcome,
  { by, now }: { by: string; now: number },
): Person {
  return pickDefined({
    ...person,
    status: statusAfter[outcome],
    takenBy: outcome === 'handed-over' ? by : undefined,
    laterUntil: outcome === 'later' ? now + laterFor : undefined,
  });
}

/** Said twice, by two people or by one, is told once. Undefined: it is not so yet. */
function whyDone({ status, takenBy, laterUntil }: Person, outcome: Outcome): string | undefined {
  if (status !== statusAfter[outcome]) return undefined;
  if (outcome === 'later') return laterUntil === undefined ? undefined : '';
  if (outcome !== 'handed-over') return '';
  return takenBy === undefined ? undefined : `, to ${takenBy}`;
}
