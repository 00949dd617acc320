import { cancelledDispatch, revivedDispatch } from '../../core/people/dispatch.ts';
import { everything } from '../../core/people/consent.ts';
import { isLive } from '../../core/people/enrolment.ts';
import type { PersonBefore } from '../../core/journal.ts';
import { keyOfAddress, type Person } from '../../core/people/person.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { Refusal } from '../../core/problem.ts';
import type { CommandContext } from '../command.ts';
import { openHands } from './people-hands.ts';

/**
 * What a command said about somebody is as it was before, where nothing else has happened since.
 * A message that went out is out; one that was taken back before anything of it was handed over
 * waits again.
 */
export async function undoPerson(
  context: CommandContext,
  { verb, person: before }: { verb: string; person: PersonBefore },
): Promise<void> {
  const { store } = context;
  const person = await store.people.findPerson(before.id);
  if (!person) throw new Refusal(`\`${verb}\` cannot be taken back: ${before.id} was forgotten`);
  if (before.entered !== undefined) return takeOut(context, before.entered);
  if (before.set !== undefined && person.status !== before.set)
    throw new Refusal(`\`${verb}\` cannot be taken back: ${person.id} is ${person.status} by now`);
  if (before.stop) {
    await endStop(context, person, before.stop);
    if (await isStoppedStill(context, person)) {
      const why = 'stays stopped, since the person has said so or a mail came back';
      throw new Refusal(`your stop was taken back, and ${person.id} ${why}`);
    }
  }
  await restoreStatus(context, person, before);
  for (const one of before.ended ?? []) await revive(context, one);
}

async function restoreStatus(
  { store }: CommandContext,
  person: Person,
  { status, takenBy, laterUntil }: PersonBefore,
): Promise<void> {
  if (status === undefined) return;
  const { takenBy: _takenBy, laterUntil: _later, ...rest } = person;
  const after = pickDefined({ ...rest, status, takenBy, laterUntil });
  if (!(await store.people.changePerson(person, after)))
    throw new Refusal(`${person.id} is being changed just now: try again`);
}

/** Only what this command has written: a stop of the person's own is not touched. */
async function endStop(
  context: CommandContext,
  person: Person,
  { purpose, at }: NonNullable<PersonBefore['stop']>,
): Promise<void> {
  const { context: people } = await openHands(context);
  const hashes = person.addresses.map(keyOfAddress).map(people.hashOf);
  await context.store.people.removeSuppressions(
    hashes.map((hash) => ({ hash, purpose, at, because: 'operator' })),
  );
}

async function isStoppedStill(context: CommandContext, person: Person): Promise<boolean> {
  const { context: people } = await openHands(context);
  const hashes = person.addresses.map(keyOfAddress).map(people.hashOf);
  const stops = await context.store.people.listSuppressions(hashes);
  return stops.some(({ purpose }) => purpose === everything);
}

/** Back on its way, with what was to be sent next. Where the person has entered again it is not. */
async function revive(
  { store, clock }: CommandContext,
  { id, state, nextAt }: NonNullable<PersonBefore['ended']>[number],
): Promise<void> {
  const before = await store.people.findEnrolment(id);
  if (!before || isLive(before)) return;
  const { endedAt: _ended, nextAt: _next, ...rest } = before;
  const cancelled = await store.people.listDispatches({ enrolment: id, states: ['cancelled'] });
  const open = cancelled.find(
    ({ step, intent }) => !before.done.includes(step) && intent?.sendingAt === undefined,
  );
  const why = open ? `${open.step} is on its way` : 'it goes on: its end was taken back';
  await store.people.change({
    enrolment: {
      before,
      after: pickDefined({
        ...rest,
        state,
        why,
        nextAt: open ? undefined : (nextAt ?? clock.now()),
      }),
    },
    ...(open ? { dispatch: { before: open, after: revivedDispatch(open, clock.now()) } } : {}),
  });
}

/** As if it had not been entered, while nothing was sent. */
async function takeOut({ store, clock, by }: CommandContext, id: string): Promise<void> {
  const before = await store.people.findEnrolment(id);
  if (!before || !isLive(before))
    throw new Refusal(`\`enrol\` cannot be taken back: the sequence has ended for the person`);
  const dispatches = await store.people.listDispatches({ enrolment: id });
  const gone = dispatches.find(({ state }) => !['planned', 'held', 'cancelled'].includes(state));
  if (gone || before.done.length > 0)
    throw new Refusal(
      `\`enrol\` cannot be taken back: a message has gone out. Say \`stop ${before.person} ` +
        `${before.sequence}\` so that nothing follows`,
    );
  const open = dispatches.find(({ state }) => state !== 'cancelled');
  const why = `${by} took it back`;
  const { nextAt: _next, ...rest } = before;
  const isDone = await store.people.change({
    enrolment: {
      before,
      after: { ...rest, state: 'left', why, endedAt: clock.now(), isTakenBack: true },
    },
    ...(open ? { dispatch: { before: open, after: cancelledDispatch(open, why) } } : {}),
  });
  if (!isDone) throw new Refusal(`${before.person} is being written to just now: try again`);
}
