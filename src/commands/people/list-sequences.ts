import type { DispatchState } from '../../core/people/dispatch.ts';
import type { EnrolmentState } from '../../core/people/enrolment.ts';
import { type Effect, effectOf } from '../../core/people/holdout-effect.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Sequence } from '../../core/people/sequence.ts';
import { stepKey } from '../../core/clicks/step-click.ts';
import { plural } from '../../core/plural.ts';
import { formatProblem } from '../../core/problem.ts';
import { formatDuration } from '../../core/time.ts';
import type { DispatchCount, EnrolmentCount } from '../../ports/people/people-store.ts';
import type { ClickSum } from '../../ports/store.ts';
import type { Command, CommandContext } from '../command.ts';
import { findSequence, openHands } from './people-hands.ts';
import { readResting, tellResting } from './resting.ts';

export const sequences: Command = {
  name: 'sequences',
  args: '[name]',
  help: 'series for single people: who entered, where they are, what came of it',
  examples: ['sequences', 'sequences welcome'],
  async run(context, { args: [id] }) {
    const hands = await openHands(context);
    const { people } = context.store;
    const wanted = id === undefined ? hands.read.sequences : [findSequence(hands, id)];
    const [enrolments, dispatches, clicks] = await Promise.all([
      people.countEnrolments(id),
      people.countDispatches(id),
      sumStepClicks(context, wanted),
    ]);
    const all = wanted.map((one) => figuresOf(one, { enrolments, dispatches, clicks }));
    const broken = id === undefined ? [...hands.read.broken] : [];
    const resting = await readResting(context);
    const text = [
      ...resting.map((one) => `! ${tellResting(one, context.settings.zone)}`),
      ...all.map(id === undefined ? tellShort : tellLong),
      ...broken.map(([name, [first]]) => `${name}  on hold: ${first ? formatProblem(first) : ''}`),
      ...(all.length + broken.length === 0 ? [none] : []),
    ].join('\n');
    return { text, json: id === undefined ? all : all[0] };
  },
};

const none = 'There are no sequences. A folder below posts/ with a _sequence.yaml is one';

export interface Figures {
  id: string;
  title: string;
  entered: number;
  live: number;
  reached: number;
  finished: number;
  left: number;
  stopped: number;
  holdout: number;
  /** Absent: there is no holdout, or there are too few to tell. */
  effect?: Effect;
  steps: {
    id: string;
    subject?: string;
    wait: string;
    states: Partial<Record<DispatchState, number>>;
    /** Absent: none was opened so far, or none is counted. */
    clicks?: StepClicks;
  }[];
}

/** How often links of a step were opened. */
export interface StepClicks {
  /** People: in how many of the messages. */
  people: number;
  /** Links an hour, by whoever may be people or machines, and by machines. */
  unsure: number;
  machines: number;
}

export interface Counts {
  enrolments: readonly EnrolmentCount[];
  dispatches: readonly DispatchCount[];
  clicks: readonly ClickSum[];
}

/** Of all steps of these, in one question. */
export const sumStepClicks = (
  { store }: Pick<CommandContext, 'store'>,
  all: readonly Sequence[],
): Promise<ClickSum[]> =>
  store.sumClicks(
    all.flatMap(({ id: sequence, steps }) =>
      steps.map(({ id: step }) => stepKey({ sequence, step })),
    ),
  );

const clickFields = { person: 'people', unsure: 'unsure', machine: 'machines' } as const;

function clicksOf(key: string, all: readonly ClickSum[]): StepClicks | undefined {
  const own = all.filter(({ delivery }) => delivery === key);
  if (own.length === 0) return undefined;
  const clicks = { people: 0, unsure: 0, machines: 0 };
  for (const { kind, count } of own) clicks[clickFields[kind]] += count;
  return clicks;
}

export function figuresOf(sequence: Sequence, { enrolments, dispatches, clicks }: Counts): Figures {
  const own = enrolments.filter((one) => one.sequence === sequence.id);
  const count = (isHoldout: boolean, ...states: EnrolmentState[]) =>
    own
      .filter(
        (one) => one.isHoldout === isHoldout && (!states.length || states.includes(one.state)),
      )
      .reduce((sum, one) => sum + one.count, 0);
  const effect = effectOf(
    { people: count(false), reached: count(false, 'reached') },
    { people: count(true), reached: count(true, 'reached') },
  );
  return {
    id: sequence.id,
    title: sequence.title,
    entered: count(false),
    live: count(false, 'active', 'waiting'),
    reached: count(false, 'reached'),
    finished: count(false, 'finished'),
    left: count(false, 'left', 'handed-over'),
    stopped: count(false, 'stopped'),
    holdout: count(true),
    ...(effect ? { effect } : {}),
    steps: sequence.steps.map((step) => {
      const { id, subject, waitFor } = step;
      const states = dispatches.filter((one) => one.sequence === sequence.id && one.step === id);
      return pickDefined({
        id,
        subject,
        wait: formatDuration(waitFor),
        states: Object.fromEntries(states.map((one) => [one.state, one.count])),
        clicks: clicksOf(stepKey({ sequence: sequence.id, step: id }), clicks),
      });
    }),
  };
}

function tellShort(one: Figures): string {
  const counts = [
    `${plural(one.entered, 'person', 'people')} entered`,
    `${one.live} in it`,
    `${one.reached} reached the goal`,
    `${one.finished} finished`,
    `${one.left} left`,
    `${one.stopped} stopped`,
  ];
  return `${one.id}  ${one.title}: ${counts.join(', ')}`;
}

function tellLong(one: Figures): string {
  const steps = one.steps.map((step) => {
    const states = Object.entries(step.states).map(([state, count]) => `${count} ${state}`);
    const wait = step.wait === '0s' ? 'at once' : `after ${step.wait}`;
    const all = [...states, ...(step.clicks ? [tellClicks(step.clicks)] : [])];
    return `  ${step.id}  ${wait}: ${all.join(', ') || 'nobody yet'}`;
  });
  return [tellShort(one), ...steps, tellHoldout(one)].filter(Boolean).join('\n');
}

/** Machines are named only where they are something to know. */
export function tellClicks({ people, unsure, machines }: StepClicks): string {
  const others = [
    ...(unsure > 0 ? [`${plural(unsure, 'link')} by people or machines`] : []),
    ...(machines > 0 ? [`${machines} by machines`] : []),
  ];
  return `${people} clicked${others.length > 0 ? ` (not counted: ${others.join(', ')})` : ''}`;
}

function tellHoldout({ holdout, effect }: Figures): string {
  if (holdout === 0) return '';
  if (!effect) return `  holdout: ${holdout}, too few to tell what the sequence adds`;
  const points = (share: number) => `${Math.round(share * 1000) / 10}`;
  const range = `between ${points(effect.low)} and ${points(effect.high)}`;
  return `  holdout: ${holdout}; the sequence adds ${points(effect.difference)} points, ${range}`;
}
