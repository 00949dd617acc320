import type { Consent } from '../../core/people/consent.ts';
import type { Person } from '../../core/people/person.ts';
import type { Sequence } from '../../core/people/sequence.ts';
import { enterNew } from '../../flow/people/enter.ts';
import type { PeopleContext } from '../../flow/people/people-context.ts';

interface Newcomer {
  person: Person;
  consents: Consent[];
  /** Of the addresses. */
  keys: string[];
}

/** People of a list whom nobody knows yet. */
export interface Newcomers {
  /** Whether one of the addresses is among them, and is not written yet. */
  has(keys: readonly string[]): boolean;
  add(one: Newcomer): Promise<void>;
  flush(): Promise<void>;
}

interface Into {
  sequence: Sequence | undefined;
  report: { isDry: boolean; enrolled: number; stopped: number };
}

const atOnce = 500;

/**
 * Written in batches: one by one, with a durable write for each, a hundred thousand take half an
 * hour. Cut off in between, a second run does the rest.
 */
export function openNewcomers(context: PeopleContext, into: Into): Newcomers {
  let waiting: Newcomer[] = [];
  const keys = new Set<string>();
  const flush = async () => {
    // Of a dry run all are remembered: the store does not tell that they were there before.
    if (into.report.isDry || waiting.length === 0) return;
    const all = waiting;
    waiting = [];
    keys.clear();
    await write(context, all, into);
  };
  return {
    has: (wanted) => wanted.some((key) => keys.has(key)),
    async add(one) {
      for (const key of one.keys) keys.add(key);
      if (into.report.isDry) return into.sequence && countDry(context, one, into);
      waiting.push(one);
      if (waiting.length >= atOnce) await flush();
    },
    flush,
  };
}

/** What the real run would say. */
async function countDry(
  { store, hashOf }: PeopleContext,
  { keys }: Newcomer,
  { report }: Into,
): Promise<void> {
  const stops = await store.people.listSuppressions(keys.map(hashOf));
  if (stops.length > 0) report.stopped += 1;
  else report.enrolled += 1;
}

async function write(context: PeopleContext, all: readonly Newcomer[], into: Into): Promise<void> {
  const { people } = context.store;
  const persons = all.map(({ person }) => person);
  await people.addRecords('person', persons);
  // Another program may have been faster: nothing is kept of who is not there.
  const consents = all.flatMap((one) => one.consents);
  await people.addRecords('consent', consents);
  if (into.sequence) await enterAll(context, all, { ...into, sequence: into.sequence });
}

/** Who has said stop to some sequence is added, and enters none. */
async function enterAll(
  context: PeopleContext,
  all: readonly Newcomer[],
  { sequence, report }: Into & { sequence: Sequence },
): Promise<void> {
  const { people } = context.store;
  const found = await people.findPersons(all.map(({ person }) => person.id));
  const there = new Set(found.map(({ id }) => id));
  const byHash = new Map(all.flatMap((one) => one.keys.map((key) => [context.hashOf(key), one])));
  const stops = await people.listSuppressions([...byHash.keys()]);
  const stopped = new Set(stops.map(({ hash }) => byHash.get(hash)));
  const free = all.filter((one) => there.has(one.person.id) && !stopped.has(one));
  const persons = free.map(({ person }) => person);
  await enterNew(context, persons, { sequence, by: 'import' });
  report.enrolled += free.length;
  report.stopped += stopped.size;
}
