import { learnHours } from '../../src/core/pacing/lesson.ts';
import { type AudiencePlace, priorCurve } from '../../src/core/pacing/prior.ts';
import { networks } from '../../src/core/network/network.ts';
import { weekSteps } from './audience.ts';
import { zone } from './calendar.ts';
import { bandits } from './bandits.ts';
import { calendars } from './calendars.ts';
import { learnKernels } from './kernel-gamma.ts';
import { planWeek } from './planner.ts';
import type { Known, Policy } from './simulate.ts';
import type { World } from './world.ts';

export const accounts = networks.map((network) => ({ id: network, network }));

/** The product, with what was said of the audience at set-up. */
function dripline(place: AudiencePlace, probes = 0) {
  return (world: World): Policy => {
    const prior = priorCurve(place);
    return (known) => {
      const [posts, ages] = [known.observed(), known.ages()];
      const models = learnHours({ accounts, posts, zone, now: known.now, audience: place, ages });
      const scoresOf = (channel: string) => models[channel]?.scores ?? prior;
      return scheduleAll(world, known, { scoresOf, probes });
    };
  };
}

/** The reference learner, with the same planner and the same prior, which it believes wholly. */
function kernelGamma(place: AudiencePlace, probes = 0) {
  return (world: World): Policy => {
    const prior = priorCurve(place);
    return (known) => {
      const scores = learnKernels({ accounts, posts: known.observed(), now: known.now, prior });
      return scheduleAll(world, known, { scoresOf: (channel) => scores[channel] ?? prior, probes });
    };
  };
}

/** What is usual everywhere, and nothing learned. */
const priorOnly =
  (world: World): Policy =>
  (known) =>
    scheduleAll(world, known, { scoresOf: () => priorCurve('mostly-here') });

/** Knows what each moment is worth now; the same planner, so it is not a strict maximum. */
const oracle = (world: World): Policy => {
  const scores = new Map(
    world.channels.map(({ id, before, after }): [string, [number[], number[]]] => [
      id,
      [toScores(before), toScores(after)],
    ]),
  );
  return (known) => {
    const which = known.week >= world.changeWeek ? 1 : 0;
    return scheduleAll(world, known, { scoresOf: (id) => scores.get(id)?.[which] ?? [] });
  };
};

/** The mean around the middle of each hour. */
function toScores(values: Float64Array): number[] {
  const perHour = weekSteps / 168;
  return Array.from({ length: 168 }, (_, hour) =>
    Math.log(
      values.subarray(hour * perHour, (hour + 1) * perHour).reduce((sum, one) => sum + one, 0) /
        perHour,
    ),
  );
}

interface Planning {
  scoresOf: (channel: string) => readonly number[];
  probes?: number;
}

export function scheduleAll(
  world: World,
  { week, releases }: Known,
  { scoresOf, probes = 0 }: Planning,
) {
  return world.channels.map(({ id }, c) =>
    planWeek({
      scores: scoresOf(id),
      week,
      earlier: releases[c] ?? [],
      seed: `${world.seed} ${id}`,
      probes,
    }),
  );
}

export const policies: Record<string, (world: World) => Policy> = {
  'fixed slots 9/14/19': calendars.fixed,
  'weekday 9/16': calendars.weekday,
  heatmap: bandits.heatmap,
  'prior only': priorOnly,
  Dripline: dripline('mostly-here'),
  'Dripline, flat prior': dripline('worldwide'),
  'Dripline, prior wrong by 9 h, 10 % probes': dripline(9, 0.1),
  'kernel-gamma': kernelGamma('mostly-here'),
  'kernel-gamma, flat prior': kernelGamma('worldwide'),
  'kernel-gamma, prior wrong by 9 h, 10 % probes': kernelGamma(9, 0.1),
  oracle,
  random: bandits.random,
  even: calendars.even,
  'epsilon-greedy': bandits.epsilonGreedy,
  'Thompson, hour': bandits.thompsonHour,
  'Thompson, 168': bandits.thompson168,
  'RedQueen-like': bandits.redQueen,
};
