import { randomUUID } from 'node:crypto';
import { isLive } from '../../core/people/enrolment.ts';
import { everything } from '../../core/people/consent.ts';
import { Refusal } from '../../core/problem.ts';
import { enter } from '../../flow/people/enter.ts';
import { endWithOpen } from '../../flow/people/look-at-enrolment.ts';
import { stopPerson } from '../../flow/people/stop-person.ts';
import { nudge } from '../../flow/facts.ts';
import type { Command, CommandContext, Reply } from '../command.ts';
import { findOne, findSequence, type Hands, openHands } from './people-hands.ts';

export const stop: Command = {
  name: 'stop',
  args: '<id> [sequence]',
  help: 'write to a person no more, or not in this sequence',
  examples: ['stop p-7k2mq4', 'stop p-7k2mq4 welcome'],
  async run(context, { args: [id, name] }) {
    const hands = await openHands(context);
    const person = await findOne(context, id);
    const purpose =
      name === undefined ? everything : await purposeOf(hands, { person: person.id, name });
    const { by } = context;
    await stopPerson(hands.context, { person, purpose, because: 'operator', by });
    await nudge(context.store);
    const what = purpose === everything ? 'gets nothing more' : `gets nothing more of ${purpose}`;
    return { text: `${person.id} ${what}.`, json: { person: person.id, stopped: purpose } };
  },
};

/** Of a sequence that is gone or cannot be read too, where the person is or was in it. */
async function purposeOf(hands: Hands, { person, name }: { person: string; name: string }) {
  const query = { person, sequence: name, limit: 1 };
  const [own] = await hands.context.store.people.listEnrolments(query);
  return own?.sequence ?? findSequence(hands, name).id;
}

const whyNot = {
  'in-it': 'is in it already',
  'was-in-it': 'has been in it, and its `again` does not let people enter again',
  stopped: 'wants nothing more',
};

export const enrol: Command = {
  name: 'enrol',
  args: '<id> <sequence>',
  help: 'let a person enter a sequence',
  examples: ['enrol p-7k2mq4 welcome'],
  async run(context, { args: [id, name] }) {
    const hands = await openHands(context);
    const person = await findOne(context, id);
    const sequence = findSequence(hands, name);
    const entered = await enter(hands.context, { person, sequence, by: 'operator' });
    if (entered.is === 'not') throw new Refusal(`${person.id} ${whyNot[entered.because]}`);
    await nudge(context.store);
    const json = { person: person.id, sequence: sequence.id, enrolment: entered.enrolment.id };
    return { text: `${person.id} has entered ${sequence.id}.`, json };
  },
};

export const forget: Command = {
  name: 'forget',
  args: '<id>',
  help: 'erase a person; what was stopped stays stopped',
  examples: ['forget p-7k2mq4'],
  options: [{ name: '--yes', help: 'do not ask first' }],
  confirm: ({ args: [id = ''] }) => `Erase all that is known of ${id}? This cannot be undone.`,
  async run(context, { args: [id] }) {
    const { context: people } = await openHands(context);
    const person = await findOne(context, id);
    // The hash of the address stays: no import brings back who was forgotten.
    const { by } = context;
    await stopPerson(people, { person, purpose: everything, because: 'forgotten', by });
    await context.store.people.forgetPerson(person.id);
    const text = `${person.id} was forgotten`;
    await context.store.appendJournal([
      {
        id: `${person.id}:forgotten`,
        at: context.clock.now(),
        type: 'opted-out',
        by,
        person: person.id,
        text,
      },
    ]);
    return { text: `${text}.`, json: { person: person.id, forgotten: true } };
  },
};

type Outcome = 'handed-over' | 'won' | 'lost';

const outcomeWords: Record<Outcome, string> = {
  'handed-over': 'is handed over to a human',
  won: 'is won',
  lost: 'is lost',
};

const lead = (name: 'take' | 'won' | 'lost', status: Outcome, help: string): Command => ({
  name,
  args: '<id>',
  help,
  examples: [`${name} p-7k2mq4`],
  run: (context, { args: [id] }) => setStatus(context, id, { name, status }),
});

export const takeLead = lead('take', 'handed-over', 'you look after this person: sequences stop');
export const won = lead('won', 'won', 'the person has become a customer');
export const lost = lead('lost', 'lost', 'nothing will come of this person');

/** Sequences end for whoever a human looks after. */
async function setStatus(
  context: CommandContext,
  given: string | undefined,
  { name, status }: { name: string; status: Outcome },
): Promise<Reply> {
  const { context: people } = await openHands(context);
  const person = await findOne(context, given);
  const { store, clock, by } = context;
  const live = (await store.people.listEnrolments({ person: person.id })).filter(isLive);
  const json = { person: person.id, status };
  const told = `${person.id} ${outcomeWords[status]}`;
  // Said twice, by two people or by one, is told once.
  if (person.status === status && live.length === 0) return { text: `${told} already.`, json };
  // Who wants nothing more stays so, whatever becomes of the lead.
  const isStopped = person.status === 'stopped';
  if (!isStopped && !(await store.people.changePerson(person, { ...person, status })))
    throw new Refusal(`${person.id} is being changed just now: try again`);
  const end = { as: 'handed-over', why: `${name}, said by ${by}` } as const;
  for (const enrolment of live) await endWithOpen(people, enrolment, end);
  const text = `${told} now${isStopped ? ', and stays stopped' : ''}`;
  const id = `${person.id}:${name}:${context.command ?? randomUUID()}`;
  await store.appendJournal([
    { id, at: clock.now(), type: 'handed-over', by, person: person.id, text, data: { status } },
  ]);
  return { text: `${text}.`, json };
}
