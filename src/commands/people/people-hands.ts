import type { Person } from '../../core/people/person.ts';
import type { Sequence } from '../../core/people/sequence.ts';
import { Refusal } from '../../core/problem.ts';
import { didYouMean } from '../../core/text/suggest.ts';
import type { PeopleContext } from '../../flow/people/people-context.ts';
import type { ReadSequences } from '../../ports/people/sequences.ts';
import { type CommandContext, WrongUsage } from '../command.ts';

export interface Hands {
  context: PeopleContext;
  read: ReadSequences;
}

/**
 * The verbs of sequences, beside the service: what is wanted is written to the store, and the
 * service does what follows.
 */
export async function openHands(context: CommandContext): Promise<Hands> {
  const hands = await context.openPeople?.();
  if (!hands) throw new Refusal('there are no sequences for people here');
  const { store, clock, settings } = context;
  const read = await hands.sequences.read();
  return {
    read,
    context: {
      store,
      clock,
      alarms: { set: async () => undefined },
      settings: { zone: settings.zone, people: hands.settings },
      sequences: new Map(read.sequences.map((one) => [one.id, one])),
      transports: new Map(),
      hashOf: hands.hashOf,
      claimFor: 0,
      worker: context.by,
      log: { warn: () => undefined },
    },
  };
}

/** By id, or by a mail address. */
export async function findOne(
  { store }: Pick<CommandContext, 'store'>,
  id: string | undefined,
): Promise<Person> {
  if (!id) throw new WrongUsage('an ID is missing, such as p-7k2mq4. `people` lists them');
  const key = id.includes('@') ? `mail:${id.trim().normalize('NFC').toLowerCase()}` : undefined;
  const person =
    key === undefined
      ? await store.people.findPerson(id)
      : await store.people.findPersonByAddress(key);
  if (person) return person;
  throw new Refusal(`there is nobody with the id "${id.slice(0, 80)}": \`people\` lists everybody`);
}

export function findSequence({ read }: Hands, id: string | undefined): Sequence {
  const known = read.sequences.map((one) => one.id);
  if (!id) throw new WrongUsage('the name of a sequence is missing. `sequences` lists them');
  const found = read.sequences.find((one) => one.id === id);
  if (found) return found;
  if (read.broken.has(id)) throw new Refusal(`the sequence "${id}" cannot be read: run \`check\``);
  throw new Refusal(`there is no sequence "${id}": ${didYouMean(id, known)}`);
}
