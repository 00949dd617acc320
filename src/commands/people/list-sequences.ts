import type { DispatchState } from '../../core/people/dispatch.ts';
import type { EnrolmentState } from '../../core/people/enrolment.ts';
import { type Effect, effectOf } from '../../core/people/holdout-effect.ts';
import type { Sequence } from '../../core/people/sequence.ts';
import { plural } from '../../core/plural.ts';
import { formatProblem } from '../../core/problem.ts';
import { formatDuration } from '../../core/time.ts';
import type { DispatchCount, EnrolmentCount } from '../../ports/people/people-store.ts';
import type { Command } from '../command.ts';
import { findSequence, openHands } from './people-hands.ts';

export const sequences: Command = {
  name: 'sequences',
  args: '[name]',
  help: 'series for single people: who entered, where they are, what came of it',
  examples: ['sequences', 'sequences welcome'],
  async run(context, { args: [id] }) {
    const hands = await openHands(context);
    const { people } = context.store;
    const wanted = id === undefined ? hands.read.sequences : [findSequence(hands, id)];
    const [enrolments, dispatches] = await Promise.all([
      people.countEnrolments(id),
      people.countDispatches(id),
    ]);
    const all = wanted.map((one) => figuresOf(one, enrolments, dispatches));
    const broken = id === undefined ? [...hands.read.broken] : [];
    const text = [
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
  }[];
}

export function figuresOf(
  sequence: Sequence,
  enrolments: readonly EnrolmentCount[],
  dispatches: readonly DispatchCount[],
): Figures {
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
    steps: sequence.steps.map((step) => ({
      id: step.id,
      ...(step.subject === undefined ? {} : { subject: step.subject }),
      wait: formatDuration(step.waitFor),
      states: Object.fromEntries(
        dispatches
          .filter((one) => one.sequence === sequence.id && one.step === step.id)
          .map((one) => [one.state, one.count]),
      ),
    })),
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
    return `  ${step.id}  ${wait}: ${states.join(', ') || 'nobody yet'}`;
  });
  return [tellShort(one), ...steps, tellHoldout(one)].filter(Boolean).join('\n');
}

function tellHoldout({ holdout, effect }: Figures): string {
  if (holdout === 0) return '';
  if (!effect) return `  holdout: ${holdout}, too few to tell what the sequence adds`;
  const points = (share: number) => `${Math.round(share * 1000) / 10}`;
  const range = `between ${points(effect.low)} and ${points(effect.high)}`;
  return `  holdout: ${holdout}; the sequence adds ${points(effect.difference)} points, ${range}`;
}
