import type { Sequence } from '../../core/people/sequence.ts';
import type { Problem } from '../../core/problem.ts';
import { second } from '../../core/time.ts';
import { liveStates } from '../../core/people/enrolment.ts';
import type { ReadSequences } from '../../ports/people/sequences.ts';
import type { CommandContext } from '../command.ts';
import { type Figures, figuresOf, sumStepClicks } from './list-sequences.ts';
import { readResting, type Resting } from './resting.ts';

export interface SequenceView {
  sequence: Sequence;
  figures: Figures;
  notes: Problem[];
}

export interface HeldSequence {
  id: string;
  /** Who is in it, and waits. */
  live: number;
  /** Empty: its folder is gone. */
  problems: Problem[];
}

export interface SequencesView {
  all: SequenceView[];
  held: HeldSequence[];
  resting: Resting[];
}

type Asking = Pick<CommandContext, 'store' | 'clock' | 'openPeople'>;

/** What each sequence has come to; and those that hold whoever is in them. */
export async function readSequencesView(context: Asking, id?: string): Promise<SequencesView> {
  const { people } = context.store;
  const [read, resting, enrolments, dispatches] = await Promise.all([
    readSequences(context),
    readResting(context),
    people.countEnrolments(id),
    people.countDispatches(id),
  ]);
  const isWanted = (name: string) => id === undefined || id === name;
  const wanted = read.sequences.filter((one) => isWanted(one.id));
  const clicks = await sumStepClicks(context, wanted);
  const known = new Set([...read.sequences.map((one) => one.id), ...read.broken.keys()]);
  const live = new Map<string, number>();
  for (const { sequence, state, count } of enrolments)
    if (liveStates.some((one) => one === state))
      live.set(sequence, (live.get(sequence) ?? 0) + count);
  const gone = [...live.keys()].filter((one) => !known.has(one)).sort();
  const held: [string, Problem[]][] = [
    ...read.broken,
    ...gone.map((one): [string, Problem[]] => [one, []]),
  ];
  return {
    resting,
    all: wanted.map((sequence) => ({
      sequence,
      figures: figuresOf(sequence, { enrolments, dispatches, clicks }),
      notes: read.notes.filter(({ where }) => where.startsWith(folderOf(sequence))),
    })),
    held: held
      .filter(([name]) => isWanted(name))
      .map(([name, problems]) => ({ id: name, live: live.get(name) ?? 0, problems })),
  };
}

const folderOf = ({ file }: Sequence) => file.slice(0, file.lastIndexOf('/') + 1);

const keptFor = 2 * second;
const nothing: ReadSequences = { sequences: [], broken: new Map(), notes: [] };
const kept = new WeakMap<object, { at: number; read: Promise<ReadSequences> }>();

/** Several looks within a moment are one: all files are read for it. */
export async function readSequences(context: Asking): Promise<ReadSequences> {
  const { clock, openPeople } = context;
  if (!openPeople) return nothing;
  const now = clock.monotonic();
  const last = kept.get(openPeople);
  if (last && now - last.at < keptFor) return last.read;
  const read = openPeople().then((hands) => hands.sequences.read());
  kept.set(openPeople, { at: now, read });
  read.catch(() => kept.delete(openPeople));
  return read;
}

/** Whether anything is to be shown of people at all. */
export async function hasPeople(context: Asking): Promise<boolean> {
  const [first] = await context.store.people.listPeople({ limit: 1 });
  if (first) return true;
  const { sequences, broken } = await readSequences(context);
  return sequences.length + broken.size > 0;
}
