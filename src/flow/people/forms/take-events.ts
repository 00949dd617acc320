import type { Act } from '../../../core/people/act.ts';
import { keyOfAddress, type Person } from '../../../core/people/person.ts';
import type { ToldEvent } from '../../../core/people/forms/told-event.ts';
import { pickDefined } from '../../../core/pick-defined.ts';
import { enter } from '../enter.ts';
import type { PeopleContext } from '../people-context.ts';
import { takeActs } from '../take-acts.ts';

/** Older ones of a person are not looked through for an id that was told again. */
const mostActs = 2000;
const atOnce = 20;

type Known = ToldEvent & { who: Person };

/**
 * Takes in what a shop tells, in whatever order and however often. Returns the ids of events whose
 * person is not known: they have no effect, and may be told again later.
 */
export async function takeEvents(
  context: PeopleContext,
  told: readonly ToldEvent[],
): Promise<string[]> {
  const events = [...new Map(told.toReversed().map((one) => [one.id, one])).values()].toReversed();
  const found = await findPeople(context, events);
  const known = events.flatMap((one) => {
    const who = found.get(keyOf(one));
    return who ? [{ ...one, who }] : [];
  });
  const begins = new Set(startsOf(context).map(({ event }) => event));
  // What ends a sequence is known before it begins; what begins one is noted when it has begun, so
  // that it is begun by the next telling where this one is interrupted.
  const isStart = ({ event }: ToldEvent) => begins.has(event);
  await takeActs(
    context,
    toActs(
      context,
      known.filter((one) => !isStart(one)),
    ),
  );
  const starting = known.filter(isStart);
  for (const one of starting) await begin(context, one);
  await takeActs(context, toActs(context, starting));
  return events.filter((one) => !found.has(keyOf(one))).map(({ id }) => id);
}

const keyOf = ({ person }: ToldEvent): string =>
  'mail' in person ? keyOfAddress({ medium: 'mail', value: person.mail }) : `id ${person.id}`;

async function findPeople(
  { store }: PeopleContext,
  events: readonly ToldEvent[],
): Promise<Map<string, Person>> {
  const wanted = [...new Map(events.map((one) => [keyOf(one), one.person]))];
  const found = new Map<string, Person>();
  for (let from = 0; from < wanted.length; from += atOnce)
    await Promise.all(
      wanted.slice(from, from + atOnce).map(async ([key, person]) => {
        const who =
          'mail' in person
            ? await store.people.findPersonByAddress(key)
            : await store.people.findPerson(person.id);
        if (who) found.set(key, who);
      }),
    );
  return found;
}

const startsOf = ({ sequences }: PeopleContext) =>
  [...sequences.values()].flatMap((sequence) =>
    sequence.start.flatMap((one) =>
      one.by === 'event' ? [{ sequence, event: one.event, waitFor: one.waitFor }] : [],
    ),
  );

async function begin(context: PeopleContext, told: Known): Promise<void> {
  const { store, clock } = context;
  const { who, event } = told;
  const [act] = toActs(context, [told]);
  const acts = await store.people.listActs({ person: who.id, limit: mostActs });
  if (acts.some(({ id }) => id === act?.id)) return;
  for (const { sequence, event: starts, waitFor } of startsOf(context)) {
    if (starts !== event) continue;
    const at = act?.at ?? clock.now();
    await enter(context, { person: who, sequence, by: 'event', waitFor, at });
  }
}

function toActs({ clock }: PeopleContext, events: readonly Known[]): Act[] {
  const now = clock.now();
  return events.map(({ id, who, event, at = now, data }) =>
    pickDefined({
      id: `told:${id}`,
      person: who.id,
      kind: event === 'bought' ? ('bought' as const) : ('event' as const),
      at: Math.min(at, now),
      name: event === 'bought' ? undefined : event,
      words: data && JSON.stringify(data),
    }),
  );
}
