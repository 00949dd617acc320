import { randomUUID } from 'node:crypto';
import {
  type Consent,
  everything,
  permissionFor,
  type Suppression,
} from '../../core/people/consent.ts';
import { keyOfAddress, type Person } from '../../core/people/person.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { Refusal } from '../../core/problem.ts';
import { enter } from '../../flow/people/enter.ts';
import { stopPerson } from '../../flow/people/stop-person.ts';
import { nudge } from '../../flow/facts.ts';
import type { Command, CommandContext } from '../command.ts';
import { asItWas, listLive } from './ended.ts';
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
    await stopByWord(context, hands, { person, purpose });
    await nudge(context.store);
    const what = purpose === everything ? 'gets nothing more' : `gets nothing more of ${purpose}`;
    return { text: `${person.id} ${what}.`, json: { person: person.id, stopped: purpose } };
  },
};

/**
 * What the person said, or a bounce, stays as it is: only what is not stopped yet is stopped by the
 * operator's word, so that taking it back ends no other stop.
 */
async function stopByWord(
  context: CommandContext,
  hands: Hands,
  { person, purpose }: { person: Person; purpose: string },
): Promise<void> {
  const { by, clock, store, command = randomUUID() } = context;
  const { hashOf } = hands.context;
  const keys = person.addresses.map(keyOfAddress);
  const [stops, consents] = await Promise.all([
    store.people.listSuppressions(keys.map(hashOf)),
    store.people.listConsents(person.id),
  ]);
  const addressKeys = keys.filter((key) => {
    const own = stops.filter((one) => one.hash === hashOf(key) && one.purpose === purpose);
    return !own.some((one) => stillHolds(one, { consents, key, purpose }));
  });
  const at = clock.now();
  const live = await listLive(context, person.id);
  const ended = live.filter(({ sequence }) => purpose === everything || sequence === purpose);
  const before = pickDefined({
    id: person.id,
    status: purpose === everything ? person.status : undefined,
    set: purpose === everything ? ('stopped' as const) : undefined,
    ended: ended.map(asItWas),
    stop: { purpose, at },
  });
  const said = { command, verb: 'stop', before: [], person: before };
  await stopPerson(hands.context, {
    person,
    purpose,
    because: 'operator',
    addressKeys,
    by,
    at,
    said,
  });
}

interface Holding {
  consents: readonly Consent[];
  key: string;
  purpose: string;
}

/** A consent that was confirmed after a stop has ended it. */
const stillHolds = (stop: Suppression, { consents, key: addressKey, purpose }: Holding): boolean =>
  consents.every((one) => {
    if (one.addressKey !== addressKey) return true;
    const { medium } = one;
    const found = permissionFor({ medium, addressKey, purpose }, consents, [stop]);
    return found.is === 'stopped';
  });

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
    const { by, command = randomUUID() } = context;
    const said = { by, command, verb: 'enrol' };
    const entered = await enter(hands.context, { person, sequence, by: 'operator', said });
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
